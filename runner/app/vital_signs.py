"""What is seen of the daemon's parts going on, and the one verdict on it: does the daemon stand still?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.standstill import Progress, standstill

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from runner.adapters.clock import Clock
    from runner.app.journal import Journal


class VitalSigns:
    """Told by the daemon's parts, asked by all who vouch for it: watchdog and `/healthz`."""

    def __init__(self, *, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        now = clock.monotonic_seconds()
        self._progress = Progress(now, now, now)
        self._loops: Sequence[asyncio.Task[None]] = ()

    def started(self, loops: Sequence[asyncio.Task[None]]) -> None:
        """Note that all loops run; one of them that ends from now on is dead."""
        self._loops = loops
        self._progress.pulse = self._progress.began = self._progress.ended = self._clock.monotonic_seconds()

    def stopping(self) -> None:
        """Note that the daemon ends, and its loops with it."""
        self._loops = ()

    def pulsed(self) -> None:
        """Note that the clock was looked at."""
        self._progress.pulse = self._clock.monotonic_seconds()

    def round_began(self) -> None:
        """Note that a round of house-keeping begins."""
        self._progress.began = self._clock.monotonic_seconds()

    def round_ended(self) -> None:
        """Note that a round of house-keeping has come to its end, the heartbeat."""
        self._progress.ended = self._clock.monotonic_seconds()

    def standstill(self) -> str | None:
        """Return what of the daemon stands still, None where all goes on; a store that fails is no such."""
        return standstill(
            self._progress,
            at=self._clock.monotonic_seconds(),
            dead=[loop.get_name() for loop in self._loops if loop.done()],
            store_trouble=self._journal.trouble is not None,
        )
