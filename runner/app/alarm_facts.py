"""Look at what is wrong now: hosts, licences, files, tasks of others, and work that is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.alarms import Wrongs
from runner.model.alarm import AlarmKind
from runner.model.instant import SECOND
from runner.model.record import HostState

if TYPE_CHECKING:
    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.insight import Insight
    from runner.core.alarms import Name
    from runner.model.instant import Instant
    from runner.model.settings import NotifySettings

LATE_LOOK_US = 60 * SECOND
"""How often the ledger is asked what is late."""
MOST_LATE = 100

_KINDS = {
    HostState.UNREACHABLE: AlarmKind.HOST_DOWN,
    HostState.UNCLEAR: AlarmKind.HOST_DOWN,
    HostState.UNLICENSED: AlarmKind.LICENCE,
}


class Facts:
    """Knows what is wrong, from memory where that is enough."""

    def __init__(self, insight: Insight, *, ledger: Ledger, settings: NotifySettings) -> None:
        self._insight = insight
        self._ledger = ledger
        self._late_us = round(settings.late_after.total_seconds() * SECOND)
        self._late: dict[str, str] = {}
        self._late_looked_at: Instant | None = None

    async def wrongs(self, *, now: Instant) -> Wrongs:
        """Return what is wrong; raises LedgerUnavailable where the store cannot be read."""
        troubles: dict[Name, str] = {
            (AlarmKind.BROKEN_FILE, file): why for file, why in self._insight.broken_files().items()
        }
        unsure: set[Name] = set()
        for name, session in self._insight.sessions.items():
            kind = _KINDS.get(session.state)
            ready = session.state is HostState.READY
            if not ready:
                # That is told, and is why.
                unsure.add((AlarmKind.LATE, name))
            if kind is not None:
                troubles[kind, name] = session.detail or f"it is {session.state}"
            elif session.state is HostState.UNKNOWN:
                unsure |= {(AlarmKind.HOST_DOWN, name), (AlarmKind.LICENCE, name)}
            if not ready or session.foreign is None:
                unsure.add((AlarmKind.FOREIGN, name))
            elif session.foreign:
                count = session.foreign
                # One of ours may be among them whose request is in doubt.
                words = f"{count} that wait or run there {_are(count)} not known to be ours"
                troubles[AlarmKind.FOREIGN, name] = words
        await self._look_for_late(now=now)
        troubles |= {(AlarmKind.LATE, name): why for name, why in self._late.items()}
        return Wrongs(troubles, unsure)

    async def _look_for_late(self, *, now: Instant) -> None:
        looked_at = self._late_looked_at
        if looked_at is not None and 0 <= now - looked_at < LATE_LOOK_US:
            return
        found = {}
        for name, session in self._insight.sessions.items():
            ready = session.state is HostState.READY
            late = await self._late_on(session, now=now) if ready else None
            if late is not None:
                found[name] = late
        self._late, self._late_looked_at = found, now

    async def _late_on(self, session: HostSession, *, now: Instant) -> str | None:
        """Return what is late on a host, of all that could go; what a person has paused is not."""
        due = await self._ledger.due(session.name, now=now - self._late_us, limit=MOST_LATE)
        late = [
            record
            for record in due
            if record.run.closes > now
            and session.restraints.hold_on(campaign=record.run.campaign, host=session.name, now=now) is None
        ]
        if not late:
            return None
        count = f"{len(late)} or more" if len(due) == MOST_LATE else str(len(late))
        worst = (now - min(record.assignment.due for record in late)) // (60 * SECOND)
        campaigns = sorted({record.run.campaign for record in late})
        shown = ", ".join(campaigns[:5]) + (", ..." if len(campaigns) > 5 else "")  # noqa: PLR2004 - enough
        return f"{count} overdue by up to {worst} min, of {shown}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
