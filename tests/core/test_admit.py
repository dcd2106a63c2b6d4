"""Whether an assignment may be submitted now."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import SECOND

from runner.core.admit import (
    Admitted,
    Circumstances,
    Hindrance,
    Refused,
    Times,
    Wait,
    admit,
    submittable_from,
)
from runner.model.record import HostState
from runner.model.state import State

DEADLINE = 10 * SECOND
TIMES = Times(due=100 * SECOND, opens=50 * SECOND, closes=200 * SECOND)
CALM = Circumstances(
    host_state=HostState.READY, lane_unsettled=False, target_busy=False, in_flight=0, in_flight_limit=None
)


def asked(now_seconds, *, times=TIMES, circumstances=CALM, awake_since=0, waited_for=None):
    return admit(
        times,
        now=now_seconds * SECOND,
        deadline_us=DEADLINE,
        circumstances=circumstances,
        awake_since=awake_since,
        waited_for=waited_for,
    )


def missed(reason):
    return Refused(becomes=State.MISSED, reason=reason)


@pytest.mark.parametrize("now", [100, 150, 189])
def test_what_is_due_is_admitted_while_a_whole_request_fits_into_the_window(now):
    assert asked(now) == Admitted()


def test_what_is_not_due_waits_until_it_is():
    assert asked(99) == Wait(Hindrance.NOT_DUE, until=100 * SECOND)


@pytest.mark.parametrize(
    ("circumstances", "why"),
    [
        (replace(CALM, host_state=HostState.UNKNOWN), Hindrance.HOST_NOT_PROBED),
        (replace(CALM, host_state=HostState.UNREACHABLE), Hindrance.HOST_UNREACHABLE),
        (replace(CALM, host_state=HostState.UNLICENSED), Hindrance.HOST_UNLICENSED),
        (replace(CALM, host_state=HostState.UNCLEAR), Hindrance.HOST_UNCLEAR),
        (replace(CALM, lane_unsettled=True, target_busy=True), Hindrance.LANE_UNSETTLED),
        (replace(CALM, target_busy=True), Hindrance.TARGET_BUSY),
        (replace(CALM, in_flight=20, in_flight_limit=20), Hindrance.HOST_FULL),
        (replace(CALM, in_flight=0, in_flight_limit=0), Hindrance.HOST_FULL),
    ],
)
def test_what_is_hindered_waits_and_says_for_what(circumstances, why):
    assert asked(150, circumstances=circumstances) == Wait(why)


def test_a_host_with_room_takes_more():
    assert asked(150, circumstances=replace(CALM, in_flight=19, in_flight_limit=20)) == Admitted()


@pytest.mark.parametrize("host_state", HostState)
def test_every_state_of_a_host_is_decided(host_state):
    decision = asked(150, circumstances=replace(CALM, host_state=host_state))
    assert isinstance(decision, Admitted) == (host_state is HostState.READY)


@pytest.mark.parametrize("now", [190, 199, 200, 10_000])
def test_what_a_request_does_not_fit_in_any_more_is_missed(now):
    assert asked(now) == missed("the submissions before it took until its window closed")


@pytest.mark.parametrize(
    ("waited_for", "reason"),
    [
        (Hindrance.NOT_DUE, "the submissions before it took until its window closed"),
        (Hindrance.HOST_NOT_PROBED, "the host had not been asked for its licence before its window closed"),
        (Hindrance.HOST_UNREACHABLE, "the host was unreachable until its window closed"),
        (Hindrance.HOST_UNLICENSED, "the host's plan had no API access until its window closed"),
        (Hindrance.HOST_UNCLEAR, "the host did not answer as TikMatrix does until its window closed"),
        (Hindrance.LANE_UNSETTLED, "an earlier request for its target and script was not settled in time"),
        (Hindrance.TARGET_BUSY, "its target was busy with earlier work until its window closed"),
        (Hindrance.HOST_FULL, "the host had all the work that `in_flight` allows until its window closed"),
    ],
)
def test_what_is_missed_says_what_it_waited_for(waited_for, reason):
    assert asked(190, waited_for=waited_for) == missed(reason)


def test_what_is_missed_says_what_hinders_it_now_where_it_never_waited():
    busy = replace(CALM, target_busy=True)
    assert asked(190, circumstances=busy) == missed(
        "its target was busy with earlier work until its window closed"
    )


def test_what_it_waited_for_says_more_than_what_hinders_it_after_the_fact():
    busy = replace(CALM, target_busy=True)
    assert asked(190, circumstances=busy, waited_for=Hindrance.HOST_UNREACHABLE) == missed(
        "the host was unreachable until its window closed"
    )


def test_what_is_missed_says_that_the_runner_was_not_running():
    unreachable = replace(CALM, host_state=HostState.UNREACHABLE)
    decision = asked(300, circumstances=unreachable, awake_since=190 * SECOND)
    assert decision == missed("the runner was not running when its window closed")


def test_a_runner_that_was_awake_at_the_last_moment_does_not_count_as_stopped():
    decision = asked(300, awake_since=190 * SECOND - 1)
    assert decision == missed("the submissions before it took until its window closed")


def test_what_falls_due_too_late_for_a_request_is_submitted_shortly_before_one_no_longer_fits():
    late = replace(TIMES, due=195 * SECOND)
    start = submittable_from(late, deadline_us=DEADLINE)
    assert start == 185 * SECOND
    assert asked(184, times=late) == Wait(Hindrance.NOT_DUE, until=start)
    decision = admit(late, now=start, deadline_us=DEADLINE, circumstances=CALM, awake_since=0)
    assert decision == Admitted()


def test_a_window_that_is_shorter_than_a_request_is_missed_with_that_reason():
    short = Times(due=55 * SECOND, opens=50 * SECOND, closes=60 * SECOND)
    assert asked(50, times=short) == missed("its window is shorter than a request may take")


@st.composite
def any_times(draw):
    opens = draw(st.integers(0, 1000 * SECOND))
    length = draw(st.integers(1, 1000 * SECOND))
    due = opens + draw(st.integers(0, length - 1))
    return Times(due=due, opens=opens, closes=opens + length)


@given(times=any_times(), now=st.integers(0, 2100 * SECOND))
def test_what_is_admitted_is_inside_its_window_until_the_request_has_ended(times, now):
    decision = admit(times, now=now, deadline_us=DEADLINE, circumstances=CALM, awake_since=0)
    if decision == Admitted():
        assert times.opens <= now
        assert now + DEADLINE < times.closes


@given(times=any_times())
def test_whatever_its_due_instant_an_assignment_is_admitted_unless_its_window_is_too_short(times):
    now = submittable_from(times, deadline_us=DEADLINE)
    decision = admit(times, now=now, deadline_us=DEADLINE, circumstances=CALM, awake_since=0)
    assert isinstance(decision, Admitted) == (times.closes - times.opens > DEADLINE)
    assert times.opens <= now <= times.due
