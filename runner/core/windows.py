"""Where a daily window really lies on one day of a zone.

The rules are those of ADR 0006: a time that a clock change skips means the end of the gap, a time that comes
twice means the first, and a window wholly inside a gap opens at the gap's end and keeps its length.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from runner.model.instant import SECOND, instant, moment
from runner.model.window import DAY_SECONDS, OpenWindow

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from runner.model.instant import Instant
    from runner.model.window import Window


def open_window(window: Window, *, day: date, zone: ZoneInfo) -> OpenWindow:
    """Return the real interval of a window on one day; it is never empty.

    A day that the zone skips as a whole is one long gap, and its windows follow the same rule.

    Raises:
        OverflowError: `day` or the day after it lies beyond the years that a datetime can hold.
    """
    length_seconds = (window.closes - window.opens) % DAY_SECONDS or DAY_SECONDS
    opens_on_clock = datetime.combine(day, time.min) + timedelta(seconds=window.opens)
    opens = first_instant(opens_on_clock, zone=zone)
    closes = first_instant(opens_on_clock + timedelta(seconds=length_seconds), zone=zone)
    if closes == opens:
        # `first_instant` never decreases as the clock time grows, and stands still only across a gap. So both
        # ends have become the end of the same gap: no second of this window is ever shown by a clock.
        closes = opens + length_seconds * SECOND
    return OpenWindow(day=day, window=window, opens=opens, closes=closes)


def first_instant(on_clock: datetime, *, zone: ZoneInfo) -> Instant:
    """Return the first instant at which clocks of a zone show a time, or the end of the gap that skips it.

    `on_clock` is naive, in whole seconds; its `fold` is ignored.
    """
    first_reading = on_clock.replace(tzinfo=zone, fold=0)
    first = instant(first_reading)
    if _clock(first, zone=zone) == on_clock:
        return first
    # In a gap, fold 0 counts with the offset before the change and so lands at or after it; fold 1 counts
    # with the offset after the change and lands before it (PEP 495). The change lies between, and zoneinfo
    # does not name it: search for the second at which the clock has passed the time that is asked for.
    before = instant(first_reading.replace(fold=1))
    seconds = range(before, first, SECOND)
    passed = bisect_left(seconds, 1, key=lambda at: _clock(at, zone=zone) > on_clock)
    return before + passed * SECOND


def _clock(at: Instant, *, zone: ZoneInfo) -> datetime:
    return moment(at, zone=zone).replace(tzinfo=None)
