"""From campaigns to the plan of a day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from time import process_time

from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, EVENING, MORNING, campaign, entry

from runner.core.expand import expand, order_of, plan_days
from runner.core.keys import assignment_key
from runner.model.campaign import AtClose, OnUnsettled, Retry, Spread
from runner.model.instant import shown
from runner.model.window import Window


def test_a_day_has_a_run_for_each_entry_and_window_in_the_order_of_the_file():
    plan = expand(campaign(entry("warmup", windows=[EVENING, MORNING]), entry("clip")), day=DAY)
    assert [(planned.run.script, planned.run.window) for planned in plan] == [
        ("warmup", "18:00-20:00"),
        ("warmup", "09:00-11:00"),
        ("clip", "09:00-11:00"),
    ]


def test_a_run_says_all_that_its_assignments_have_in_common():
    spring = campaign(entry("clip", script_config={"content_type": "0"}))
    (planned,) = expand(spring, day=DAY)
    run = planned.run
    assert (run.campaign, run.script, run.day, run.version) == ("spring", "clip", DAY, "1" * 64)
    assert run.timezone == "Europe/Stockholm"
    assert shown(run.opens) == "2026-12-01T08:00:00+00:00"
    assert shown(run.closes) == "2026-12-01T10:00:00+00:00"
    assert run.order == order_of(spring.entries[0])


def test_assignments_are_in_the_order_of_the_file_with_their_place_in_it():
    (planned,) = expand(campaign(entry(targets=["Z", "A", "M"])), day=DAY)
    assert [(one.target.name, one.group, one.index) for one in planned.assignments] == [
        ("Z", "studio", 0),
        ("A", "studio", 1),
        ("M", "studio", 2),
    ]


def test_an_assignment_has_the_key_of_what_it_is_and_a_due_instant_in_its_window():
    (planned,) = expand(campaign(entry(targets=["A", "B"])), day=DAY)
    assert [one.key for one in planned.assignments] == [
        assignment_key("spring", script="clip", target=one.target, day=DAY, window="09:00-11:00")
        for one in planned.assignments
    ]
    assert [shown(one.due) for one in planned.assignments] == [
        "2026-12-01T08:30:00+00:00",
        "2026-12-01T09:30:00+00:00",
    ]


def test_an_entry_spreads_its_targets_as_it_says():
    (planned,) = expand(campaign(entry(spread=Spread.TOGETHER)), day=DAY)
    assert {one.due for one in planned.assignments} == {planned.run.opens}


def test_an_order_takes_over_what_the_entry_says():
    retry = Retry(attempts=2, delay=timedelta(minutes=5))
    order = order_of(
        entry(
            script_name="follow",
            script_config={"target_users": ["x"]},
            enable_multi_account=True,
            min_interval=1,
            max_interval=2,
            expected_tasks=None,
            retry=retry,
            at_close=AtClose.LEAVE,
            on_unsettled=OnUnsettled.HOLD,
        )
    )
    assert (order.script_name, order.script_config) == ("follow", {"target_users": ["x"]})
    assert order.enable_multi_account is True
    assert (order.min_interval, order.max_interval, order.expected_tasks) == (1, 2, None)
    assert (order.retry, order.at_close, order.on_unsettled) == (retry, AtClose.LEAVE, OnUnsettled.HOLD)


def test_a_day_of_rest_has_no_runs():
    assert list(expand(campaign(enabled=False), day=DAY)) == []


def test_an_entry_without_targets_has_an_empty_run():
    (planned,) = expand(campaign(entry(targets=[])), day=DAY)
    assert planned.assignments == ()


def test_days_come_one_after_the_other_and_campaigns_in_turn():
    campaigns = (campaign(name=name) for name in ("a", "b"))
    plan = plan_days(campaigns, first=DAY, days=2)
    assert [(planned.run.day, planned.run.campaign) for planned in plan] == [
        (DAY, "a"),
        (DAY, "b"),
        (DAY + timedelta(days=1), "a"),
        (DAY + timedelta(days=1), "b"),
    ]


def test_each_campaign_has_the_day_of_its_own_zone():
    plan = plan_days(
        [campaign(timezone="Pacific/Auckland"), campaign(timezone="Pacific/Honolulu")], first=DAY, days=1
    )
    assert [shown(planned.run.opens) for planned in plan] == [
        "2026-11-30T20:00:00+00:00",
        "2026-12-01T19:00:00+00:00",
    ]


def test_runs_are_made_one_at_a_time():
    endless = plan_days([campaign()], first=DAY, days=10**6)
    assert len(list(islice(endless, 3))) == 3


@given(
    day=st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31)),
    spread=st.sampled_from(Spread),
    count=st.integers(0, 30),
    windows=st.lists(
        st.builds(Window, opens=st.integers(0, 86_399), closes=st.integers(1, 86_400)),
        max_size=3,
        unique=True,
    ),
)
def test_planning_twice_gives_the_same_plan_and_no_key_twice(day, spread, count, windows):
    spring = campaign(
        entry("a", targets=[str(number) for number in range(count)], windows=windows, spread=spread),
        entry("b", windows=windows, spread=spread),
    )
    plan = list(expand(spring, day=day))
    keys = [one.key for planned in plan for one in planned.assignments]
    assert plan == list(expand(spring, day=day))
    assert len(set(keys)) == len(keys) == (count + 3) * len(windows)
    assert all(
        planned.run.opens <= one.due < planned.run.closes for planned in plan for one in planned.assignments
    )


def test_a_hundred_thousand_assignments_are_planned_in_a_moment():
    crowd = campaign(entry(targets=[f"SERIAL{number:06}" for number in range(100_000)], spread=Spread.RANDOM))
    started = process_time()
    planned = sum(len(run.assignments) for run in expand(crowd, day=DAY))
    assert planned == 100_000
    # A quarter of a second on an idle machine; the bound is for a busy one under a coverage tracer.
    assert process_time() - started < 5
