"""Days on which it shows whether campaigns get in each other's way."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from runner.core.calendar import runs_on
from runner.core.day_sets import why_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.model.campaign import Campaign
    from runner.model.day_set import DaySet

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_MOST_BEGINNINGS = 5
_MOST_OF_CALENDARS = 20
_HORIZON_DAYS = 400
_LAST = date.max - _DAY
"""From here on a window may end where a datetime cannot."""


def telling_days(campaigns: Iterable[Campaign], *, today: date) -> list[date]:
    """Return a week from today on, and one from each of the next days on which more campaigns may run.

    Campaigns repeat every week. More of them at once there are only where another one begins, or goes on
    after days that it leaves out, or where days of a calendar begin on which one runs besides.
    """
    campaigns = tuple(campaigns)
    begin = {campaign.first_day for campaign in campaigns if campaign.first_day is not None}
    go_on = {_next_run(campaign, today) for campaign in campaigns if campaign.excluded}
    calendars = {days.label: days for campaign in campaigns for days in campaign.calendars}
    named = {day for days in calendars.values() for day in _beginnings(days, today)}
    later = [
        *sorted(day for day in begin | go_on if today < day)[:_MOST_BEGINNINGS],
        *sorted(named)[:_MOST_OF_CALENDARS],
    ]
    days = {day for begins in (today, *later) for day in _from(begins, _WEEK_DAYS)}
    return sorted(day for day in days if day < _LAST)


def never_runs(campaign: Campaign, *, today: date) -> bool:
    """Tell whether a campaign without a last day has no day to run on for more than a year."""
    if not campaign.enabled or campaign.last_day is not None:
        return False
    return not any(runs_on(campaign, day=day) for day in _days_ahead(campaign, today))


def _next_run(campaign: Campaign, today: date) -> date:
    return next((day for day in _days_ahead(campaign, today) if runs_on(campaign, day=day)), today)


def _days_ahead(campaign: Campaign, today: date) -> Iterator[date]:
    return _from(max(today, campaign.first_day or today), _HORIZON_DAYS)


def _from(begins: date, count: int) -> Iterator[date]:
    first = begins.toordinal()
    return map(date.fromordinal, range(first, min(first + count, date.max.toordinal() + 1)))


@cache
def _beginnings(days: DaySet, today: date) -> tuple[date, ...]:
    """Return the next days with which days of a set begin that are not in it every week."""
    found = (
        day
        for day in _from(today, _HORIZON_DAYS)
        if _is_at_times(days, day) and not _is_at_times(days, day - _DAY)
    )
    return tuple(islice(found, _MOST_BEGINNINGS))


def _is_at_times(days: DaySet, day: date) -> bool:
    return day.weekday() not in days.weekdays and why_in(days, day=day) is not None
