"""Which days have a window that is open at an instant, or opens soon after."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.days import days_to_plan
from runner.core.windows import open_window
from runner.model.instant import SECOND, instant, moment
from runner.model.window import DAY_SECONDS, Window

HOUR = 3600
MORNING = Window(opens=9 * HOUR, closes=11 * HOUR)
NIGHT = Window(opens=22 * HOUR, closes=2 * HOUR)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("since", "until", "windows", "days"),
    [
        ("2026-12-02T08:00+01:00", "2026-12-02T08:30+01:00", [MORNING], []),
        ("2026-12-02T08:00+01:00", "2026-12-02T09:00+01:00", [MORNING], [2]),
        ("2026-12-02T10:59+01:00", "2026-12-02T12:00+01:00", [MORNING], [2]),
        ("2026-12-02T11:00+01:00", "2026-12-02T12:00+01:00", [MORNING], []),
        ("2026-12-02T10:00+01:00", "2026-12-04T12:00+01:00", [MORNING], [2, 3, 4]),
        ("2026-12-02T01:00+01:00", "2026-12-02T01:00+01:00", [NIGHT], [1]),
        ("2026-12-02T02:00+01:00", "2026-12-02T21:59+01:00", [NIGHT], []),
        ("2026-12-02T01:00+01:00", "2026-12-02T22:00+01:00", [NIGHT, MORNING], [1, 2]),
        ("2026-12-02T01:00+01:00", "2026-12-05T01:00+01:00", [], []),
    ],
)
def test_the_days_are_those_of_the_windows_that_are_or_will_be_open(since, until, windows, days):
    planned = days_to_plan(BERLIN, since=at(since), until=at(until), windows=windows)
    assert planned == [date(2026, 12, day) for day in days]


def test_a_window_of_a_skipped_day_is_found_on_the_day_to_which_it_moved():
    apia = ZoneInfo("Pacific/Apia")
    last_minute = at("2011-12-31T23:59+14:00")
    whole_day = Window(opens=0, closes=DAY_SECONDS)
    planned = days_to_plan(apia, since=last_minute, until=last_minute, windows=[whole_day])
    assert planned == [date(2011, 12, 30), date(2011, 12, 31)]


def test_a_window_that_opened_before_clocks_went_back_over_midnight_is_found():
    # In St. John's clocks went from 00:01 on 2006-10-29 back to 23:01 on 2006-10-28.
    st_johns = ZoneInfo("America/St_Johns")
    repeated = at("2006-10-28T23:30-03:30")
    planned = days_to_plan(
        st_johns, since=repeated, until=repeated, windows=[Window(opens=0, closes=2 * HOUR)]
    )
    assert planned == [date(2006, 10, 29)]


@given(
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    day=st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31)),
    window=st.builds(Window, opens=st.integers(0, DAY_SECONDS - 1), closes=st.integers(1, DAY_SECONDS)),
    part=st.floats(0, 1, exclude_max=True),
)
def test_at_every_instant_of_an_open_window_its_day_is_planned(zone, day, window, part):
    opened = open_window(window, day=day, zone=zone)
    now = opened.opens + int((opened.closes - opened.opens) * part)
    assert day in days_to_plan(zone, since=now, until=now, windows=[window])


@given(
    day=st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31)),
    hours=st.integers(0, 72),
)
def test_the_days_come_once_and_in_order(day, hours):
    since = open_window(MORNING, day=day, zone=BERLIN).opens
    until = since + hours * HOUR * SECOND
    planned = days_to_plan(BERLIN, since=since, until=until, windows=[MORNING, NIGHT])
    days = (moment(until, zone=BERLIN).date() - day).days + 1
    assert planned[0] in {day, day - timedelta(days=1)}
    assert planned == sorted(set(planned))
    assert days - 1 <= len(planned) <= days + 1
