"""Wrong ways to watch what was submitted, and to take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proof.planted.grafting import grafted
from runner.adapters.ledger import Ledger
from runner.app import adoption, close, host_lists, poll, retry, settle, submit, window_watch
from runner.core import observe
from runner.model.record import Outcome
from runner.model.state import State

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def number_is_identity() -> AbstractContextManager[None]:
    """Take whatever the host shows under a number for ours."""

    def believing(*_: Any, **__: Any) -> bool:
        return True

    def never(*_: Any, **__: Any) -> bool:
        return False

    ours = [(module, "is_ours", believing) for module in (observe, poll, retry, adoption)]
    return grafted(*ours, *((module, "is_another", never) for module in (observe, settle, host_lists)))


def failed_is_final() -> AbstractContextManager[None]:
    """Never look again at what has failed."""
    return grafted((poll, "_may_change", lambda record, **_: record.state is not State.FAILED))


def retry_all() -> AbstractContextManager[None]:
    """Retry everything on the host."""

    async def ask(self: Any, _failed: Any) -> tuple[Outcome, str | None]:
        await self._session.client.retry_all()
        return Outcome.ACCEPTED, None

    return grafted((retry.Retrier, "_ask", ask))


def running_withdrawn() -> AbstractContextManager[None]:
    """Delete at the window's end what runs, too."""
    pending = close._pending
    return grafted((close, "_pending", lambda record: pending(record) or close._running(record)))


def nothing_withdrawn() -> AbstractContextManager[None]:
    """Leave at the window's end what has not begun."""

    async def close_nothing(_self: Any) -> None:
        return

    return grafted((close.Closer, "close", close_nothing))


def misses_untold() -> AbstractContextManager[None]:
    """Say nothing of what was missed."""

    async def silent(*_: Any, **__: Any) -> int:
        return 0

    refuse, look = submit.Submitter._refuse, submit.Submitter._look
    passed_over = set()

    async def silent_refusal(submitter: Any, record: Any, *, becomes: State, **others: Any) -> None:
        if becomes is State.MISSED:
            passed_over.add(record.assignment.key)
        else:
            await refuse(submitter, record, becomes=becomes, **others)

    async def passing_over(submitter: Any, limit: int, **others: Any) -> Any:
        found = await look(submitter, limit, **others)
        # Whoever looked at them again and again would never get on.
        return [record for record in found if record.assignment.key not in passed_over]

    return grafted(
        (window_watch, "tell_missed", silent),
        (submit.Submitter, "_refuse", silent_refusal),
        (submit.Submitter, "_look", passing_over),
    )


def result_overwritten() -> AbstractContextManager[None]:
    """Go on looking at what has completed, and believe what is seen."""
    on_host, becomes = Ledger.on_host, observe._becomes

    async def all_of(ledger: Ledger, host: str, **others: Any) -> Any:
        completed = await ledger.assignments(state=State.COMPLETED)
        of_host = [record for record in completed if record.assignment.target.host == host]
        return [*await on_host(ledger, host, **others), *of_host[-20:]]

    def overwriting(record: Any, now: Any) -> Any:
        gone = [task for task in record.tasks if task.gone]
        if record.state is State.COMPLETED and gone:
            return observe.Progress(State.FAILED, "deleted on the host")
        return becomes(record, now)

    return grafted((Ledger, "on_host", all_of), (observe, "_becomes", overwriting))
