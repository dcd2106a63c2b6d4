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
