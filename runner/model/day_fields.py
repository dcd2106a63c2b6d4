"""The types of the keys that name days: dates, ranges, days of the week and month, holidays, calendars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from runner.model import texts
from runner.model.day_set import CalendarNamed, HolidaysOf
from runner.model.document import is_null
from runner.model.fields import IDENTIFIER_PATTERN, Identifier, Whole
from runner.model.misfit import Misfit
from runner.model.reader import KIND, Reader, one_or_list, one_or_several, text_of
from runner.rules import Rule

if TYPE_CHECKING:
    from runner.model.day_set import DateRange

CALENDAR = "calendar:"
HOLIDAYS = "holidays:"

CALENDAR_PATTERN = f"^{CALENDAR}{IDENTIFIER_PATTERN.removeprefix('^')}"
_HOLIDAYS_PATTERN = f"^{HOLIDAYS}{texts.PLACE_PATTERN.removeprefix('^')}"
_PREFIXES = (CALENDAR.removesuffix(":"), HOLIDAYS.removesuffix(":"))
_CALENDAR_NAME = Identifier()


class Dates(
    Reader,
    rule=Rule.NOT_A_DATE,
    words=("date or range of dates", "dates and ranges of dates"),
    write="write a date, 2026-12-24, or a range of them, 2026-12-24..2027-01-06",
):
    """A day, or a range of days: `2026-12-24..2027-01-06`."""

    def _read(self, value: object) -> DateRange:
        return texts.read_dates(days_text(value))

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": texts.DATES_PATTERN}


class Place(
    Reader,
    rule=Rule.HOLIDAYS_UNKNOWN,
    words=("code of a country or of a part of it", "codes"),
    write="write the code of a country, with a part of it after `-`: SE, DE-BY",
):
    """A country, or a part of one, whose holidays are meant."""

    def _read(self, value: object) -> HolidaysOf:
        return HolidaysOf(texts.read_place(text_of(value).removeprefix(HOLIDAYS)))

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": texts.PLACE_PATTERN, "examples": ["SE", "DE-BY"]}


_PLACE = Place()


class Exclusion(
    Reader,
    rule=Rule.NOT_A_DATE,
    words=("date, range of dates, holidays or calendar", "dates, ranges of dates, holidays and calendars"),
    write="write a date, 2026-12-24, a range, 2026-12-24..2027-01-06, holidays:SE, or calendar:NAME",
):
    """A day, a range of days, the holidays of a country, or a calendar of the config."""

    def _read(self, value: object) -> DateRange | HolidaysOf | CalendarNamed:
        text = days_text(value)
        if text.startswith(HOLIDAYS):
            place: HolidaysOf = _PLACE.read(text)
            return place
        named = calendar_named(text)
        if named is not None:
            return named
        if text in texts.WEEKDAYS or text in texts.DAY_SETS:
            raise ValueError(f"`{text}` is no date; name the days of the week on which it runs, in `days`")
        try:
            return texts.read_dates(text)
        except ValueError as error:
            if text[:1].isalpha():
                raise ValueError(f"{error}, or holidays:SE, or calendar:NAME") from None
            raise

    def _schema(self) -> dict[str, Any]:
        pattern = f"{texts.DATES_PATTERN}|{_HOLIDAYS_PATTERN}|{CALENDAR_PATTERN}"
        return {"type": "string", "pattern": pattern, "examples": ["2026-12-24", "holidays:SE"]}


class RunDay(
    Reader,
    rule=Rule.NOT_A_WEEKDAY,
    words=("day of the week, or calendar", "days of the week and calendars"),
    write="write mon, tue, wed, thu, fri, sat, sun, weekdays, weekend, daily, or calendar:NAME",
):
    """A day of the week, several in one word, or a calendar of the config."""

    def _read(self, value: object) -> frozenset[int] | CalendarNamed:
        text = days_text(value)
        named = calendar_named(text)
        if named is not None:
            return named
        if text.startswith(HOLIDAYS):
            raise ValueError("stands in `except`, or in a calendar of the config; here write `calendar:NAME`")
        words = texts.DAY_SETS.get(text)
        return frozenset(map(texts.read_weekday, words or (text,)))

    def _schema(self) -> dict[str, Any]:
        return _or_calendar({KIND: "day", "enum": [*texts.WEEKDAYS, *texts.DAY_SETS]})


class WeekdayName(
    Reader,
    rule=Rule.NOT_A_WEEKDAY,
    words=("day of the week", "days of the week"),
    write="write mon, tue, wed, thu, fri, sat, sun, weekdays, weekend or daily",
):
    """A day of the week, or several in one word."""

    def _read(self, value: object) -> frozenset[int]:
        text = text_of(value)
        if text.startswith((CALENDAR, HOLIDAYS)):
            raise ValueError(
                "a calendar's `days` are days of the week; write mon, tue, ... or weekdays, weekend"
            )
        return frozenset(map(texts.read_weekday, texts.DAY_SETS.get(text) or (text,)))

    def _schema(self) -> dict[str, Any]:
        return {"enum": [*texts.WEEKDAYS, *texts.DAY_SETS]}


class MonthDay(
    Reader,
    rule=Rule.OUT_OF_RANGE,
    words=("day of the month", "days of the month"),
    write="write 1 to 31, or -1 for the last day of a month",
):
    """A day of the month, counted from its beginning or, below 0, from its end."""

    def _read(self, value: object) -> int:
        number: int = Whole(-31, 31).read(value)
        if number == 0:
            raise ValueError("there is no day 0; write 1 for the first day of a month, -1 for the last")
        return number

    def _schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": -31, "maximum": 31, "not": {"const": 0}}


def days_text(value: object) -> str:
    """Return the text of an item that may begin with `calendar:` or `holidays:`; raises ValueError."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, part),) = value.items()
        if key in _PREFIXES and isinstance(part, str) and part:
            raise Misfit(f"write `{key}:{part[:40]}` without the space", rule=Rule.WRONG_TYPE)
    return text_of(value)


