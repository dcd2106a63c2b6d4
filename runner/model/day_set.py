"""Sets of days as files name them: dates, ranges, weekdays, days of the month, holidays, events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_KNOWN_YEAR = 2026
LAST_KNOWN_YEAR = 2045
"""Holidays and events are worked out for these years, whatever today is: the same files say the same days.

Nothing is planned while the clock shows an earlier year (`clock.unset`).
"""

DateRange: TypeAlias = tuple[date, date]
"""The first and the last day."""


@dataclass(frozen=True, slots=True)
class HolidaysOf:
    """The holidays of a country, or of a part of it, as written: `SE`, `DE-BY`."""

    code: str


@dataclass(frozen=True, slots=True)
class CalendarNamed:
    """A calendar of the config, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of a place in the known years, by their names in English."""

    days: Mapping[date, str]
    last_year: int
    """The last one of which they are known."""


@dataclass(frozen=True, slots=True)
class DaySet:
    """Days that have one name in a file; what is sorted is so to be found fast, and to be always the same."""

    label: str
    """What stands in the file, e.g. `calendar:breaks`; empty for the dates of a campaign's own `except`."""
    ranges: tuple[DateRange, ...] = ()
    """In order and apart from each other."""
    weekdays: tuple[int, ...] = ()
    """Monday is 0."""
    month_days: tuple[int, ...] = ()
    """From 1; -1 is the last day of a month."""
    named: Mapping[date, str] = field(default_factory=dict, hash=False)
    """Holidays and events, by their names."""
