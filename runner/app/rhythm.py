"""How often the daemon looks around by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Intervals of the daemon's looks; slower ones are for simulations of many days."""

    heartbeat_seconds: float = 5.0
    """How often the daemon's being alive is noted, and config files are looked at."""
    look_seconds: float = 1.0
    """How often campaign files are looked at."""
    pulse_seconds: float = 3.0
    """How often it is checked whether the machine has slept or its clock was set."""
    look_anyway_beats: int = 6
    """Every so many heartbeats everything is looked at, whether or not something asked for it."""
    probe_seconds: float = 60.0
    """How often a host that answers is asked for its licence."""


USUAL_RHYTHM = Rhythm()
