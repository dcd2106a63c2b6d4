"""Decide whether the daemon makes progress, so that a watchdog may be told that it does (ADR 0030)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUSE_SECONDS = 300.0
"""One round of house-keeping may take so long: reading config and campaigns may each need two minutes."""
PULSE_SECONDS = 120.0
"""A look at the clock and at what persons have written may take so long."""


@dataclass(slots=True)
class Progress:
    """When each part that everything depends on was last seen to go on, in seconds of the monotonic clock."""

    pulse: float
    """The clock was looked at."""
    began: float
    """A round of house-keeping began: the scheduler has called for it."""
    ended: float
    """A round of house-keeping ended: the heartbeat is on disk, or the clock is known to be unset."""


def standstill(progress: Progress, *, at: float, dead: Sequence[str], store_trouble: bool) -> str | None:
    """Return what stands still and only a restart can help, None where all goes on.

    A store that is known not to work does not count: its disk may be full, and nothing is lost by waiting for
    space, while a restart would only end at the same store. What is asked then is that it is still tried.

    Args:
        progress: what was seen last.
        at: now, in seconds of the monotonic clock.
        dead: the names of loops that have ended although nobody has stopped them.
        store_trouble: was the last use of the store a failure, which has been told?
    """
    if dead:
        return f"ended by themselves: {', '.join(dead)}"
    if at - progress.pulse > PULSE_SECONDS:
        return f"the pulse has stood still for {at - progress.pulse:.0f} s"
    kept = progress.began if store_trouble else progress.ended
    if at - max(kept, progress.ended) > HOUSE_SECONDS:
        return f"no heartbeat for {at - progress.ended:.0f} s"
    return None
