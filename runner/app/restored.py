"""See to it, in a store that was restored, that nothing is submitted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.model.instant import shown
from runner.model.state import RESTORED, State

if TYPE_CHECKING:
    from runner.adapters.ledger import Ledger
    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Event


async def see_to_restores(ledger: Ledger, *, journal: Journal, now: Instant) -> None:
    """Make unknown what may have been submitted after a copy was made that is now the store, and tell it.

    Raises:
        LedgerError: the store could not be read or written.
    """
    restores = [restore for restore in await ledger.restores() if restore.applied_at is None]
    if not restores:
        return
    doubted = await ledger.doubt(now=now)
    told = [
        event(
            "store.restored",
            at=now,
            owner=restore.owner,
            backup_at=shown(restore.backup_at) if restore.backup_at else None,
            restored_at=shown(restore.restored_at),
            count=doubted,
        )
        for restore in restores
    ]
    await journal.record([*told, *doubts(await ledger.assignments(state=State.UNKNOWN), at=now)])
    await ledger.note_restores(now=now)


def doubts(records: list[AssignmentRecord], *, at: Instant) -> list[Event]:
    """Return the events of what was found to be in doubt at an instant, because the store was restored."""
    return [
        event("assignment.unknown", at=at, **about(record), state=State.UNKNOWN, reason=record.reason)
        for record in records
        if record.finished_at == at and record.reason is not None and record.reason.startswith(RESTORED)
    ]