def calendar_named(text: str) -> CalendarNamed | None:
    """Return the calendar that a text names, None where it names none; raises ValueError."""
    if not text.startswith(CALENDAR):
        return None
    try:
        return CalendarNamed(_CALENDAR_NAME.read(text.removeprefix(CALENDAR)))
    except ValueError:
        message = f"`{text[:40]}` names no calendar; write `calendar:NAME`"
        raise Misfit(message, rule=Rule.BAD_NAME) from None


def _run_days(value: object) -> object:
    if not isinstance(value, str) or is_null(value):
        return value
    return [value] if value.startswith((CALENDAR, HOLIDAYS)) else _one_word(value)


def _named_days(value: object) -> object:
    return _one_word(value) if isinstance(value, str) and not is_null(value) else value


def _one_word(text: str) -> list[str]:
    try:
        texts.expand_days(text)
    except ValueError as error:
        raise Misfit(str(error), rule=Rule.NOT_A_WEEKDAY) from None
    return [text]


@dataclass(frozen=True, slots=True)
class _DaysInAWord(
    Reader,
    rule=Rule.NOT_A_WEEKDAY,
    words=("days in one word", "days"),
    write="write weekdays, weekend or daily, or a list, e.g. [mon, wed]",
):
    """What may stand in place of a list of days; told to editors, read as a list of one."""

    calendars: bool = False

    def _schema(self) -> dict[str, Any]:
        words = {"enum": list(texts.DAY_SETS)}
        return _or_calendar(words) if self.calendars else words


def _or_calendar(words: dict[str, Any]) -> dict[str, Any]:
    calendar = {
        KIND: "calendar",
        "type": "string",
        "pattern": CALENDAR_PATTERN,
        "examples": ["calendar:NAME"],
    }
    return {"anyOf": [words, calendar]}


RunDays = Annotated[
    list[Annotated[frozenset[int] | CalendarNamed, RunDay()]] | None,
    BeforeValidator(_run_days),
    one_or_list(RunDay(), one=_DaysInAWord(calendars=True)),
]
"""On which days a campaign runs: a list, or one word for several."""

Weekdays = Annotated[
    list[Annotated[frozenset[int], WeekdayName()]] | None,
    BeforeValidator(_named_days),
    one_or_list(WeekdayName(), one=_DaysInAWord()),
]

Places = Annotated[
    list[Annotated[HolidaysOf, Place()]] | None,
    BeforeValidator(one_or_several),
    one_or_list(Place()),
]
