"""The door to signals: let them call the event loop, also where loops take none, as on Windows."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ENDING = ("SIGTERM", "SIGINT", "SIGBREAK")
"""What ends a program: of a service manager, Ctrl-C, and on Windows Ctrl-Break."""
_HANG_UP = "SIGHUP"
"""Windows has none."""


@contextmanager
def signals_heard(*, stop: Callable[[], None], hang_up: Callable[[], None]) -> Iterator[None]:
    """Call back in the running loop at signals, those that this system has, until the block ends."""
    calls = {_HANG_UP: hang_up, **dict.fromkeys(_ENDING, stop)}
    known = {
        number: call for name, call in calls.items() if (number := getattr(signal, name, None)) is not None
    }
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in known}
    try:
        for number, call in known.items():
            loop.add_signal_handler(number, call)
    except NotImplementedError:
        # Windows. The loop sleeps until something wakes it, which a call from another thread does.
        with _without_the_loops_help(known, loop=loop):
            yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            # Which leaves the system's default there, not what was there before.
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


@contextmanager
def _without_the_loops_help(
    calls: Mapping[signal.Signals, Callable[[], None]], *, loop: asyncio.AbstractEventLoop
) -> Iterator[None]:
    def hear(number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(calls[signal.Signals(number)])

    before = {number: signal.signal(number, hear) for number in calls}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
