"""Compare the program's windows with the oracle's, at random places of 2024 to 2040."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from support.window_oracle import DAY_MINUTES, WatchedDay, days_of_change

from runner.core.windows import open_window
from runner.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOTS_PER_DAY = 100
MINUTE = 60_000_000
YEARS = range(2024, 2041)


def differences(slots: int, *, seed: int) -> Iterator[tuple[object, object]]:
    """Yield what the program and the oracle say of each window of which they do not say the same."""
    chance = random.Random(seed)  # noqa: S311  # picks cases, and the same ones each time
    zones = sorted(available_timezones())
    for number in range(-(-slots // SLOTS_PER_DAY)):
        zone = ZoneInfo(chance.choice(zones))
        day = _random_day(chance, zone=zone, at_change=number % 4 != 0)
        watched = WatchedDay(zone=zone, day=day)
        for opens, closes in _random_windows(chance):
            ours, truth = compared(watched, zone=zone, day=day, opens=opens, closes=closes)
            if ours != truth:
                yield ours, truth


def compared(
    watched: WatchedDay, *, zone: ZoneInfo, day: date, opens: int, closes: int
) -> tuple[object, object]:
    opened = open_window(Window(opens=opens * 60, closes=closes * 60), day=day, zone=zone)
    starts, ends = watched.window(opens, closes)
    place = (zone.key, str(day), opens, closes)
    return (place, opened.opens, opened.closes), (place, starts * MINUTE, ends * MINUTE)


def _random_windows(chance: random.Random) -> Iterator[tuple[int, int]]:
    """Yield windows, half of them short and around the hours at which clocks change, some of a whole day."""
    for number in range(SLOTS_PER_DAY):
        if number % 10 == 0:
            opens = chance.choice([0, chance.randrange(1, DAY_MINUTES)])
            yield opens, opens or DAY_MINUTES
        elif number % 2:
            opens = chance.randrange(-60, 240) % DAY_MINUTES
            yield opens, (opens + chance.randrange(1, 150) - 1) % DAY_MINUTES + 1
        else:
            yield chance.randrange(DAY_MINUTES), chance.randrange(1, DAY_MINUTES + 1)


def _random_day(chance: random.Random, *, zone: ZoneInfo, at_change: bool) -> date:
    """Return a day of the years under test, near a clock change where one is wanted and there is one."""
    first = date(chance.choice(YEARS), 1, 1)
    last = first.replace(month=12, day=31)
    changes = list(days_of_change(zone, first=first, last=last)) if at_change else []
    if changes:
        return chance.choice(changes) + timedelta(days=chance.randint(-1, 1))
    return first + timedelta(days=chance.randrange((last - first).days + 1))
