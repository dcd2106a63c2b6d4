"""When quiet hours are, and what they leave of a window."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.windows import open_window
from runner.model.instant import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.instant import Instant
    from runner.model.quiet import QuietHours
    from runner.model.window import OpenWindow


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


def _intervals(quiet: QuietHours, *, around: Instant) -> Iterator[tuple[Instant, Instant]]:
    """Return the real intervals of some days, by their opening."""
    zone = ZoneInfo(quiet.timezone)
    today = moment(around, zone=zone).date()
    days = [today + timedelta(days=ahead) for ahead in (-1, 0, 1, 2)]
    opened = (open_window(window, day=day, zone=zone) for day in days for window in quiet.windows)
    return iter(sorted((each.opens, each.closes) for each in opened))
