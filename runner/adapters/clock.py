"""The one module that reads the clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from runner.model.instant import Instant


class Clock(Protocol):
    """What time it is, twice: on the wall, and on a clock that nobody sets."""

    def now(self) -> Instant:
        """Return the wall clock's instant, in microseconds since the epoch."""
        ...

    def monotonic_seconds(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> Instant:
        """Return the wall clock's instant, in microseconds since the epoch."""
        return time.time_ns() // 1_000

    def monotonic_seconds(self) -> float:
        """Return seconds of CLOCK_MONOTONIC, which stands still while the machine sleeps."""
        return time.monotonic()
