"""Quiet hours: over midnight, on the nights of clock changes, and beside each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.quiet import first_chance, quiet_until
from runner.model.instant import SECOND, instant, moment
from runner.model.quiet import QuietHours
from runner.model.texts import read_window
from runner.model.window import OpenWindow, Window

ZONE = ZoneInfo("Europe/Stockholm")
DEADLINE_US = 10 * SECOND
MINUTE_US = 60 * SECOND


def quiet(*hours, zone="Europe/Stockholm"):
    spans = [read_window(text) for text in hours]
    return QuietHours(tuple(Window(span.opens, span.closes) for span in spans), zone)


def at(text, *, fold=0):
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold))


NIGHT = quiet("23:30-06:00")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-23 23:29:50", None),
        ("2026-11-23 23:29:51", "2026-11-24 06:00"),
        ("2026-11-23 23:30:00", "2026-11-24 06:00"),
        ("2026-11-24 00:00:00", "2026-11-24 06:00"),
        ("2026-11-24 05:59:59", "2026-11-24 06:00"),
        ("2026-11-24 06:00:00", None),
        ("2027-03-28 01:00:00", "2027-03-28 06:00"),
        ("2027-10-31 02:30:00", "2027-10-31 06:00"),
    ],
)
def test_a_request_must_end_before_quiet_begins_and_begin_after_it_ends(now, until):
    found = quiet_until(NIGHT, now=at(now), deadline_us=DEADLINE_US)
    assert found == (None if until is None else at(until))


def test_hours_that_a_clock_change_repeats_are_quiet_from_the_first_time_on():
    change = quiet("02:30-03:30")
    assert quiet_until(change, now=at("2027-10-31 02:29"), deadline_us=DEADLINE_US) is None
    for fold in (0, 1):
        now = at("2027-10-31 02:40", fold=fold)
        assert quiet_until(change, now=now, deadline_us=DEADLINE_US) == at("2027-10-31 03:30")
    # The second 02:00 comes after the first 02:30, so it is inside.
    assert quiet_until(change, now=at("2027-10-31 02:00", fold=1), deadline_us=DEADLINE_US) is not None


def test_hours_that_a_clock_change_skips_are_kept_as_long_after_it():
    change = quiet("02:10-02:40")
    assert quiet_until(change, now=at("2027-03-28 03:05"), deadline_us=DEADLINE_US) == at("2027-03-28 03:30")


def test_hours_that_touch_are_one():
    both = quiet("22:00-23:00", "23:00-01:00", "00:30-02:00")
    assert quiet_until(both, now=at("2026-11-23 22:10"), deadline_us=DEADLINE_US) == at("2026-11-24 02:00")


def test_a_gap_that_is_too_short_for_a_request_is_no_chance():
    both = quiet("22:00-23:00", "23:00:05-23:30")
    assert quiet_until(both, now=at("2026-11-23 22:10"), deadline_us=DEADLINE_US) == at("2026-11-23 23:30")


def test_without_quiet_hours_everything_may_go():
    assert quiet_until(None, now=0, deadline_us=DEADLINE_US) is None


@given(
    st.integers(0, 400 * 24 * 60).map(lambda minute: at("2026-01-01 00:00") + minute * MINUTE_US),
    st.integers(0, 1_439),
    st.integers(1, 1_200),
)
def test_the_instant_that_is_named_is_free_and_no_earlier_one_is(now, opens, length):
    hours = QuietHours((Window(opens * 60, ((opens + length - 1) % 1_440 + 1) * 60),), "Europe/Stockholm")
    until = quiet_until(hours, now=now, deadline_us=DEADLINE_US)
    if until is None:
        return
    assert until > now
    assert quiet_until(hours, now=until, deadline_us=DEADLINE_US) is None
    assert quiet_until(hours, now=until - 1, deadline_us=DEADLINE_US) == until
    if moment(now, zone=ZONE).utcoffset() == moment(until, zone=ZONE).utcoffset():
        assert until - now <= timedelta(minutes=length) // timedelta(microseconds=1) + DEADLINE_US


@pytest.mark.parametrize(
    ("opens", "closes", "chance"),
    [("22:00", "23:00", "22:00"), ("23:40", "23:59", None), ("23:59", "23:59:59", None)],
)
def test_a_window_wholly_inside_them_has_no_chance(opens, closes, chance):
    opened = OpenWindow(
        datetime(2026, 11, 23, tzinfo=ZONE).date(),
        Window(0, 1),
        at(f"2026-11-23 {opens}"),
        at(f"2026-11-23 {closes}"),
    )
    found = first_chance(NIGHT, opened=opened, deadline_us=DEADLINE_US)
    assert found == (None if chance is None else at(f"2026-11-23 {chance}"))
