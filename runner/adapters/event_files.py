"""The door to iCalendar files (.ics): the days that their events touch (ADR 0014).

The libraries are imported where a file is read, and not before: most configs name none.
"""

from __future__ import annotations

import warnings
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from runner.adapters.campaign_folder import read_file
from runner.errors import DaysUnknown
from runner.model.day_set import FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR
from runner.model.document import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MOST_BYTES = 1024 * 1024
MOST_EVENTS = 5_000
MOST_RECURRING = 100
MOST_DAYS = 50_000
"""Days touched, one that several events touch counted for each; two thirds of a second for each 10,000."""

_DAY = timedelta(days=1)
_FIRST = date(FIRST_KNOWN_YEAR, 1, 1)
_LAST = date(LAST_KNOWN_YEAR, 12, 31)
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_IN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_A_YEAR = {"DAILY": (366, 1), "WEEKLY": (53, 1), "MONTHLY": (12, 5), "YEARLY": (1, 53)}
"""How often a rule comes true in a year, and how many more there are for each weekday that it names."""

_UNTITLED = "an event"
_LONGEST_TITLE = 60


def event_days(path: Path, timezone: str) -> dict[date, str]:
    """Return the days that a file's events touch in the known years, each with an event's title.

    An event at times of a zone touches days of `timezone`; an event of whole days, or at times without a
    zone, touches those that are written. Events that are cancelled touch none.

    Raises DaysUnknown where the file is missing, too large, or no calendar.
    """
    import icalendar  # noqa: PLC0415 - 90 ms with the next one, which most configs need not spend

    read = read_file(path, most_bytes=MOST_BYTES)
    if read.unread is not None:
        raise DaysUnknown(f"{path.name}: {read.unread}; mend the file, or its path")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a file does not say quite as it should
            calendars = icalendar.Calendar.from_ical(read.content, multiple=True)
            return _days(calendars, zone=ZoneInfo(timezone))
    except DaysUnknown as unknown:
        raise DaysUnknown(f"{path.name}: {unknown}") from None
    except Exception as error:  # noqa: BLE001 - the libraries raise nearly anything at a broken file
        reason = one_line(f"{type(error).__name__}: {error}")[:120]
        raise DaysUnknown(f"{path.name}: no iCalendar file that can be read ({reason})") from None


def _days(calendars: Iterable[Any], *, zone: ZoneInfo) -> dict[date, str]:
    from recurring_ical_events import of as occurrences_of  # noqa: PLC0415 - as above

    touched: dict[date, str] = {}
    count = found = 0
    for calendar in calendars:
        if calendar.name != "VCALENDAR":
            raise DaysUnknown("no iCalendar file; it has to begin with BEGIN:VCALENDAR")
        found += 1
        _check_rules(calendar)
        for event in occurrences_of(calendar).between(_FIRST, _LAST + _DAY):
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            title = one_line(" ".join(str(event.get("SUMMARY", "")).split()) or _UNTITLED)[:_LONGEST_TITLE]
            for day in _touched(event, zone=zone):
                touched.setdefault(day, title)
                count += 1
                if count > MOST_DAYS:
                    raise DaysUnknown(f"its events touch more than {MOST_DAYS} days; take some out")
    if not found:
        raise DaysUnknown("no iCalendar file; it has to begin with BEGIN:VCALENDAR")
    return dict(sorted(touched.items()))


def _check_rules(calendar: Any) -> None:
    """Refuse what would take long, before it does: a rule of one line may name millions of instants."""
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise DaysUnknown(f"more than {MOST_EVENTS} events; take some out")
    rules = [rule for event in events for rule in _rules(event)]
    if len(rules) > MOST_RECURRING:
        raise DaysUnknown(f"more than {MOST_RECURRING} events that recur; take some out")
    for rule in rules:
        if rule.get("FREQ", [""])[0] in _TOO_OFTEN or any(key in rule for key in _IN_A_DAY):
            raise DaysUnknown("an event recurs several times a day; days are all that is needed")
    if sum(map(_days_at_most, rules)) > MOST_DAYS:
        raise DaysUnknown(f"its events touch more than {MOST_DAYS} days; take some out")


def _rules(event: Any) -> list[Mapping[str, Any]]:
    rule = event.get("RRULE", [])
    return rule if isinstance(rule, list) else [rule]


def _days_at_most(rule: Mapping[str, Any]) -> int:
    """Return about how many days a rule names in the known years, rather too many than too few."""
    base, of_a_weekday = _A_YEAR.get(str(rule.get("FREQ", [""])[0]), (0, 0))
    lists = {
        key: len(rule.get(key, ())) for key in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH")
    }
    several = max(
        1,
        lists["BYDAY"] * of_a_weekday,
        lists["BYMONTHDAY"],
        lists["BYYEARDAY"],
        lists["BYWEEKNO"] * 7,
    )
    a_year = min(366, base * several * max(1, lists["BYMONTH"]))
    in_all: int = a_year * (_LAST.year - _FIRST.year + 1) // max(1, *rule.get("INTERVAL", (1,)))
    return int(min(in_all, *rule.get("COUNT", (in_all,))))


def _touched(event: Any, *, zone: ZoneInfo) -> Iterator[date]:
    start, end = event.start, event.end
    if isinstance(start, datetime):
        first, last = (_in_zone(each, zone) for each in (start, end))
        # An event that ends at midnight does not touch the day that begins then.
        if last > first:
            last -= timedelta(microseconds=1)
        day, until = first.date(), last.date()
    else:
        day, until = start, max(start, end - _DAY)
    day, until = max(day, _FIRST), min(until, _LAST)
    while day <= until:
        yield day
        day += _DAY


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(zone)
