"""The last question before a submission: do quiet hours, limits and pauses let its intent be written?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.core.limits import Exhausted, NotBefore, refusal
from runner.errors import LimitReached, WorkHeld, WorkWaits
from runner.model.record import Postponed, StateChanged
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Change


class Gate:
    """Lets one host's submissions through, puts them off, or skips them with the reason."""

    def __init__(self, session: HostSession, *, journal: Journal) -> None:
        self._session = session
        self._journal = journal

    async def open(self, record: AssignmentRecord, changes: Sequence[Change], *, at: Instant) -> bool:
        """Record changes with an intent; tell whether quiet hours, limits and pauses have let it through.

        Raises:
            LedgerError: the intent is not on disk, for another reason.
        """
        session = self._session
        last_moment = record.run.closes - session.timeout_us
        quiet = session.restraints.quiet(now=at, deadline_us=session.timeout_us, last_moment=last_moment)
        if quiet is not None:
            await self._keep_back(record, quiet, at=at)
            return False
        try:
            await self._journal.record(changes)
        except LimitReached as error:
            await self._keep_back(record, refusal(error.full, last_moment=last_moment), at=at)
            return False
        except WorkHeld as error:
            session.restraints.learn(error.hold)
            return False
        except WorkWaits:
            # An edit since it was looked up: it goes once what it needs is completed.
            return False
        return True

    async def _keep_back(
        self, record: AssignmentRecord, verdict: NotBefore | Exhausted, *, at: Instant
    ) -> None:
        key = record.assignment.key
        match verdict:
            case NotBefore(until, reason):
                await self._journal.record(
                    [
                        Postponed(key, until),
                        event("submission.postponed", at=at, **about(record), until=until, reason=reason),
                    ]
                )
            case Exhausted(reason=reason):
                await self._journal.record(skipped(record, reason=reason, at=at))


def skipped(record: AssignmentRecord, *, reason: str, at: Instant) -> list[Change]:
    """Return the changes by which a planned assignment is skipped."""
    told = event("assignment.skipped", at=at, **about(record), state=State.SKIPPED, reason=reason)
    change = StateChanged(record.assignment.key, State.PLANNED, State.SKIPPED, reason=reason, finished_at=at)
    return [change, told]
