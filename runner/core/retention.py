"""What is old enough to be deleted, and how much of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from runner.model.instant import SECOND, moment

if TYPE_CHECKING:
    from runner.model.instant import Instant

SHORTEST = timedelta(days=3)
"""Whatever the config says: limits count back over a day, and a day in any zone is over after two."""

WORKED_DAYS = 3
"""Of the last so many days on which anything was submitted nothing is deleted, whatever the clock says. By
one that was ahead for an hour today would be old, and once it is put right today's work would go again."""

_LONGER = timedelta(days=2)
"""Events and plans outlive their runs, which may begin that long before they end."""

FEWEST = 100
MOST = 10_000
"""Rows that are deleted at once."""
AIM_SECONDS = 0.04
"""How long a piece may take: whoever submits meanwhile waits for it."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is deleted: runs that closed, and events that happened, before an instant; plans before a day."""

    runs: Instant
    events: Instant
    plans: date


def bounds(*, keep: timedelta, now: Instant, worked: Instant | None) -> Bounds:
    """Return what a retention means at an instant.

    Args:
        keep: the retention.
        now: the instant, by a clock that may be wrong.
        worked: when the first of the last WORKED_DAYS began; None where nothing ever was submitted.
    """
    runs = now - max(keep, SHORTEST) // _MICROSECOND
    if worked is not None:
        runs = min(runs, worked)
    events = runs - _LONGER // _MICROSECOND
    return Bounds(runs, events, moment(events, zone=UTC).date())


def next_size(size: int, *, took_us: int) -> int:
    """Return how many rows to delete next where so many have taken so long."""
    aim_us = round(AIM_SECONDS * SECOND)
    # Not at once to what would fit: a disk that was slow for a moment, or quick, may be otherwise the next.
    wanted = size * 2 if took_us * 2 < aim_us else size * aim_us // max(took_us, 1)
    return max(FEWEST, min(MOST, (size + wanted) // 2 if wanted > size else wanted))
