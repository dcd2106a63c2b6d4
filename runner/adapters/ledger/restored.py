"""What a store that was restored from a copy cannot know: what was submitted after the copy was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from runner.adapters.ledger import schema
from runner.adapters.ledger.long_kept import restores
from runner.model.history import Restore
from runner.model.instant import SECOND, shown
from runner.model.record import Resolution
from runner.model.state import RESTORED, State

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from runner.model.instant import Instant

_LONGEST_US = 40 * 86_400 * SECOND
"""What was restored longer ago concerns no window any more: days so far back are not planned."""

_restore = restores.c
_run = schema.runs.c
_assigned = schema.assignments.c
_decision = schema.decisions.c


def all_restores(connection: Connection) -> list[Restore]:
    """Return how often this store was restored, oldest first."""
    return [Restore(*row) for row in connection.execute(select(restores).order_by(_restore.id))]


def doubt(
    connection: Connection, *, now: Instant, campaign: str | None = None, day: date | None = None
) -> int:
    """Make unknown what is planned and may have been submitted before a restore; return how many there were.

    That is all whose window was open at some time between the copy and the restore, for an edit may have
    changed when in its window it was due; but not what a person has decided to submit again since.
    `campaign` and `day` narrow it down. It is the one change that the table of changes does not hold: the
    engine itself never has reason to doubt what it has planned.
    """
    count = 0
    narrowed = [] if campaign is None else [_run.campaign == campaign]
    narrowed += [] if day is None else [_run.day == day.isoformat()]
    for restore in all_restores(connection):
        if restore.restored_at < now - _LONGEST_US:
            continue
        open_meanwhile = select(_run.id).where(
            _run.opens < restore.restored_at, _run.closes > restore.backup_at, *narrowed
        )
        decided = select(_decision.key).where(
            _decision.act == Resolution.RESUBMIT.value, _decision.applied_at >= restore.restored_at
        )
        doubted = connection.execute(
            update(schema.assignments)
            .where(_assigned.run_id.in_(open_meanwhile), schema.is_planned, _assigned.key.not_in(decided))
            .values(state=State.UNKNOWN.value, reason=_reason(restore), finished_at=now)
        )
        count += doubted.rowcount
    return count


def note_applied(connection: Connection, *, now: Instant) -> None:
    """Note that the daemon has seen to all restores."""
    connection.execute(update(restores).where(_restore.applied_at.is_(None)).values(applied_at=now))


def _reason(restore: Restore) -> str:
    of_when = shown(restore.backup_at) if restore.backup_at else "before its first day"
    return f"{RESTORED} of {of_when}; it may have been submitted since"
