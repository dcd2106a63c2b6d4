"""Carry out what persons want to be cancelled and stopped: see to it until every assignment has met its fate.

The halt's own transaction has dropped what was planned; a host's closer deletes and stops what is on it. Here
it is watched what has become of each, told to the log, and told to the closers what has to go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.core.halts import Cancel, deepest, fate_of
from runner.errors import LedgerConflict
from runner.model.halt import Fate, FateMet, HaltDone, HaltScope, HaltTold
from runner.model.record import StateChanged
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.halt import Halt
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, Change

TOLD_AT_ONCE = 1_000
"""Dropped assignments that the log is told of in one look: more would hold up the next."""


class HaltWatch:
    """Notices halts in the ledger and sees to each until nothing of it is left to do."""

    def __init__(self, *, ledger: Ledger, journal: Journal, sessions: Mapping[str, HostSession]) -> None:
        self._ledger = ledger
        self._journal = journal
        self._sessions = sessions
        self._seen: dict[AssignmentKey, object] = {}
        """How what has to go was when its host's closer was told of it."""

    async def look(self, *, now: Instant) -> bool:
        """See to all halts for which something is left to do; tell whether there were any.

        Raises:
            LedgerError: the store could not be read or written.
        """
        halts = await self._ledger.open_halts()
        left = {halt.id: await self._ledger.left_of_halt(halt.id) for halt in halts}
        self._tell_closers(halts, left)
        for halt in halts:
            if halt.told_at is None:
                await self._begin(halt, now=now)
        for halt in halts:
            try:
                await self._go_on(halt, left[halt.id], now=now)
            except LedgerConflict:
                # Somebody was quicker with an assignment: the next look sees it as it is.
                continue
        return bool(halts)

    def _tell_closers(self, halts: Sequence[Halt], left: Mapping[int, Sequence[AssignmentRecord]]) -> None:
        """Let no request for what has to go leave any more, and let closers take back what is new to them."""
        wanted: dict[AssignmentKey, list[Halt]] = {}
        records: dict[AssignmentKey, AssignmentRecord] = {}
        for halt in halts:
            for record in left[halt.id]:
                wanted.setdefault(record.assignment.key, []).append(halt)
                records[record.assignment.key] = record
        halted: dict[str, dict[AssignmentKey, Halt]] = {name: {} for name in self._sessions}
        seen: dict[AssignmentKey, object] = {}
        for key, record in records.items():
            session = self._sessions.get(record.assignment.target.host)
            if session is None:
                continue
            furthest = deepest(wanted[key])
            halted[session.name][key] = furthest
            seen[key] = furthest.id, record.state, record.tasks
            if self._seen.get(key) != seen[key]:
                session.close.set()
        self._seen = seen
        for name, session in self._sessions.items():
            session.halted = halted[name]

    async def _begin(self, halt: Halt, *, now: Instant) -> None:
        """Drop what was planned only after the halt was given, and tell the log of it."""
        await self._ledger.drop_planned(halt, now=now)
        standing = await self._ledger.halt_standing(halt.id)
        told = event(
            "halt.placed",
            at=now,
            **_named(halt),
            dropped=standing.fates.get(Fate.DROPPED, 0),
            under_way=standing.open,
        )
        await self._journal.record([HaltTold(halt.id, now), told])

    async def _go_on(self, halt: Halt, left: Sequence[AssignmentRecord], *, now: Instant) -> None:
        changes: list[Change] = []
        dropped = await self._ledger.untold_of_halt(halt.id, limit=TOLD_AT_ONCE)
        for record in dropped:
            changes += [
                FateMet(halt.id, record.assignment.key, Fate.DROPPED, now),
                _cancelled(record, at=now),
            ]
        waits = len(dropped) == TOLD_AT_ONCE
        for record in left:
            reachable = record.assignment.target.host in self._sessions
            met = fate_of(halt, record, now=now, reachable=reachable)
            waits = waits or met is None
            if isinstance(met, Cancel):
                changes += _cancel(record, reason=met.reason, at=now)
                met = Fate.DROPPED
            if met is not None:
                changes.append(FateMet(halt.id, record.assignment.key, met, now))
        if changes:
            await self._journal.record(changes)
        if not waits:
            standing = await self._ledger.halt_standing(halt.id)
            counts = {fate.value: count for fate, count in standing.fates.items()}
            done = event("halt.done", at=now, **_named(halt), fates=counts)
            await self._journal.record([HaltDone(halt.id, now), done])


def _named(halt: Halt) -> dict[str, Any]:
    return {
        "scope": halt.scope.value,
        "depth": halt.depth.value,
        "campaign": halt.subject if halt.scope is HaltScope.CAMPAIGN else None,
        "host": halt.subject if halt.scope is HaltScope.HOST else None,
        "key": halt.subject if halt.scope is HaltScope.ASSIGNMENT else None,
        "owner": halt.owner,
        "reason": halt.reason,
    }


def _cancel(record: AssignmentRecord, *, reason: str, at: Instant) -> list[Change]:
    key = record.assignment.key
    changed = StateChanged(key, record.state, State.CANCELLED, reason=reason, finished_at=at)
    told = event("assignment.cancelled", at=at, **about(record), state=State.CANCELLED, reason=reason)
    return [changed, told]


def _cancelled(record: AssignmentRecord, *, at: Instant) -> Change:
    return event("assignment.cancelled", at=at, **about(record), state=State.CANCELLED, reason=record.reason)
