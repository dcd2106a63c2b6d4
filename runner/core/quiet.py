"""When quiet hours are, and what they leave of a window."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.day_sets import why_in
from runner.core.windows import open_window
from runner.model.instant import moment
from runner.model.window import DAY_SECONDS, Window

if TYPE_CHECKING:
    from datetime import date

    from runner.model.instant import Instant
    from runner.model.quiet import QuietHours
    from runner.model.window import OpenWindow

_WHOLE_DAY = Window(0, DAY_SECONDS)


def quiet_until(quiet: QuietHours | None, *, now: Instant, deadline_us: int) -> Instant | None:
    """Return when a request may be begun, None where that is now.

    A request that is begun may take `deadline_us`, and all of it has to lie outside the quiet hours.
    """
    if quiet is None:
        return None
    begins = now
    for opens, closes in _intervals(quiet, around=now):
        if opens < begins + deadline_us and begins < closes:
            begins = closes
    return None if begins == now else begins


def first_chance(
    quiet: QuietHours | None, *, opened: OpenWindow, deadline_us: int, due: Instant | None = None
) -> Instant | None:
    """Return when something may be submitted in a window, None where the quiet hours leave no time for it.

    `due` is when it would go without them; default: as the window opens.
    """
    begins = opened.opens if due is None else due
    later = quiet_until(quiet, now=begins, deadline_us=deadline_us)
    if later is None:
        return begins
    return later if later + deadline_us < opened.closes else None


def _intervals(quiet: QuietHours, *, around: Instant) -> tuple[tuple[Instant, Instant], ...]:
    return _intervals_of(quiet, moment(around, zone=ZoneInfo(quiet.timezone)).date())


@lru_cache(maxsize=64)
def _intervals_of(quiet: QuietHours, today: date) -> tuple[tuple[Instant, Instant], ...]:
    """Return the real intervals around a day, by their opening; kept, since each submission asks for them."""
    zone = ZoneInfo(quiet.timezone)
    days = [today + timedelta(days=ahead) for ahead in (-1, 0, 1, 2)]
    opened = (
        open_window(window, day=day, zone=zone)
        for day in days
        for window in (*quiet.windows, *_whole(quiet, day))
    )
    return tuple(sorted((each.opens, each.closes) for each in opened))


def _whole(quiet: QuietHours, day: date) -> tuple[Window, ...]:
    return (_WHOLE_DAY,) if any(why_in(days, day=day) for days in quiet.days) else ()
