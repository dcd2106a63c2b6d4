"""Read the texts that files are written with: times, windows, durations, dates.

Every function raises ValueError, whose message says what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from runner.model.misfit import Misfit
from runner.model.suggest import did_you_mean
from runner.model.window import DAY_SECONDS, Window
from runner.rules import Rule

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_SETS = {"daily": WEEKDAYS, "weekdays": WEEKDAYS[:5], "weekend": WEEKDAYS[5:]}

CLOCK_PATTERN = r"([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d)?"
WINDOW_PATTERN = rf"^{CLOCK_PATTERN}(\s*-\s*{CLOCK_PATTERN})?$"
HOURS_PATTERN = rf"^{CLOCK_PATTERN}\s*-\s*{CLOCK_PATTERN}$"
DURATION_PATTERN = r"^(?=\d)(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?$"
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"
DATES_PATTERN = r"^\d{4}-\d{2}-\d{2}(\s*\.\.\s*\d{4}-\d{2}-\d{2})?$"
PLACE_PATTERN = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_DURATION = re.compile(DURATION_PATTERN, re.ASCII)
_DATE = re.compile(DATE_PATTERN, re.ASCII)
_DATES_MEANT = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:-|/|to|until|\.|\.{3})\s*(\d{4}-\d{2}-\d{2})", re.ASCII)
_PLACE = re.compile(r"[^\W\d_][\w .'-]{1,39}")
_UNIT_SECONDS = (DAY_SECONDS, 3600, 60, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """A window as written; `closes` is None where one time was given, which opens for `grace`."""

    opens: int
    closes: int | None

    def window(self, *, grace: timedelta, at_once: bool = False) -> Window:
        """Return the window, whose length is `grace` (under a day) where only its opening was given.

        `at_once` says whether everything is due at a time that was given alone.
        """
        if self.closes is not None:
            return Window(opens=self.opens, closes=self.closes)
        closes = self.opens + grace // timedelta(seconds=1)
        closes = closes if closes <= DAY_SECONDS else closes - DAY_SECONDS
        return Window(opens=self.opens, closes=closes, at_once=at_once)


def read_window(text: str) -> Span:
    """Return the window of `09:00-11:00`, or of one time, e.g. `14:30`."""
    opens_text, dash, closes_text = text.partition("-")
    opens = read_clock(opens_text.strip())
    if opens == DAY_SECONDS:
        raise ValueError('a window cannot open at 24:00; write "00:00", which is the next day')
    if not dash:
        return Span(opens=opens, closes=None)
    closes = read_clock(closes_text.strip())
    if closes % DAY_SECONDS == opens and (opens, closes) != (0, DAY_SECONDS):
        raise ValueError('it opens and closes at the same time; for a whole day write "00:00-24:00"')
    return Span(opens=opens, closes=closes or DAY_SECONDS)


def read_clock(text: str) -> int:
    """Return a time of day in seconds after midnight; `24:00` is the end of the day."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f'`{_short(text)}` is not a time; write it as "09:00", or a window as "09:00-11:00"')
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if total > DAY_SECONDS or minutes > 59 or seconds > 59:  # noqa: PLR2004 - a clock's
        raise ValueError(f"there is no time `{text}`; times go from 00:00 to 24:00")
    return total


def read_duration(text: str) -> timedelta:
    """Return the length of `90s`, `5m`, `2h30m` or `1d`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        if text.isascii() and text.isdigit():
            raise ValueError(f"`{_short(text)}` has no unit; write {_short(text)}s, {_short(text)}m, h or d")
        raise ValueError(f"`{_short(text)}` is not a length of time; write e.g. 90s, 5m, 2h30m or 1d")
    parts = (int(part[:-1]) if part else 0 for part in match.groups())
    return timedelta(seconds=sum(map(int.__mul__, parts, _UNIT_SECONDS)))


def read_date(text: str) -> date:
    """Return the day of `2026-12-24`."""
    if _DATE.fullmatch(text) is None:
        raise ValueError(f"`{_short(text)}` is not a date; write year-month-day, e.g. 2026-12-24")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text} in the calendar; write one that is") from None


def read_dates(text: str) -> tuple[date, date]:
    """Return the first and the last day of `2026-12-24..2027-01-06`, or of one day."""
    meant = _DATES_MEANT.fullmatch(text)
    if meant is not None:
        raise ValueError(f"write a range of days with two dots: {meant[1]}..{meant[2]}")
    first_text, dots, last_text = text.partition("..")
    if not dots:
        return (read_date(text),) * 2
    first, last = read_date(first_text.strip()), read_date(last_text.strip())
    if last < first:
        raise Misfit(f"{last} is before {first}; write {last}..{first}", rule=Rule.WRONG_ORDER)
    return first, last


def read_place(text: str) -> str:
    """Return the code of a country, or of a part of one: `SE`, `DE-BY`; whether there is one is not asked."""
    if _PLACE.fullmatch(text) is None:
        raise ValueError(
            f"`{_short(text)}` is no country; write its code, with a part of it after `-`: DE-BY"
        )
    return text


def read_weekday(text: str) -> int:
    """Return the number of a day of the week; Monday is 0."""
    if text not in WEEKDAYS:
        match = next((day for day in WEEKDAYS if text.lower().startswith(day)), None)
        meant = f"; did you mean `{match}`?" if match else f"; write one of {', '.join(WEEKDAYS)}"
        raise ValueError(f"`{_short(text)}` is not a day{meant}")
    return WEEKDAYS.index(text)


def expand_days(text: str) -> tuple[str, ...]:
    """Return the days of `daily`, `weekdays` or `weekend`."""
    if text in DAY_SETS:
        return DAY_SETS[text]
    if text in WEEKDAYS:
        raise ValueError(f"write a list: [{text}]")
    meant = did_you_mean(text, DAY_SETS)
    raise ValueError(f"`{_short(text)}` is neither a list of days nor a known word{meant}")


def in_words(length: timedelta) -> str:
    """Return a length of time as it is written in files, e.g. `2h30m`."""
    rest = length // timedelta(seconds=1)
    words = ""
    for unit, seconds in zip("dhms", _UNIT_SECONDS, strict=True):
        count, rest = divmod(rest, seconds)
        words += f"{count}{unit}" if count else ""
    return words or "0s"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."  # noqa: PLR2004 - enough to find it by
