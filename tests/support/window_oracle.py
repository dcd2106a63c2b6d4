"""Where a daily window lies, found by watching the clock of a zone for every minute of some days.

The rule, in words. Take the zone's clock and write down what it shows at every minute of UTC, one after the
other, from well before the day to well after it.

1. A time of day that the clock shows means the first minute at which it shows it.
2. A time of day that the clock never shows, because it jumped over it, means the first minute at which the
   clock shows anything later.
3. A window is opened by the meaning of its opening time on its day, and closed by that of its closing time on
   the same day, or on the next day where it closes at or before its opening time; 24:00 is 00:00 of the next
   day.
4. If the clock shows not one minute of the window, the window lasts as many minutes as it has on paper, from
   its opening on.

This file imports nothing of the program that it judges and shares no formula with it: it looks up no offset,
no fold and no transition.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
# Clocks are up to 14 hours ahead of UTC and 12 behind it; the window may end with the day that follows, and
# one day may be shown twice or never.
_WATCHED_BEFORE_MINUTES = (14 + 24) * 60
_WATCHED_AFTER_MINUTES = (12 + 48 + 24) * 60


class WatchedDay:
    """What the clock of a zone shows around one day, minute by minute.

    Clock times are counted in minutes from the day's midnight on paper; minutes of UTC from 1970.
    """

    def __init__(self, *, zone: ZoneInfo, day: date) -> None:
        self._first_seen: dict[int, int] = {}
        self._shown: list[tuple[int, int]] = []
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        midnight_on_paper = midnight.replace(tzinfo=None)
        start = int(midnight.timestamp()) // 60
        minute = timedelta(minutes=1)
        for at in range(start - _WATCHED_BEFORE_MINUTES, start + _WATCHED_AFTER_MINUTES):
            shows = datetime.fromtimestamp(at * 60, zone).replace(tzinfo=None)
            on_clock = (shows - midnight_on_paper) // minute
            self._first_seen.setdefault(on_clock, at)
            self._shown.append((on_clock, at))

    def meaning(self, on_clock: int) -> int:
        """Return the minute of UTC that a clock time means, by rules 1 and 2."""
        if on_clock in self._first_seen:
            return self._first_seen[on_clock]
        return next(at for shows, at in self._shown if shows > on_clock)

    def window(self, opens: int, closes: int) -> tuple[int, int]:
        """Return the minutes of UTC at which a window opens and closes, by rules 3 and 4."""
        ends = closes if closes > opens else closes + DAY_MINUTES
        start = self.meaning(opens)
        if any(on_clock in self._first_seen for on_clock in range(opens, ends)):
            return start, self.meaning(ends)
        return start, start + (ends - opens)


def days_of_change(zone: ZoneInfo, *, first: date, last: date) -> Iterator[date]:
    """Yield the days near which noon in UTC is not as far from the last noon on the zone's clock as usual."""
    before: datetime | None = None
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    while noon.date() <= last:
        shows = noon.astimezone(zone).replace(tzinfo=None)
        if before is not None and shows - before != timedelta(days=1):
            yield noon.date()
        before = shows
        noon += timedelta(days=1)
