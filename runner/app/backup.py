"""Back a store up beside its daemon, and restore it while there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.adapters.ledger.copies import copy_store, mark_restored, replace_store, store_file
from runner.adapters.store_lock import sole_user
from runner.errors import RunnerError
from runner.model.instant import moment

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.instant import Instant
    from runner.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    backup_at: Instant
    """The newest instant of which the copy surely knows; 0 where no daemon had ever used it."""
    kept_as: Path | None
    """Where the store is now that was replaced; None where there was none."""


def back_up(settings: Settings, target: Path, *, overwrite: bool) -> int:
    """Write a copy of the store; return its size in bytes.

    Raises RunnerError where the file is there and may not be overwritten, LedgerError where the store cannot
    be read, OSError where the file cannot be written.
    """
    if target.exists() and not overwrite:
        raise RunnerError(f"{target} is there already; --force overwrites it")
    if target.exists() and target.samefile(store_file(settings.store)):
        raise RunnerError(f"{target} is the store itself")
    copy_store(settings.store, target)
    return target.stat().st_size


def restore(settings: Settings, source: Path, *, owner: str, now: Instant) -> Restored:
    """Put a copy in the place of the store.

    Raises StoreInUse where a daemon works on it, LedgerError where the copy cannot be used, OSError where a
    file cannot be read or written.
    """
    file = store_file(settings.store)
    if not source.is_file():
        raise RunnerError(f"there is no backup at {source}")
    if file.exists() and source.samefile(file):
        raise RunnerError(f"{source} is the store itself")
    with sole_user(settings.store):
        there = file.exists()
        kept_as = file.with_name(f"{file.stem}-replaced-{moment(now):%Y%m%dT%H%M%SZ}{file.suffix}")
        backup_at = replace_store(settings.store, source, owner=owner, now=now, kept_as=kept_as)
    return Restored(backup_at, kept_as if there else None)


def mark(settings: Settings, *, owner: str, now: Instant) -> Restored:
    """Mark the store as restored, which was put back by other means, e.g. by those of its server.

    Raises StoreInUse where a daemon works on it, LedgerError where it cannot be used.
    """
    with sole_user(settings.store):
        return Restored(mark_restored(settings.store, owner=owner, now=now), None)
