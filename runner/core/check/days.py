"""Check on which days a campaign runs: `from`, `until`, `days` and `except`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.check.calendars import calendar_of, holidays_of
from runner.core.day_sets import joined, why_in
from runner.model.day_fields import HOLIDAYS
from runner.model.day_set import LAST_KNOWN_YEAR, CalendarNamed, DaySet, HolidaysOf
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from runner.core.check.calendars import HolidayLookUp
    from runner.core.check.findings import Findings
    from runner.model.campaign_file import CampaignFile
    from runner.model.document import Path

_MOST_DAYS_TRIED = 7_400
"""Twenty years: a campaign that does not run in so many days is not looked at any longer."""


@dataclass(frozen=True, slots=True)
class RunningDays:
    """The days of a campaign, but for its first and its last."""

    weekdays: frozenset[int]
    calendars: tuple[DaySet, ...]
    excluded: tuple[DaySet, ...]


def check_days(
    file: CampaignFile,
    *,
    calendars: Mapping[str, DaySet | None],
    holidays: HolidayLookUp,
    findings: Findings,
) -> RunningDays:
    """Return the days that a campaign file says."""
    days = _days(file, calendars, findings, excluded=_excluded(file, calendars, holidays, findings))
    if file.days is not None and not file.days:
        findings.error(
            ("days",), "holds no day; write at least one, or `daily`", rule=Rule.EMPTY_LIST, at_key=True
        )
    elif file.first_day is not None and file.last_day is not None:
        if file.first_day > file.last_day:
            message = f"{file.last_day} is before `from`, {file.first_day}; swap them"
            findings.error(("until",), message, rule=Rule.WRONG_ORDER)
        elif _never(days, file.first_day, file.last_day) and not findings.broken:
            message = "no day from `from` to `until` is left by `days` and `except`: it never runs"
            findings.warning(("until",), message, rule=Rule.NEVER_RUNS)
    return days


def _days(
    file: CampaignFile,
    calendars: Mapping[str, DaySet | None],
    findings: Findings,
    *,
    excluded: tuple[DaySet, ...],
) -> RunningDays:
    if file.days is None:
        return RunningDays(frozenset(range(7)), (), excluded)
    weekdays: set[int] = set()
    chosen: dict[str, DaySet] = {}
    for position, item in enumerate(file.days):
        if isinstance(item, CalendarNamed):
            days = calendar_of(item, calendars=calendars, path=("days", position), findings=findings)
            if days is not None:
                chosen[item.name] = days
        else:
            weekdays |= item
    return RunningDays(frozenset(weekdays), tuple(chosen.values()), excluded)


def _excluded(
    file: CampaignFile, calendars: Mapping[str, DaySet | None], holidays: HolidayLookUp, findings: Findings
) -> tuple[DaySet, ...]:
    ranges = []
    places: list[tuple[Path, HolidaysOf]] = []
    found: dict[str, DaySet] = {}
    for position, item in enumerate(file.excluded or ()):
        path: Path = ("except", position)
        if isinstance(item, HolidaysOf):
            places.append((path, item))
        elif isinstance(item, CalendarNamed):
            days = calendar_of(item, calendars=calendars, path=path, findings=findings)
            if days is not None:
                found[days.label] = days
        else:
            ranges.append(item)
    for path, code, known in holidays_of(places, holidays=holidays, findings=findings):
        label = f"{HOLIDAYS}{code}"
        found[label] = DaySet(label, named=known.days)
        if (file.last_day.year if file.last_day else LAST_KNOWN_YEAR) > known.last_year:
            message = f"the holidays of {code} are known up to {known.last_year} only; it runs on later ones"
            findings.warning(path, message, rule=Rule.HOLIDAYS_END)
    own = (DaySet("", ranges=joined(ranges)),) if ranges else ()
    return (*own, *found.values())


def _never(days: RunningDays, first_day: date, last_day: date) -> bool:
    """Tell whether a campaign surely has no day; what lies decades ahead is not tried."""
    count = (last_day - first_day).days + 1
    tried = (first_day + timedelta(days=ahead) for ahead in range(min(count, _MOST_DAYS_TRIED)))
    return count <= _MOST_DAYS_TRIED and not any(_runs(days, day) for day in tried)


def _runs(days: RunningDays, day: date) -> bool:
    if day.weekday() not in days.weekdays and not any(why_in(each, day=day) for each in days.calendars):
        return False
    return not any(why_in(each, day=day) for each in days.excluded)
