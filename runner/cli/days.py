"""Take days from the command line, and write days and times for people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import click

from runner.model.instant import SECOND, moment, shown
from runner.model.texts import in_words, read_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.model.instant import Instant

ChosenDay: TypeAlias = date | timedelta
"""A day, or how far it is from today: what day it is depends on a zone that is read later."""

_WORDS = {"yesterday": timedelta(days=-1), "today": timedelta(0), "tomorrow": timedelta(days=1)}
_FIRST_YEAR = 1970
_LAST_YEAR = 9000
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class DayType(click.ParamType[ChosenDay]):
    """A day as `2026-12-24`, `today`, `tomorrow` or `yesterday`."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ChosenDay:
        """Return the day that is written; fails where there is none such."""
        word = _WORDS.get(str(value))
        if word is not None:
            return word
        try:
            day = read_date(str(value))
        except ValueError as error:
            self.fail(f"{error}, or today, tomorrow, yesterday", param, ctx)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            self.fail(f"{day} is too far away; years go from {_FIRST_YEAR} to {_LAST_YEAR}", param, ctx)
        return day


def date_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--date D` to a command, as its argument `chosen`."""
    return click.option(
        "--date",
        "chosen",
        type=DayType(),
        default="today",
        metavar="D",
        help="A day as 2026-12-24, or today (default), tomorrow, yesterday.",
    )(command)


def day_of(chosen: ChosenDay, *, now: Instant, timezone: str) -> date:
    """Return the day that was chosen, as seen from a zone."""
    if isinstance(chosen, date):
        return chosen
    return moment(now, zone=ZoneInfo(timezone)).date() + chosen


def day_in_words(day: date) -> str:
    """Return a day with its name, e.g. `Thursday 2026-12-24`."""
    return f"{_DAY_NAMES[day.weekday()]} {day}"


def clock_time(at: Instant, *, timezone: str, day: date | None = None) -> str:
    """Return the time of an instant with its offset, and with its date where that is not `day`."""
    when, _, time = shown(at - at % SECOND, zone=ZoneInfo(timezone)).partition("T")
    return time if day is not None and when == day.isoformat() else f"{when} {time}"


def age_in_words(length_us: int) -> str:
    """Return how long something took or is ago, e.g. `2h30m`; seconds count only in the first hour."""
    length = timedelta(microseconds=max(length_us, 0))
    return in_words(length if length < _HOUR else length // _MINUTE * _MINUTE)
