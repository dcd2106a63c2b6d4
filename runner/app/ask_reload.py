"""Ask a running daemon to look at all files now: a wish, written beside it and waited for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.ledger.decisions import ask_to_reload
from runner.adapters.store_lock import in_use
from runner.errors import NotFound
from runner.model.reload import RejectedFile, Reloaded

if TYPE_CHECKING:
    from runner.model.instant import Instant
    from runner.model.settings import Settings


class ReloadAsked:
    """One wish: written, and to be waited for."""

    def __init__(self, settings: Settings, *, number: int) -> None:
        self._settings = settings
        self._number = number

    def daemon_runs(self) -> bool:
        """Tell whether a daemon still works on the store."""
        return daemon_runs(self._settings)

    def found(self) -> Reloaded | None:
        """Return what the daemon's look has found, None before it; raises LedgerUnavailable."""
        reader = Reader.open(self._settings.store)
        try:
            outcome = reader.reload_wish(self._number).outcome
        finally:
            reader.close()
        return None if outcome is None else _reloaded(outcome)


def ask_for_reload(settings: Settings, *, owner: str, now: Instant) -> ReloadAsked:
    """Ask the daemon that works on the store to look at all files.

    Raises NotFound where none does, LedgerError where the store cannot be written.
    """
    if not daemon_runs(settings):
        raise NotFound("no daemon works on the store; it reads all files when it starts")
    return ReloadAsked(settings, number=ask_to_reload(settings.store, owner=owner, now=now))


def daemon_runs(settings: Settings) -> bool:
    """Tell whether a daemon works on the store."""
    return in_use(settings.store)


def _reloaded(outcome: str) -> Reloaded:
    told = json.loads(outcome)
    rejected = tuple(
        RejectedFile(one["file"], tuple(one["kept"]), tuple(one["problems"])) for one in told["rejected"]
    )
    return Reloaded(
        told["campaigns"], tuple(told["accepted"]), tuple(told["removed"]), rejected, unread=told["unread"]
    )
