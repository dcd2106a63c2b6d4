"""Settle what a stop has left in doubt: intents that were open when the runner ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.app.submit import unsettled_changes
from runner.model.record import Act, IntentClosed, Outcome, StateChanged
from runner.model.state import State

if TYPE_CHECKING:
    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.journal import Journal
    from runner.model.record import AssignmentRecord, Change, IntentRecord

_CUT_OFF = "the runner ended while the request was under way"


async def settle_open_intents(ledger: Ledger, *, journal: Journal, clock: Clock) -> int:
    """Close every open intent by what it may have done, and return how many there were.

    An open create may or may not have made tasks, so its assignment becomes unknown and nothing is repeated.
    An open retry counts as made. A delete or stop is repeated as long as the task is there.
    """
    intents = await ledger.open_intents()
    for intent in intents:
        record = await ledger.assignment(intent.key)
        await journal.record(_changes(record, intent, clock=clock))
    return len(intents)


def _changes(record: AssignmentRecord, intent: IntentRecord, *, clock: Clock) -> list[Change]:
    at = clock.now()
    closed = IntentClosed(intent.intent_id, Outcome.UNSETTLED, _CUT_OFF, at)
    if record.state is not State.SUBMITTING or intent.act in {Act.DELETE, Act.STOP}:
        return [closed]
    if intent.act is Act.CREATE:
        return unsettled_changes(
            record, intent_id=intent.intent_id, attempt=intent.attempt, detail=_CUT_OFF, at=at
        )
    return [
        closed,
        StateChanged(
            intent.key,
            State.SUBMITTING,
            State.FAILED,
            attempts=intent.attempt,
            reason=record.reason,
            finished_at=at,
        ),
        event("task.retry_failed", at=at, **about(record), attempt=intent.attempt, reason=_CUT_OFF),
    ]
