"""The program's windows against a brute-force oracle, over random zones, days and windows of 2024 to 2040.

A short form of `python -m proof oracle`, which compares a million.
"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from support.window_oracle import DAY_MINUTES, WatchedDay
from support.windows_compared import compared, differences

SLOTS = 4_000


def test_every_window_is_where_the_clock_of_its_zone_says():
    assert list(differences(SLOTS, seed=20240101)) == []


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
