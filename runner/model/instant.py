"""Instants: microseconds since 1970-01-01T00:00:00Z, as whole numbers.

Comparing aware datetimes of one zone ignores `fold`, so instants an hour apart may be equal (PEP 495).
Whole numbers cannot be wrong in that way; a zone enters where an instant is read from or shown to a person.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeAlias

Instant: TypeAlias = int
"""Microseconds since the Unix epoch, UTC."""

SECOND = 1_000_000
"""Microseconds in a second."""

EARLIEST: Instant = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z. This program is younger, so a clock that shows less has not been set yet."""

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
    return moment(at, zone=zone).isoformat(timespec="seconds" if at % SECOND == 0 else "milliseconds")
