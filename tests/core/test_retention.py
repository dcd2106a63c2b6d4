"""What is old enough to be deleted, and how much of it at once."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from runner.core.retention import AIM_SECONDS, FEWEST, MOST, bounds, next_size
from runner.model.instant import SECOND

NOW = 1_796_115_600 * SECOND  # 2026-12-01T09:00:00Z
DAY_US = 86_400 * SECOND


def test_runs_go_by_the_retention_and_their_events_and_plans_two_days_later():
    found = bounds(keep=timedelta(days=90), now=NOW, worked=None)
    assert (found.runs, found.events) == (NOW - 90 * DAY_US, NOW - 92 * DAY_US)
    assert found.plans == date(2026, 8, 31)


def test_nothing_younger_than_three_days_goes_whatever_the_config_says():
    assert bounds(keep=timedelta(days=1), now=NOW, worked=NOW).runs == NOW - 3 * DAY_US


def test_of_the_last_days_of_work_nothing_goes_however_old_they_seem():
    worked = NOW - 200 * DAY_US
    found = bounds(keep=timedelta(days=90), now=NOW, worked=worked)
    assert (found.runs, found.events) == (worked, worked - 2 * DAY_US)
    assert bounds(keep=timedelta(days=90), now=NOW, worked=NOW - 50 * DAY_US).runs == NOW - 90 * DAY_US


@given(st.integers(1, 10_000), st.integers(1, 2_000), st.integers(0, 20_000))
def test_the_size_of_a_piece_finds_the_one_that_takes_as_long_as_it_may(start, row_us, overhead_us):
    size = max(FEWEST, min(MOST, start))
    for _ in range(40):
        size = next_size(size, took_us=overhead_us + size * row_us)
    assert FEWEST <= size <= MOST
    took = overhead_us + size * row_us
    assert took <= AIM_SECONDS * SECOND * 1.1 or size == FEWEST
    assert took >= AIM_SECONDS * SECOND / 2.5 or size == MOST or overhead_us > AIM_SECONDS * SECOND / 3
