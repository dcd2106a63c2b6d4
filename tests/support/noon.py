"""A time zone in which no day begins or ends while a test runs, whenever it runs."""

from __future__ import annotations

from datetime import UTC, datetime


def zone_at_noon() -> str:
    """Return the name of a zone in which it is between half past eleven and half past twelve now."""
    now = datetime.now(UTC)
    ahead_hours = 12 - round(now.hour + now.minute / 60)
    # POSIX counts westwards: Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{-ahead_hours:+d}"
