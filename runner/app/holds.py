"""Notice pauses that persons place and release beside the daemon, and tell the log of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.model.record import HoldScope, HoldTold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.restraints import Restraints
    from runner.model.instant import Instant
    from runner.model.record import Change, Event, Hold


class HoldWatch:
    """Compares the pauses in the ledger with those that the log has told of."""

    def __init__(
        self,
        restraints: Restraints,
        *,
        journal: Journal,
        sessions: Sequence[HostSession],
    ) -> None:
        self._restraints = restraints
        self._journal = journal
        self._sessions = sessions

    async def look(self, holds: Sequence[Hold], *, now: Instant) -> None:
        """Take in the ledger's pauses, tell of those that began or ended, and let go what is held no more.

        Raises:
            LedgerError: the store could not be written.
        """
        ended = [hold for hold in holds if not hold.is_in_force(now)]
        self._restraints.holds = tuple(hold for hold in holds if hold.is_in_force(now))
        changes: list[Change] = []
        for hold in holds:
            if hold.told_at is None:
                changes += [HoldTold(hold.id, now, ended=False), _told("hold.placed", hold, at=now)]
        for hold in ended:
            expired_at = hold.until if hold.released_at is None else None
            name = "hold.released" if expired_at is None else "hold.expired"
            changes += [HoldTold(hold.id, now, ended=True, expired_at=expired_at), _told(name, hold, at=now)]
        if not changes:
            return
        await self._journal.record(changes)
        for session in self._sessions:
            for hold in ended:
                if hold.scope is not HoldScope.HOST or hold.subject == session.name:
                    session.lose(hold.placed_at)
            # Also where one was placed: what comes next is no longer what the alarm was set for.
            session.due.set()


def _told(name: str, hold: Hold, *, at: Instant) -> Event:
    begins = name == "hold.placed"
    fields = {
        "campaign": hold.subject if hold.scope is HoldScope.CAMPAIGN else None,
        "host": hold.subject if hold.scope is HoldScope.HOST else None,
        "scope": hold.scope.value,
        "owner": hold.owner if begins or hold.released_by is None else hold.released_by,
        "reason": hold.reason,
        "until": hold.until if begins else None,
    }
    return event(name, at=at, **fields)
