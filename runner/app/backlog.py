"""Spread what is overdue on one host after a time in which nothing could go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.core.backlog import OVERDUE_US, paced
from runner.model.record import Postponed

if TYPE_CHECKING:
    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant

MOST_AT_ONCE = 5
"""So few that are overdue are no burst, and go at once."""
MOST_READ = 100_000


async def spread_backlog(
    session: HostSession, *, ledger: Ledger, journal: Journal, held: frozenset[str], now: Instant
) -> None:
    """Give every overdue assignment of a host a later instant of its own, where time was lost."""
    lost_since, session.lost_since = session.lost_since, None
    if lost_since is None:
        return
    try:
        found = await ledger.due(session.name, now=now - OVERDUE_US, limit=MOST_READ, without=held)
        # What is handed over ahead begins when it is due: it makes no burst.
        overdue = [record for record in found if record.assignment.due <= now]
        if len(overdue) <= MOST_AT_ONCE:
            return
        postponed = [
            Postponed(
                record.assignment.key,
                paced(
                    record.assignment.key,
                    now=now,
                    last_moment=record.run.closes - session.timeout_us,
                    lost_us=now - lost_since,
                ),
            )
            for record in overdue
        ]
        until = max(each.until for each in postponed)
        told = event("backlog.spread", at=now, host=session.name, count=len(postponed), until=until)
        await journal.record([*postponed, told])
    except BaseException:
        session.lose(lost_since)
        raise
