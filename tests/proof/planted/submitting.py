"""Wrong ways to submit."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proof.planted.grafting import grafted
from runner.adapters.tikmatrix.client import TikMatrix
from runner.app import courier, settle, submit, window_watch
from runner.app.journal import Journal
from runner.core.admit import Admitted, Refused
from runner.errors import HostRefused, HostUnclear, HostUnreached
from runner.model.record import Act, IntentClosed, IntentOpened, Outcome, StateChanged
from runner.model.state import State

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_LATE_SECONDS = 300.0
_LATE_US = 600_000_000
_GRACE_US = 1_000_000


def retry_on_timeout() -> AbstractContextManager[None]:
    """Ask once more where the answer did not come."""
    create = TikMatrix.create

    async def again(client: TikMatrix, body: bytes) -> Any:
        try:
            return await create(client, body)
        except HostUnclear:
            return await create(client, body)

    return grafted((TikMatrix, "create", again))


def internal_error_made_nothing() -> AbstractContextManager[None]:
    """Take 50001 for a promise that nothing was made."""
    create = TikMatrix.create

    async def believing(client: TikMatrix, body: bytes) -> Any:
        try:
            return await create(client, body)
        except HostUnclear as error:
            if "50001" in str(error) or "internal error" in str(error):
                raise HostUnreached(str(error), request="POST /task") from error
            raise

    return grafted((TikMatrix, "create", believing))


def timeout_is_failure() -> AbstractContextManager[None]:
    """Take an answer that did not come for a refusal."""
    create = TikMatrix.create

    async def believing(client: TikMatrix, body: bytes) -> Any:
        try:
            return await create(client, body)
        except HostUnclear as error:
            raise HostRefused(str(error), code=40001, request="POST /task") from error

    return grafted((TikMatrix, "create", believing))


def intent_after_post() -> AbstractContextManager[None]:
    """Write the intent of a create together with what became of it."""
    record, note = Journal.record, Journal.note
    held: dict[str, list[Any]] = {}

    async def record_later(journal: Journal, changes: Any) -> None:
        first = changes[0]
        if isinstance(first, IntentOpened) and first.act is Act.CREATE:
            held[first.intent_id] = list(changes)
            return
        await record(journal, changes)

    def note_both(journal: Journal, changes: Any) -> Any:
        first = changes[0]
        before = held.pop(first.intent_id, []) if isinstance(first, IntentClosed) else []
        return note(journal, [*before, *changes])

    return grafted((Journal, "record", record_later), (Journal, "note", note_both))


def answer_kept_in_memory() -> AbstractContextManager[None]:
    """Write an acceptance some minutes later."""
    note = Journal.note

    async def later(journal: Journal, changes: Any) -> None:
        await asyncio.sleep(_LATE_SECONDS)
        # A runner that has ended meanwhile has forgotten it.
        if not journal._ledger._writer._closed:
            await note(journal, changes)

    def note_later(journal: Journal, changes: Any) -> Any:
        first = changes[0]
        if isinstance(first, IntentClosed) and first.outcome is Outcome.ACCEPTED:
            return asyncio.ensure_future(later(journal, changes))
        return note(journal, changes)

    return grafted((Journal, "note", note_later))


def crash_means_not_sent() -> AbstractContextManager[None]:
    """Plan again what a crash has cut off."""
    cut_off = settle._cut_off

    def believing(record: Any, intent: Any, *, at: int) -> Any:
        if intent.act is not Act.CREATE or record.state is not State.SUBMITTING:
            return cut_off(record, intent, at=at)
        return [
            IntentClosed(intent.intent_id, Outcome.NOT_SENT, "the runner ended", at),
            StateChanged(intent.key, State.SUBMITTING, State.PLANNED),
        ]

    return grafted((settle, "_cut_off", believing))


def grace_of_one_second() -> AbstractContextManager[None]:
    """Miss what is a second late."""
    admit = submit.admit

    def impatient(times: Any, *, now: int, **others: Any) -> Any:
        if now > times.due + _GRACE_US:
            return Refused(State.MISSED, "it was late")
        return admit(times, now=now, **others)

    return grafted((submit, "admit", impatient))


def window_checked_once() -> AbstractContextManager[None]:
    """Look at the window when work is planned, not when it goes out, and late at what was missed."""
    send, tell_missed = courier.Courier.send, window_watch.tell_missed

    async def heedless(self: Any, record: Any, **others: Any) -> None:
        await send(self, replace(record, run=replace(record.run, closes=2**62)), **others)

    async def tell_late(ledger: Any, *, now: int, **others: Any) -> int:
        return await tell_missed(ledger, now=now - _LATE_US, **others)

    return grafted(
        (submit, "admit", lambda *_, **__: Admitted()),
        (courier.Courier, "send", heedless),
        (window_watch, "tell_missed", tell_late),
    )


def wrong_numbers() -> AbstractContextManager[None]:
    """Take the numbers of the host's next tasks for those of ours."""
    create = TikMatrix.create

    async def off_by_one(client: TikMatrix, body: bytes) -> Any:
        made = await create(client, body)
        return replace(made, task_ids=tuple(str(int(task_id) + 1) for task_id in made.task_ids))

    return grafted((TikMatrix, "create", off_by_one))


def no_total_deadline() -> AbstractContextManager[None]:
    """Bound the time between two pieces of an answer, and nothing else."""
    init = TikMatrix.__init__

    def unbounded(client: TikMatrix, *args: Any, **others: Any) -> None:
        init(client, *args, **others)
        client._timeout_seconds = 1e7

    return grafted((TikMatrix, "__init__", unbounded))
