"""When a submission may be handed over before it is due, and which time goes with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from runner.core.ahead import SLACK_US, Ahead, NotAhead, clock_off_us, hand_over
from runner.model.instant import SECOND, instant, moment

ZONES = [
    "Europe/Stockholm",
    "America/New_York",
    "America/Havana",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
]
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
FIRST = instant(datetime(2026, 1, 1, tzinfo=UTC))
YEAR = 365 * 24 * HOUR


def at(text: str, zone: str = "Europe/Stockholm") -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def handed(due: str, now: str, *, closes: str = "2026-11-23 23:59:59", deadline_us: int = 10 * SECOND):
    zone = ZoneInfo("Europe/Stockholm")
    return hand_over(due=at(due), closes=at(closes), now=at(now), deadline_us=deadline_us, zone=zone)


def shown_to(host_zone: ZoneInfo, start_time: str, arrives: int) -> list[int]:
    """Return every instant at which a clock of the zone shows a time on the day on which it arrives."""
    day = moment(arrives, zone=host_zone).date()
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    minutes = (instant(begins) + number * MINUTE for number in range(54 * 60))
    return [
        each
        for each in minutes
        if (shown := moment(each, zone=host_zone)).date() == day and f"{shown:%H:%M}" == start_time
    ]


@given(
    opens=st.integers(FIRST, FIRST + YEAR),
    length=st.integers(1, 24 * HOUR),
    due_share=st.floats(0, 1, exclude_max=True),
    now_share=st.floats(0, 1),
    deadline_us=st.integers(SECOND, 10 * MINUTE),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
@example(at("2026-10-25 00:30"), 4 * HOUR, 0.55, 0, SECOND, ZoneInfo("Europe/Stockholm"))
@example(at("2026-03-29 00:30"), 4 * HOUR, 0.4, 0, SECOND, ZoneInfo("Europe/Stockholm"))
@example(at("2026-11-23 22:00"), 6 * HOUR, 0.5, 0, SECOND, ZoneInfo("Europe/Stockholm"))
def test_the_time_is_never_before_it_is_due_nor_across_midnight_nor_outside_the_window(
    opens, length, due_share, now_share, deadline_us, zone
):
    closes = opens + length
    due = opens + int(length * due_share)
    now = opens + int((due - opens) * now_share)
    verdict = hand_over(due=due, closes=closes, now=now, deadline_us=deadline_us, zone=zone)
    match verdict:
        case NotAhead(until):
            assert until == due or now < until < due
        case Ahead(start_time, starts, send_by):
            assert opens <= due <= starts < min(due + MINUTE, closes - SLACK_US)
            assert now <= send_by
            for sent in (now, send_by + deadline_us):
                assert starts - sent >= MINUTE
                # The host's own reading of it is this instant and no other, on the day of its arrival.
                assert shown_to(zone, start_time, sent) == [starts]
                of_day = moment(sent, zone=zone).replace(tzinfo=None)
                begun = of_day.replace(hour=0, minute=0, second=0, microsecond=0)
                assert timedelta(minutes=2) <= of_day - begun <= timedelta(hours=23, minutes=58)
            assert moment(now, zone=zone).date() == moment(starts, zone=zone).date()


@given(
    day=st.integers(0, 364),
    due_minute=st.integers(10, 23 * 60),
    now_minute=st.integers(2, 23 * 60),
)
def test_far_from_midnight_and_changes_it_is_always_handed_over(day, due_minute, now_minute):
    assume(now_minute + 2 <= due_minute)
    start = FIRST + day * 24 * HOUR
    due, now = start + due_minute * MINUTE, start + now_minute * MINUTE
    verdict = hand_over(
        due=due, closes=due + HOUR, now=now, deadline_us=10 * SECOND, zone=ZoneInfo("Asia/Tokyo")
    )
    utc = hand_over(due=due, closes=due + HOUR, now=now, deadline_us=10 * SECOND, zone=ZoneInfo("UTC"))
    assert isinstance(utc, Ahead)
    assert utc.start_time == f"{due_minute // 60:02}:{due_minute % 60:02}"
    # In a zone whose midnight lies in that day it waits for that, or goes when it is due.
    assert isinstance(verdict, (Ahead, NotAhead))


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        ("2026-11-23 14:30", "2026-11-23 09:00", "14:30"),
        ("2026-11-23 14:30:01", "2026-11-23 09:00", "14:31"),
        ("2026-11-23 14:30", "2026-11-23 14:28:50", "14:30"),
        ("2026-11-23 14:30", "2026-11-23 14:28:51", "too soon"),
        ("2026-11-23 23:58", "2026-11-23 09:00", "23:58"),
        ("2026-11-23 23:58:01", "2026-11-23 09:00", "near the host's midnight"),
        ("2026-11-23 00:01", "2026-11-22 23:00", "near the host's midnight"),
        ("2026-11-23 14:30", "2026-11-23 00:02", "14:30"),
        ("2026-11-23 14:30", "2026-11-23 00:01", "midnight lies before it"),
        ("2026-11-23 14:30", "2026-11-22 20:00", "midnight lies before it"),
        ("2026-11-23 23:57:01", "2026-11-23 20:00", "23:58"),
        ("2026-10-25 01:59", "2026-10-25 00:30", "01:59"),
        ("2026-10-25 02:30", "2026-10-25 00:30", "clock is changed before it"),
        ("2026-10-25 04:00", "2026-10-25 00:30", "clock is changed before it"),
        ("2026-10-25 04:00", "2026-10-25 03:30", "04:00"),
    ],
)
def test_what_goes_when(due, now, expected):
    verdict = handed(due, now)
    said = verdict.start_time if isinstance(verdict, Ahead) else verdict.reason
    assert expected in said


def test_across_the_midnight_it_is_handed_over_just_after_it():
    assert handed("2026-11-23 01:00", "2026-11-22 22:00").until == at("2026-11-23 00:02")
    assert handed("2026-11-23 00:02:30", "2026-11-22 22:00").until == at("2026-11-23 00:02:30")


def test_near_the_close_there_is_no_whole_minute_left():
    verdict = handed("2026-11-23 14:30:01", "2026-11-23 09:00", closes="2026-11-23 14:31:10")
    assert "window closes" in verdict.reason
    assert handed("2026-11-23 14:30:01", "2026-11-23 09:00", closes="2026-11-23 14:31:11").start_time


@pytest.mark.parametrize(
    ("shown", "off"),
    [(None, None), (100, None), (160, None), (162, 61), (39, None), (38, -61), (-3_500, -3_599)],
)
def test_clocks_differ_where_no_moment_of_the_answer_explains_it(shown, off):
    found = clock_off_us(
        None if shown is None else shown * SECOND, asked_at=100 * SECOND, answered_at=101 * SECOND
    )
    assert found == (None if off is None else off * SECOND)
