"""How long a task takes: what completed tasks took, else what its script says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from runner.model.window import DAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from runner.model.campaign import Entry, Target
    from runner.model.record import FinishedTask

FEWEST = 3
"""From so many completed tasks on their median is believed."""

_OWN = "task_duration"

_Whose = TypeVar("_Whose")

Kind: TypeAlias = tuple[str, Any]
"""A script, and how long it was told to take: a warm-up of ten minutes says nothing of one of an hour."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds for each kind of work, by target and by host, of which enough was seen."""

    of_target: Mapping[Kind, Mapping[Target, float]]
    of_host: Mapping[Kind, Mapping[str, float]]

    def seconds(self, entry: Entry) -> Callable[[Target], float | None]:
        """Return what tells how long one task of an entry takes on a target; None where nobody knows."""
        own = entry.script_config.get(_OWN)
        kind = (entry.script_name, own)
        of_target, of_host = self.of_target.get(kind), self.of_host.get(kind, {})
        written = own if isinstance(own, int) and own > 0 else None

        def seconds(target: Target) -> float | None:
            learnt = of_target.get(target) if of_target else None
            return of_host.get(target.host, written) if learnt is None else learnt

        return seconds


NOTHING_LEARNT = Durations({}, {})


def learn(tasks: Iterable[FinishedTask]) -> Durations:
    """Return the medians of completed tasks, for each target and for each host."""
    of_target: dict[Kind, dict[Target, list[float]]] = {}
    of_host: dict[Kind, dict[str, list[float]]] = {}
    for task in tasks:
        seconds = _seconds(task)
        if seconds is not None:
            own = task.script_config.get(_OWN)
            kind = (task.script_name, own if isinstance(own, int) else None)
            of_target.setdefault(kind, {}).setdefault(task.target, []).append(seconds)
            of_host.setdefault(kind, {}).setdefault(task.target.host, []).append(seconds)
    return Durations(
        {kind: _medians(taken) for kind, taken in of_target.items()},
        {kind: _medians(taken) for kind, taken in of_host.items()},
    )


def _medians(taken: Mapping[_Whose, list[float]]) -> dict[_Whose, float]:
    return {whose: median(seconds) for whose, seconds in taken.items() if len(seconds) >= FEWEST}


def _seconds(task: FinishedTask) -> float | None:
    try:
        begun, ended = datetime.fromisoformat(task.start_time), datetime.fromisoformat(task.end_time)
        seconds = (ended - begun).total_seconds()
    except (TypeError, ValueError):  # a host may write what it likes
        return None
    # Clocks of hosts are changed, too; and what took a day did not run all the time.
    return seconds if 0 < seconds < DAY_SECONDS else None
