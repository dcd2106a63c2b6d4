"""Resolve an assignment that is unknown: what a person decides, written beside the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.ledger.decisions import decide
from runner.adapters.store_lock import in_use
from runner.app.report import has_store
from runner.errors import NotFound

if TYPE_CHECKING:
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Decision, Resolution
    from runner.model.settings import Settings


class Resolving:
    """One decision: written, and then waited for where a daemon is at work."""

    def __init__(self, settings: Settings, *, number: int, record: AssignmentRecord) -> None:
        self._settings = settings
        self._number = number
        self.record = record

    @property
    def is_awaited(self) -> bool:
        """Does a daemon of this machine work on the store, so that it will be carried out at once?"""
        return in_use(self._settings.store)

    def outcome(self) -> Decision:
        """Return the decision as it stands; raises LedgerUnavailable where the store cannot be read."""
        reader = Reader.open(self._settings.store)
        try:
            return reader.decision(self._number)
        finally:
            reader.close()


def resolve(
    settings: Settings, *, key: str, act: Resolution, owner: str, reason: str | None, now: Instant
) -> Resolving:
    """Write what a person has decided of an assignment, named by a beginning of its key.

    Raises NotFound where there is no such assignment, or it is not unknown; LedgerError where the store
    cannot be written.
    """
    if not has_store(settings):
        raise NotFound(f"there is no assignment {key!r}")
    reader = Reader.open(settings.store)
    try:
        record = reader.assignment(key)
    finally:
        reader.close()
    number = decide(settings.store, key=record.assignment.key, act=act, owner=owner, reason=reason, now=now)
    return Resolving(settings, number=number, record=record)
