"""Which days of a zone have a window between two instants."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.windows import open_window
from runner.model.instant import moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from zoneinfo import ZoneInfo

    from runner.model.instant import Instant
    from runner.model.window import Window

# A window belongs to the day on which it opens and may close on the next. So does one of a skipped day: it
# opens as the next day begins and lasts a day at most.
_DAYS_BACK = 1
# Where clocks go back across midnight, the next day's first windows open before its date is there to stay.
_DAYS_AHEAD = 1


def days_to_plan(
    zone: ZoneInfo, *, since: Instant, until: Instant, windows: Collection[Window]
) -> list[date]:
    """Return the days, in order, of which a window is open at `since` or opens from then to `until`.

    A window that closes at `since` is over; one that opens at `until` is in.
    """
    first = moment(since, zone=zone).date() - timedelta(days=_DAYS_BACK)
    last = moment(until, zone=zone).date() + timedelta(days=_DAYS_AHEAD)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        day
        for day in days
        if any(_touches(window, day=day, zone=zone, since=since, until=until) for window in windows)
    ]


def _touches(window: Window, *, day: date, zone: ZoneInfo, since: Instant, until: Instant) -> bool:
    opened = open_window(window, day=day, zone=zone)
    return opened.closes > since and opened.opens <= until
