"""How often the daemon looks around by itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Intervals of the daemon's looks; slower ones are for simulations of many days."""

    heartbeat_seconds: float = 5.0
    """How often the daemon's being alive is noted, and config files are looked at."""
    look_seconds: float = 1.0
    """How often campaign files are looked at."""
    plan_seconds: float = 0.5
    """How long very many campaigns are planned before it is looked whether one of them was edited."""
    pulse_seconds: float = 3.0
    """How often it is checked whether the machine has slept or its clock was set."""
    wish_seconds: float = 1.0
    """How often it is looked whether a person wants something: a stop has to take effect within 2 s."""
    look_anyway_beats: int = 6
    """Every so many heartbeats everything is looked at, whether or not something asked for it."""
    probe_seconds: float = 60.0
    """How often a host that answers is asked for its licence."""


USUAL_RHYTHM = Rhythm()
_SOON = 1 / 20
"""A turn that comes in such a part of the interval is the one that was waited for: timers ring early by what
a clock cannot tell apart, which on some systems is 16 ms."""


async def next_turn(seconds: float) -> None:
    """Sleep until the next turn of an interval, about one interval later at most.

    Turns are its multiples by the loop's clock, so that all who look every second wake together: to wake
    costs more than most looks.
    """
    left = seconds - asyncio.get_running_loop().time() % seconds
    await asyncio.sleep(left if left > seconds * _SOON else left + seconds)
