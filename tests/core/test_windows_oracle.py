"""The program's windows against a brute-force oracle, over random zones, days and windows of 2024 to 2040.

CAMPAIGN_RUNNER_ORACLE_SLOTS sets how many windows are compared; the long run takes 1,000,000.
"""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pytest
from support.window_oracle import DAY_MINUTES, WatchedDay, days_of_change

from runner.core.windows import open_window
from runner.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOTS = int(os.environ.get("CAMPAIGN_RUNNER_ORACLE_SLOTS", "4000"))
SLOTS_PER_DAY = 100 if SLOTS <= 100_000 else 200
MINUTE = 60_000_000
YEARS = range(2024, 2041)


def compared(
    watched: WatchedDay, *, zone: ZoneInfo, day: date, opens: int, closes: int
) -> tuple[object, object]:
    opened = open_window(Window(opens=opens * 60, closes=closes * 60), day=day, zone=zone)
    starts, ends = watched.window(opens, closes)
    place = (zone.key, str(day), opens, closes)
    return (place, opened.opens, opened.closes), (place, starts * MINUTE, ends * MINUTE)


def random_windows(chance: random.Random) -> Iterator[tuple[int, int]]:
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


def random_day(chance: random.Random, *, zone: ZoneInfo, at_change: bool) -> date:
    """Return a day of the years under test, near a clock change where one is wanted and there is one."""
    first = date(chance.choice(YEARS), 1, 1)
    last = first.replace(month=12, day=31)
    changes = list(days_of_change(zone, first=first, last=last)) if at_change else []
    if changes:
        return chance.choice(changes) + timedelta(days=chance.randint(-1, 1))
    return first + timedelta(days=chance.randrange((last - first).days + 1))


@pytest.mark.timeout(60 + SLOTS // 500)
def test_every_window_is_where_the_clock_of_its_zone_says():
    chance = random.Random(20240101)  # noqa: S311  # picks cases, and the same ones each time
    zones = sorted(available_timezones())
    wrong = []
    for number in range(-(-SLOTS // SLOTS_PER_DAY)):
        zone = ZoneInfo(chance.choice(zones))
        day = random_day(chance, zone=zone, at_change=number % 4 != 0)
        watched = WatchedDay(zone=zone, day=day)
        for opens, closes in random_windows(chance):
            ours, truth = compared(watched, zone=zone, day=day, opens=opens, closes=closes)
            if ours != truth:
                wrong.append((ours, truth))
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("America/Havana", date(2027, 3, 14)),
        ("America/Havana", date(2027, 11, 7)),
        ("America/Nuuk", date(2026, 3, 28)),
        ("America/Nuuk", date(2026, 10, 24)),
        ("America/St_Johns", date(2006, 10, 28)),
        ("America/St_Johns", date(2006, 10, 29)),
        ("Pacific/Apia", date(2011, 12, 29)),
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Apia", date(2011, 12, 31)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("Africa/Casablanca", date(2026, 2, 15)),
        ("Antarctica/Troll", date(2026, 3, 29)),
    ],
)
def test_every_quarter_of_an_hour_of_a_strange_day_is_where_the_clock_says(name, day):
    zone = ZoneInfo(name)
    watched = WatchedDay(zone=zone, day=day)
    cases = [
        compared(watched, zone=zone, day=day, opens=opens, closes=(opens + length - 1) % DAY_MINUTES + 1)
        for opens in range(0, DAY_MINUTES, 15)
        for length in (1, 15, 29, 30, 31, 60, 61, 120, DAY_MINUTES)
    ]
    assert [case for case in cases if case[0] != case[1]] == []
