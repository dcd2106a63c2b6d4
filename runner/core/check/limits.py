"""Check `limits` and `quiet_hours`: from what a file says to the limits and the hours that hold."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from runner.core.check.calendars import calendar_of
from runner.core.check.reading import read_model
from runner.model.day_set import CalendarNamed
from runner.model.limit import Bound, Limit, Period
from runner.model.quiet import QuietHours
from runner.model.shared_file import LimitsFile
from runner.model.texts import in_words
from runner.model.window import DAY_SECONDS, Window
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.core.check.findings import Findings
    from runner.model.day_set import DaySet
    from runner.model.texts import Span

_MICROSECOND = timedelta(microseconds=1)
_HOUR_US = timedelta(hours=1) // _MICROSECOND
_COUNTED = tuple(
    (f"per_{bound}_per_{period}", bound, period) for bound in Bound for period in (Period.DAY, Period.HOUR)
)


def check_limits(
    value: object, *, file: str, timezone: str, campaign: str | None, findings: Findings
) -> tuple[Limit, ...]:
    """Return the limits of a file's `limits`; of a campaign's own submissions where one is named."""
    if value is None:
        return ()
    read = read_model(LimitsFile, value, path=("limits",), findings=findings)
    if value == {}:
        findings.error(
            ("limits",),
            "holds no limit; write one, e.g. `per_target_per_day: 10`",
            rule=Rule.EMPTY_LIST,
            at_key=True,
        )
    limits = []
    for key, bound, period in _COUNTED:
        most = getattr(read, key)
        if most is not None:
            length_us = _HOUR_US if period is Period.HOUR else 0
            limits.append(Limit(bound, period, most, length_us, timezone, campaign, file, f"{key}: {most}"))
    if read.min_gap is not None:
        words = f"min_gap: {in_words(read.min_gap)}"
        length_us = read.min_gap // _MICROSECOND
        limits.append(Limit(Bound.TARGET, Period.GAP, 1, length_us, timezone, campaign, file, words))
    for day, hour in pairwise(limits):
        if day.bound is hour.bound and hour.period is Period.HOUR and hour.most > day.most:
            key = f"per_{hour.bound}_per_hour"
            above = f"{hour.most} is more than `per_{day.bound}_per_day`, {day.most}"
            message = f"{above}, and has no effect; write less"
            findings.warning(("limits", key), message, rule=Rule.LIMIT_WITHOUT_EFFECT)
    return tuple(limits)


def check_quiet_hours(
    written: Sequence[Span | CalendarNamed] | None,
    *,
    timezone: str,
    calendars: Mapping[str, DaySet | None],
    findings: Findings,
) -> QuietHours | None:
    """Return the quiet hours that a config says, and its quiet days; None where it says none."""
    path = ("quiet_hours",)
    if written is None:
        return None
    if not written:
        findings.error(
            path,
            'holds no hours; write e.g. "23:30-06:00", or delete the key',
            rule=Rule.EMPTY_LIST,
            at_key=True,
        )
    windows = []
    days: dict[str, DaySet] = {}
    for position, item in enumerate(written):
        if isinstance(item, CalendarNamed):
            named = calendar_of(item, calendars=calendars, path=(*path, position), findings=findings)
            if named is not None:
                days[named.label] = named
        elif item.closes is not None:
            windows.append(Window(item.opens, item.closes))
    quiet = QuietHours(tuple(windows), timezone, tuple(days.values()))
    if quiet.seconds() >= DAY_SECONDS:
        message = "leaves no time of the day, so that nothing would ever be submitted; shorten it"
        findings.error(path, message, rule=Rule.QUIET_ALL_DAY, at_key=True)
    if {day for each in quiet.days for day in each.weekdays} == set(range(7)):
        message = "leaves no day of the week, so that nothing would ever be submitted; shorten it"
        findings.error(path, message, rule=Rule.QUIET_ALL_DAY, at_key=True)
    return quiet
