"""Where windows lie in true time: by watching a zone's clock minute by minute where it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from support.window_oracle import DAY_MINUTES, WatchedDay

_WATCHED_HOURS = range(-54, 79)


@lru_cache(maxsize=20_000)
def window(zone: str, day: date, opens: int, closes: int) -> tuple[int, int]:
    """Return the Unix seconds at which a window opens and closes; times in minutes of the clock."""
    steady = _steady_offset_minutes(zone, day)
    if steady is None:
        first, last = _watched(zone, day).window(opens, closes)
        return first * 60, last * 60
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60 - steady
    ends = closes if closes > opens else closes + DAY_MINUTES
    return (midnight + opens) * 60, (midnight + ends) * 60


@lru_cache(maxsize=20_000)
def _steady_offset_minutes(zone: str, day: date) -> int | None:
    """Return how far ahead of UTC a clock is if it is so for days around, None if it changes."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    place = ZoneInfo(zone)
    found = {(midnight + timedelta(hours=hour)).astimezone(place).utcoffset() for hour in _WATCHED_HOURS}
    if len(found) > 1:
        return None
    return round(found.pop().total_seconds() / 60)


@lru_cache(maxsize=500)
def _watched(zone: str, day: date) -> WatchedDay:
    return WatchedDay(zone=ZoneInfo(zone), day=day)
