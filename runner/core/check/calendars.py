"""Check the config's `calendars`: from what a file says to sets of days."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from runner.core.check.reading import read_model, read_named
from runner.core.day_sets import joined
from runner.errors import DaysUnknown
from runner.model.config_file import CalendarFile
from runner.model.day_fields import CALENDAR
from runner.model.day_set import DaySet
from runner.model.suggest import did_you_mean
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from runner.core.check.findings import Findings
    from runner.model.day_set import CalendarNamed, Holidays, HolidaysOf
    from runner.model.document import Path

    HolidayLookUp: TypeAlias = Callable[[str], Holidays]
    """Returns the holidays of a place, e.g. `DE-BY`; raises DaysUnknown."""
    EventLookUp: TypeAlias = Callable[[str, str], Mapping[date, str]]
    """Returns the days that the events of a file touch, by its path and a zone; raises DaysUnknown."""

MOST_PLACES = 20
"""Holidays of more places in one list are not worked out."""


def nothing_known(*_: str) -> NoReturn:
    """Stand for a look-up where there is none."""
    raise DaysUnknown("cannot be looked up here")


def check_calendars(
    value: object, *, timezone: str, holidays: HolidayLookUp, events: EventLookUp, findings: Findings
) -> dict[str, DaySet | None]:
    """Return the days of each calendar; None stands for one that does not check, and the findings say why."""
    checked = {}
    for name, part in read_named(value, path=("calendars",), findings=findings).items():
        path: Path = ("calendars", name)
        file = read_model(CalendarFile, part, path=path, findings=findings)
        named = _named(
            file, path=path, timezone=timezone, holidays=holidays, events=events, findings=findings
        )
        checked[name] = _days(file, named, name=name, path=path, findings=findings)
    return checked


def calendar_of(
    named: CalendarNamed, *, calendars: Mapping[str, DaySet | None], path: Path, findings: Findings
) -> DaySet | None:
    """Return a calendar by its name; None, and a finding, where there is none of that name."""
    if named.name not in calendars:
        meant = (
            did_you_mean(named.name, calendars) or "; the config names none under `calendars`; add it there"
        )
        findings.error(path, f"there is no calendar `{named.name}`{meant}", rule=Rule.CALENDAR_UNKNOWN)
        return None
    return calendars[named.name]


def holidays_of(
    places: Sequence[tuple[Path, HolidaysOf]], *, holidays: HolidayLookUp, findings: Findings
) -> list[tuple[Path, str, Holidays]]:
    """Return the holidays of places that stand in one list, with where they stand and their codes."""
    found = []
    for path, place in places[:MOST_PLACES]:
        try:
            found.append((path, place.code, holidays(place.code)))
        except DaysUnknown as unknown:
            findings.error(path, str(unknown), rule=Rule.HOLIDAYS_UNKNOWN)
    for path, _ in places[MOST_PLACES : MOST_PLACES + 1]:
        message = f"the holidays of more than {MOST_PLACES} places; take some out"
        findings.error(path, message, rule=Rule.TOO_MANY_PLACES)
    return found


def _named(
    file: CalendarFile,
    *,
    path: Path,
    timezone: str,
    holidays: HolidayLookUp,
    events: EventLookUp,
    findings: Findings,
) -> dict[date, str]:
    named: dict[date, str] = {}
    places = [((*path, "holidays", at), place) for at, place in enumerate(file.holidays or ())]
    for _, _, found in holidays_of(places, holidays=holidays, findings=findings):
        named = {**found.days, **named}
    if file.file is not None:
        try:
            named = {**events(file.file, timezone), **named}
        except DaysUnknown as unknown:
            findings.error((*path, "file"), str(unknown), rule=Rule.CALENDAR_FILE)
    return named


def _days(
    file: CalendarFile, named: Mapping[date, str], *, name: str, path: Path, findings: Findings
) -> DaySet | None:
    if findings.has_under(path):
        return None
    if not any((file.dates, file.days, file.days_of_month, file.holidays, file.file)):
        message = "names no day; write `dates`, `days`, `days_of_month`, `holidays` or `file`"
        findings.error(path, message, rule=Rule.EMPTY_LIST, at_key=True)
        return None
    return DaySet(
        label=f"{CALENDAR}{name}",
        ranges=joined(file.dates or ()),
        weekdays=tuple(sorted(set(chain.from_iterable(file.days or ())))),
        month_days=tuple(sorted(set(file.days_of_month or ()))),
        named=dict(sorted(named.items())),
    )
