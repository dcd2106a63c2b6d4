"""Notice a clock that is set, or that nobody has set yet, and that the machine slept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.model.instant import EARLIEST, SECOND

if TYPE_CHECKING:
    from runner.adapters.clock import Clock
    from runner.app.journal import Journal
    from runner.model.instant import Instant

JUMP_US = 2 * SECOND
"""The wall clock and the monotonic clock may drift by so much between two looks."""


class ClockWatch:
    """Compares the clocks, which no timer does: they all follow the monotonic one."""

    def __init__(self, journal: Journal, *, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._wall, self._ticks = clock.now(), clock.monotonic_seconds()
        self._told = False

    def jumped_us(self) -> int:
        """Return by how much the clock was set, or how long the machine slept, since the last call; or 0."""
        wall, ticks = self._clock.now(), self._clock.monotonic_seconds()
        jumped_us = (wall - self._wall) - round((ticks - self._ticks) * SECOND)
        self._wall, self._ticks = wall, ticks
        return jumped_us if abs(jumped_us) > JUMP_US else 0

    def unset(self, now: Instant) -> bool:
        """Tell whether the clock cannot be right; it is told once each time.

        Nothing may be planned then, so that nothing falls due. Small computers start with such a clock,
        before the network sets it.
        """
        unset = now < EARLIEST
        if unset and not self._told:
            self._journal.note([event("clock.unset", at=now)])
        self._told = unset
        return unset
