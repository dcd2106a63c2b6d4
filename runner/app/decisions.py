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
    from runner.model.record import Change, Decision


class DecisionWatch:
    """Notices decisions in the ledger, acts on each once, and tells the log of it."""

    def __init__(self, *, ledger: Ledger, journal: Journal, sessions: Mapping[str, HostSession]) -> None:
        self._ledger = ledger
        self._journal = journal
        self._sessions = sessions

    async def carry_out(self, decisions: Sequence[Decision], *, now: Instant) -> None:
        """Carry out what was decided and is open still.

        Raises:
            LedgerError: the store could not be read or written.
        """
        for decision in decisions:
            try:
                await self._apply(decision, now=now)
            except LedgerConflict:
                # Somebody was quicker with the assignment: the next look sees it as it is.
                continue

    async def _apply(self, decision: Decision, *, now: Instant) -> None:
        record = await self._ledger.assignment(decision.key)
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
        await self._journal.record(changes)
        if session is not None:
            session.due.set()
