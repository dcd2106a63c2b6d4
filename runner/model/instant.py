"""Instants: microseconds since 1970-01-01T00:00:00Z, as whole numbers.

Comparing aware datetimes of one zone ignores `fold`, so instants an hour apart may be equal (PEP 495).
Whole numbers cannot be wrong in that way; a zone enters where an instant is read from or shown to a person.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TypeAlias

Instant: TypeAlias = int
"""Microseconds since the Unix epoch, UTC."""

SECOND = 1_000_000
"""Microseconds in a second."""

EARLIEST: Instant = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z. This program is younger, so a clock that shows less has not been set yet."""

_MINUTE = 60 * SECOND
_MINUTES_AT_ONCE = 2_000
"""More than a day has."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(moment: datetime) -> Instant:
    """Return the instant of an aware datetime; `fold` is honoured."""
    return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND


def moment(at: Instant, *, zone: tzinfo = UTC) -> datetime:
    """Return an instant as an aware datetime of a zone."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone)


def shown(at: Instant, *, zone: tzinfo = UTC) -> str:
    """Return an instant as ISO 8601 with its offset, with milliseconds only where it has a fraction."""
    minute, rest = divmod(at, _MINUTE)
    begins, ends = _minute_shown(minute, zone)
    if not begins:
        return moment(at, zone=zone).isoformat(timespec="milliseconds" if at % SECOND else "seconds")
    seconds, fraction = divmod(rest, SECOND)
    if fraction:
        return f"{begins}:{seconds:02}.{fraction // 1_000:03}{ends}"
    return f"{begins}:{seconds:02}{ends}"


@lru_cache(maxsize=_MINUTES_AT_ONCE)
def _minute_shown(minute: int, zone: tzinfo) -> tuple[str, str]:
    """Return what stands before and after the seconds of a minute; nothing where zones have other minutes.

    Of a day's assignments thousands of instants are shown, most of them in minutes of others.
    """
    begins = moment(minute * _MINUTE, zone=zone)
    if begins.second:  # a few offsets had seconds until 1972
        return "", ""
    text = begins.isoformat(timespec="minutes")
    length = len("2026-01-01T00:00")
    return text[:length], text[length:]
