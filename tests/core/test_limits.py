"""Limits: whatever comes in whatever order, no period ever holds more, and no gap is shorter."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from runner.core.limits import Exhausted, NotBefore, frees_at, refusal, reservations, taken
from runner.model.campaign import Target, TargetKind
from runner.model.instant import SECOND, instant, moment
from runner.model.limit import Bound, Limit, Period
from runner.model.use import Use

ZONES = st.sampled_from(["UTC", "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe"])
HOUR_US = 3_600 * SECOND
# Two days around the end of summer time in Europe, in whole minutes so that instants meet.
MINUTES = st.integers(0, 3 * 1_440)
START = 1_793_400_000 * SECOND
USES = st.builds(
    Use,
    campaign=st.sampled_from("cd"),
    script=st.sampled_from("xy"),
    script_name=st.sampled_from(["post", "follow"]),
    target=st.builds(
        Target, st.sampled_from(["pc", "mac"]), st.just(TargetKind.SERIAL), st.sampled_from("AB")
    ),
)


def limit(bound, period, *, most=1, length_us=HOUR_US, timezone="UTC", campaign=None):
    length_us = 0 if period is Period.DAY else length_us
    return Limit(bound, period, most, length_us, timezone, campaign, "c.yaml", f"per_{bound}: {most}")


def submitted(limits, asked):
    """Return what goes of uses that ask at instants, in the order in which they ask."""
    gone = []
    for use, at in asked:
        wanted = reservations(limits, use=use, now=at)
        if all(taken(each, uses=gone) is None for each in wanted):
            gone.append((use, at))
    return gone


def owner(bound, use, *, campaign):
    """Return whose use one is under a limit; None where the limit is not for it."""
    if campaign is not None and use.campaign != campaign:
        return None
    match bound:
        case Bound.TARGET:
            return use.target
        case Bound.HOST:
            return use.target.host
        case Bound.CAMPAIGN:
            return use.campaign
        case Bound.SCRIPT:
            return use.script_name if campaign is None else use.script


LIMITS = st.builds(
    limit,
    st.sampled_from(Bound),
    st.sampled_from([Period.DAY, Period.HOUR]),
    most=st.integers(1, 3),
    timezone=ZONES,
)
ASKED = st.lists(st.tuples(USES, MINUTES.map(lambda minute: START + minute * 60 * SECOND)), max_size=60)


@given(LIMITS, ASKED, st.sampled_from([None, "c"]))
def test_no_period_ever_holds_more_than_its_limit(bounded, asked, campaign):
    bounded = limit(
        bounded.bound, bounded.period, most=bounded.most, timezone=bounded.timezone, campaign=campaign
    )
    asked = [(use, at) for use, at in asked if campaign is None or use.campaign == campaign]
    of_owner = {}
    for use, at in submitted([bounded], asked):
        of_owner.setdefault(owner(bounded.bound, use, campaign=campaign), []).append(at)
    zone = ZoneInfo(bounded.timezone)
    for instants in of_owner.values():
        if bounded.period is Period.DAY:
            days = [moment(at, zone=zone).date() for at in instants]
            assert max(map(days.count, days)) <= bounded.most
        else:
            for first in instants:
                assert sum(first <= at < first + HOUR_US for at in instants) <= bounded.most


@given(ASKED, st.integers(1, 7_200))
def test_gaps_are_kept_in_whatever_order_submissions_come(asked, seconds):
    gap = limit(Bound.TARGET, Period.GAP, length_us=seconds * SECOND)
    of_target = {}
    for use, at in submitted([gap], asked):
        of_target.setdefault(use.target, []).append(at)
    for instants in of_target.values():
        assert all(later - earlier >= gap.length_us for earlier, later in pairwise(sorted(instants)))


@given(LIMITS, ASKED.filter(bool))
def test_what_is_refused_finds_a_place_at_the_instant_that_is_named(bounded, asked):
    asked = sorted(asked, key=lambda one: one[1])
    gone = submitted([bounded], asked)
    use, at = asked[-1]
    (wanted,) = reservations([bounded], use=use, now=at)
    full = taken(wanted, uses=gone)
    if full is None:
        return
    free = frees_at(full)
    assert free > at
    (later,) = reservations([bounded], use=use, now=free)
    assert taken(later, uses=gone) is None
    (before,) = reservations([bounded], use=use, now=free - 1)
    assert taken(before, uses=gone) is not None


@given(ASKED)
def test_what_others_use_up_does_not_count(asked):
    bounded = limit(Bound.TARGET, Period.DAY, campaign="c")
    others = [(use, at) for use, at in asked if use.campaign != "c"]
    mine = Use("c", "x", "post", Target("pc", TargetKind.SERIAL, "A"))
    (wanted,) = reservations([bounded], use=mine, now=START)
    assert taken(wanted, uses=others) is None


def test_a_day_is_that_of_the_zone_on_the_days_of_clock_changes():
    zone = ZoneInfo("Europe/Stockholm")
    day = limit(Bound.HOST, Period.DAY, timezone="Europe/Stockholm")
    use = Use("c", "x", "post", Target("pc", TargetKind.SERIAL, "A"))
    for month, date, hours in ((3, 29, 23), (10, 25, 25), (6, 1, 24)):
        noon = instant(datetime(2026, month, date, 12, tzinfo=zone))
        (wanted,) = reservations([day], use=use, now=noon)
        assert wanted.before - wanted.after - 1 == hours * HOUR_US


def test_the_limit_that_lasts_longest_decides_and_is_named():
    use = Use("c", "x", "post", Target("pc", TargetKind.SERIAL, "A"))
    limits = [limit(Bound.TARGET, Period.HOUR), limit(Bound.HOST, Period.DAY)]
    full = [taken(each, uses=[(use, START)]) for each in reservations(limits, use=use, now=START + 1)]
    (_, of_day) = full
    match refusal(full, last_moment=frees_at(of_day) + 1):
        case NotBefore(until, reason):
            assert until == frees_at(of_day)
            assert reason == "`per_host: 1` of c.yaml is used up"
    match refusal(full, last_moment=frees_at(of_day)):
        case Exhausted(reason=reason):
            assert reason.startswith("`per_host: 1` of c.yaml allows no more before its window closes")
