"""Tell whether a day is in a set of days, and in which words that is said."""

from __future__ import annotations

from bisect import bisect_right
from datetime import MAXYEAR, date, timedelta
from typing import TYPE_CHECKING

from runner.model.texts import WEEKDAY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.day_set import DateRange, DaySet

_DAY = timedelta(days=1)


def why_in(days: DaySet, *, day: date) -> str | None:
    """Return a sentence that says why a day is in a set of days, None where it is not."""
    name = days.named.get(day)
    if name is not None:
        return f"{day} is {name} ({days.label})"
    if day.weekday() in days.weekdays:
        return f"{day} is a {WEEKDAY_NAMES[day.weekday()]} ({days.label})"
    found = _range_of(days.ranges, day)
    if found is not None:
        first, last = found
        where = f"in {days.label}" if days.label else "among the campaign's exceptions"
        return f"{day} is {where}" if first == last else f"{day} is {where}, {first}..{last}"
    if days.month_days and not {day.day, from_end_of_month(day)}.isdisjoint(days.month_days):
        return f"{day} is {_month_day_words(day, days)} ({days.label})"
    return None


def joined(ranges: Iterable[DateRange]) -> tuple[DateRange, ...]:
    """Return ranges in order, those that overlap as one."""
    found: list[DateRange] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def from_end_of_month(day: date) -> int:
    """Return the number of a day counted from the end of its month: -1 is the last day."""
    if (day.year, day.month) == (MAXYEAR, 12):
        return day.day - 32
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return -((following - day) // _DAY)


def _range_of(ranges: tuple[DateRange, ...], day: date) -> DateRange | None:
    at = bisect_right(ranges, day, key=lambda each: each[0]) - 1
    return ranges[at] if at >= 0 and day <= ranges[at][1] else None


def _month_day_words(day: date, days: DaySet) -> str:
    if day.day in days.month_days:
        return f"day {day.day} of its month"
    back = -from_end_of_month(day)
    return "the last day of its month" if back == 1 else f"day -{back} of its month"
