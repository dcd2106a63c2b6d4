"""Limits on what is submitted, as files say them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """What a limit counts for each of."""

    TARGET = "target"
    SCRIPT = "script"
    """A campaign's entry; in the config a script of whichever campaign."""
    CAMPAIGN = "campaign"
    HOST = "host"


class Period(StrEnum):
    """In which time a limit counts."""

    DAY = "day"
    """A day of the calendar, in the limit's zone."""
    HOUR = "hour"
    """The last 3,600 seconds."""
    GAP = "gap"
    """The time since the last one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many submissions for each of something in a period; of a gap, one."""

    bound: Bound
    period: Period
    most: int
    length_us: int
    """Of an hour or a gap; 0 for a day, whose length the zone knows."""
    timezone: str
    campaign: str | None
    """Whose own submissions count; None: those of all campaigns."""
    file: str
    words: str
    """As it stands in its file, e.g. `per_target_per_day: 10`."""
