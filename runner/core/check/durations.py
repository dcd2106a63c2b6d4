"""How long a task takes: what completed tasks took, else what its script says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.model.window import DAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.model.campaign import Entry, Target
    from runner.model.record import FinishedTask

FEWEST = 3
"""From so many completed tasks on their median is believed."""

_OWN = "task_duration"

Kind: TypeAlias = tuple[str, Any]
"""A script, and how long it was told to take: a warm-up of ten minutes says nothing of one of an hour."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds by target and by host, for each kind of work of which enough was seen."""

    of_target: Mapping[tuple[Target, Kind], float]
    of_host: Mapping[tuple[str, Kind], float]

    def seconds(self, entry: Entry, target: Target) -> float | None:
        """Return how long one task of an entry takes on a target; None where nobody knows."""
        own = entry.script_config.get(_OWN)
        kind = (entry.script_name, own)
        learnt = self.of_target.get((target, kind)) or self.of_host.get((target.host, kind))
        if learnt is not None:
            return learnt
        return own if isinstance(own, int) and own > 0 else None


NOTHING_LEARNT = Durations({}, {})


def learn(tasks: Iterable[FinishedTask]) -> Durations:
    """Return the medians of completed tasks, for each target and for each host."""
    of_target: dict[tuple[Target, Kind], list[float]] = {}
    of_host: dict[tuple[str, Kind], list[float]] = {}
    for task in tasks:
        seconds = _seconds(task)
        if seconds is not None:
            own = task.script_config.get(_OWN)
            kind = (task.script_name, own if isinstance(own, int) else None)
            of_target.setdefault((task.target, kind), []).append(seconds)
            of_host.setdefault((task.target.host, kind), []).append(seconds)
    return Durations(
        {key: median(taken) for key, taken in of_target.items() if len(taken) >= FEWEST},
        {key: median(taken) for key, taken in of_host.items() if len(taken) >= FEWEST},
    )


def _seconds(task: FinishedTask) -> float | None:
    try:
        begun, ended = datetime.fromisoformat(task.start_time), datetime.fromisoformat(task.end_time)
        seconds = (ended - begun).total_seconds()
    except (TypeError, ValueError):  # a host may write what it likes
        return None
    # Clocks of hosts are changed, too; and what took a day did not run all the time.
    return seconds if 0 < seconds < DAY_SECONDS else None
