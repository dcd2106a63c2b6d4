"""A jumping loop for code with threads: its clock stands still while a thread owes an answer."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_WAIT_SECONDS = 20.0


class _PatientSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.owed: set[asyncio.Future[Any]] = set()

    def select(self, timeout: float | None = None) -> Any:
        if timeout == 0:
            return super().select(0)
        if self.owed:
            ready = super().select(_LONGEST_WAIT_SECONDS)
            assert ready, "a thread owes an answer for too long"
            return ready
        assert timeout is not None, "nothing is left to happen"
        self.seconds += timeout
        return super().select(0)


class PatientLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer once no thread is at work for it."""

    def __init__(self) -> None:
        self._patient = _PatientSelector()
        super().__init__(self._patient)

    def time(self) -> float:
        return self._patient.seconds

    def owe(self, future: asyncio.Future[Any]) -> None:
        """Stand still until a future that a thread will settle is done."""
        self._patient.owed.add(future)
        future.add_done_callback(self._patient.owed.discard)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = super().run_in_executor(executor, func, *args)
        self.owe(future)
        return future
