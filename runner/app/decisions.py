"""Carry out what persons have decided of assignments that are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.core.resolve import resolve
from runner.errors import LedgerConflict
from runner.model.record import DecisionApplied, StateChanged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Change, Decision

TOGETHER = 100
"""Decisions that are carried out in one write."""
AT_ONCE = 500
"""And in one look: more would hold up the next, which may have a halt to see to."""


class DecisionWatch:
    """Notices decisions in the ledger, acts on each once, and tells the log of it."""

    def __init__(self, *, ledger: Ledger, journal: Journal, sessions: Mapping[str, HostSession]) -> None:
        self._ledger = ledger
        self._journal = journal
        self._sessions = sessions

    async def carry_out(self, decisions: Sequence[Decision], *, now: Instant) -> bool:
        """Carry out what was decided and is open still, at most AT_ONCE; tell whether that was all.

        Raises:
            LedgerError: the store could not be read or written.
        """
        for start in range(0, min(len(decisions), AT_ONCE), TOGETHER):
            some = decisions[start : start + TOGETHER]
            try:
                await self._apply(some, now=now)
            except LedgerConflict:
                # Somebody was quicker with one of them: that one waits for the next look, no other does.
                await self._apply_alone(some, now=now)
        return len(decisions) <= AT_ONCE

    async def _apply_alone(self, decisions: Sequence[Decision], *, now: Instant) -> None:
        for decision in decisions:
            try:
                await self._apply([decision], now=now)
            except LedgerConflict:
                continue

    async def _apply(self, decisions: Sequence[Decision], *, now: Instant) -> None:
        changes: list[Change] = []
        hosts: set[str] = set()
        for decision in decisions:
            record = await self._ledger.assignment(decision.key)
            changes += self._changes(decision, record, now=now)
            hosts.add(record.assignment.target.host)
        await self._journal.record(changes)
        for name in hosts & self._sessions.keys():
            self._sessions[name].due.set()

    def _changes(self, decision: Decision, record: AssignmentRecord, *, now: Instant) -> list[Change]:
        session = self._sessions.get(record.assignment.target.host)
        verdict = resolve(
            record,
            decision,
            now=now,
            deadline_us=None if session is None else session.timeout_us,
        )
        told = event(
            "decision.applied",
            at=now,
            **about(record),
            act=decision.act,
            owner=decision.owner,
            reason=decision.reason,
            outcome=verdict.words,
        )
        changes: list[Change] = [DecisionApplied(decision.id, now, verdict.words), told]
        becomes = verdict.becomes
        if becomes is not None:
            key, reason = decision.key, verdict.words
            changes += [
                StateChanged(key, record.state, becomes, reason=reason, finished_at=now),
                event(f"assignment.{becomes}", at=now, **about(record), state=becomes, reason=reason),
            ]
        return changes
