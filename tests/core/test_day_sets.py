"""A set of days holds exactly the days that its parts name, and says why."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import campaign

from runner.core.calendar import rest_day
from runner.core.day_sets import from_end_of_month, joined, why_in
from runner.model.day_set import DaySet

START = date(2026, 11, 1)
DAY = timedelta(days=1)
SPAN = 120
offsets = st.integers(0, SPAN)
ranges_of_offsets = st.lists(st.tuples(offsets, offsets).map(sorted), max_size=12)
week = st.sets(st.integers(0, 6), max_size=6)
month = st.sets(st.integers(-31, 31).filter(bool), max_size=4)
names = st.dictionaries(offsets, st.sampled_from(["Christmas Day", "Closed"]), max_size=8)


def day_of(offset):
    return START + offset * DAY


def all_days():
    return [day_of(offset) for offset in range(SPAN + 1)]


def day_set(ranges=(), weekdays=(), month_days=(), named=None):
    return DaySet(
        "calendar:x",
        ranges=joined((day_of(first), day_of(last)) for first, last in ranges),
        weekdays=tuple(sorted(weekdays)),
        month_days=tuple(sorted(month_days)),
        named={day_of(offset): name for offset, name in (named or {}).items()},
    )


def plain_days(ranges, weekdays, month_days, named):
    """Return the same days by writing all of them out."""
    written = {day_of(offset) for first, last in ranges for offset in range(first, last + 1)}
    written |= {day_of(offset) for offset in named}
    for day in all_days():
        length = calendar.monthrange(day.year, day.month)[1]
        if day.weekday() in weekdays or {day.day, day.day - length - 1} & month_days:
            written.add(day)
    return written


@given(ranges_of_offsets, week, month, names)
def test_it_holds_the_days_that_its_parts_name_and_no_others(ranges, weekdays, month_days, named):
    days = day_set(ranges, weekdays, month_days, named)
    held = {day for day in all_days() if why_in(days, day=day) is not None}
    assert held == plain_days(ranges, weekdays, month_days, named)


@given(ranges_of_offsets)
def test_joined_ranges_are_in_order_apart_and_hold_the_same_days(ranges):
    found = joined((day_of(first), day_of(last)) for first, last in ranges)
    flat = [day for each in found for day in each]
    assert flat == sorted(flat)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    held = {first + ahead * DAY for first, last in found for ahead in range((last - first).days + 1)}
    assert held == plain_days(ranges, set(), set(), {})


@given(st.dates())
def test_days_are_counted_from_the_end_of_any_month(day):
    assert from_end_of_month(day) == day.day - calendar.monthrange(day.year, day.month)[1] - 1


@given(week, month, ranges_of_offsets, ranges_of_offsets, week)
def test_a_campaign_runs_on_its_days_without_its_exceptions(weekdays, month_days, also, excluded, never):
    one = campaign(
        weekdays=frozenset(weekdays),
        calendars=(day_set(also, month_days=month_days),),
        excluded=(day_set(excluded), day_set(weekdays=never)),
    )
    runs = plain_days(also, weekdays, month_days, {}) - plain_days(excluded, never, set(), {})
    assert {day for day in all_days() if rest_day(one, day=day) is None} == runs


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (
            DaySet("holidays:SE", named={date(2026, 12, 25): "Christmas Day"}),
            "is Christmas Day (holidays:SE)",
        ),
        (DaySet("", ranges=((date(2026, 12, 25),) * 2,)), "is among the campaign's exceptions"),
        (
            DaySet("", ranges=((date(2026, 12, 24), date(2027, 1, 6)),)),
            "is among the campaign's exceptions, 2026-12-24..2027-01-06",
        ),
        (
            DaySet("calendar:a", ranges=((date(2026, 12, 24), date(2027, 1, 6)),)),
            "is in calendar:a, 2026-12-24..2027-01-06",
        ),
        (DaySet("calendar:a", weekdays=(4,)), "is a Friday (calendar:a)"),
        (DaySet("calendar:a", month_days=(25,)), "is day 25 of its month (calendar:a)"),
        (DaySet("calendar:a", month_days=(-7,)), "is day -7 of its month (calendar:a)"),
    ],
)
def test_the_reason_names_what_holds_the_day(days, reason):
    assert why_in(days, day=date(2026, 12, 25)) == f"2026-12-25 {reason}"


def test_the_last_day_of_a_month_is_called_so():
    reason = why_in(DaySet("calendar:a", month_days=(-1,)), day=date(2028, 2, 29))
    assert reason == "2028-02-29 is the last day of its month (calendar:a)"


def test_a_day_that_is_not_among_days_and_calendars_is_told_with_them():
    one = campaign(weekdays=frozenset({0, 1}), calendars=(DaySet("calendar:launch", month_days=(1,)),))
    found = rest_day(one, day=date(2026, 12, 25))
    assert found is not None
    assert found.reason == "Friday 2026-12-25 is not among the campaign's days, mon, tue, calendar:launch"
