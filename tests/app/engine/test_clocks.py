"""Sleep, clocks that are set, and clocks that move between two instructions."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.app.rhythm import Rhythm
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
DAY = 86_400
YEAR_SECONDS = 365 * DAY


def test_after_a_sleep_inside_the_window_work_goes_on(tmp_path):
    with Engine(tmp_path, at="2026-11-23 14:20", campaigns={"c": post_to("A")}) as engine:
        engine.start().after(1)
        engine.sleep(15 * 60)
        engine.after(60)
        assert engine.states() == {"A": "completed"}
        (told,) = engine.told("clock.jumped")
        assert told.fields["seconds"] == 900


def test_what_a_sleep_has_missed_is_told_once_and_why(tmp_path):
    serials = tuple(f"S{number}" for number in range(5))
    hosts = {"pc": {"serials": serials}}
    with Engine(tmp_path, at="2026-11-23 14:20", campaigns={"c": post_to(*serials)}, hosts=hosts) as engine:
        engine.start().after(1)
        engine.sleep(3600)
        engine.after(20)
        assert set(engine.states().values()) == {"missed"}
        assert len(engine.told("assignment.missed")) == 5
        assert engine.record("S0").reason == "the runner was not running when its window closed"
        assert engine.created() == []


def test_a_clock_set_back_repeats_nothing_and_does_not_stand_still(tmp_path):
    campaigns = {"c": post_to("A"), "d": post_to("B", start_time="14:25-14:40")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:30:03")
        engine.set_clock(-3600)
        engine.until("14:33")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert engine.told("clock.jumped")
        engine.edit("e", post_to("A", start_time="13:34-13:50"))
        engine.after(120)
        assert len(engine.of(HappeningKind.COMMITTED)) == 3
        engine.after(3700)
        assert len(engine.of(HappeningKind.COMMITTED)) == 3


def test_a_clock_set_forward_past_the_window_misses_it(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start()
        engine.set_clock(3600)
        engine.after(20)
        assert engine.states() == {"A": "missed"}


def test_what_falls_due_between_a_look_and_its_alarm_is_not_late(tmp_path):
    serials = tuple(f"S{number:03}" for number in range(100))
    campaign = post_to(*serials, start_time="14:30-14:31:40", spread="even")
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts={"pc": {"serials": serials}}) as engine:
        engine.clock.per_look_us = 40_000
        engine.start()
        while engine.clock.true() < engine.moment("14:31:42").timestamp() * 1_000_000:
            engine.after(1)
        late = [one.submitted_at - one.assignment.due for one in engine.records(day=engine.today())]
        assert len(late) == 100
        assert max(late) < 5_000_000


def test_work_goes_on_after_an_hour_without_any_change(tmp_path):
    campaigns = {"c": post_to("A", start_time="15:35")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("15:36")
        assert engine.states() == {"A": "completed"}


@pytest.mark.parametrize("years", [56, 26, 2])
def test_nothing_is_planned_or_submitted_until_a_clock_that_was_never_set_is_set(tmp_path, years):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.set_clock(-years * YEAR_SECONDS)
        engine.start().after(120)
        assert len(engine.told("clock.unset")) == 1
        assert engine.records() == []
        assert engine.created() == []
        engine.set_clock(years * YEAR_SECONDS)
        engine.after(60)
        assert engine.states() == {"A": "completed"}
        assert not engine.told("assignment.missed")


# A pulse or a heartbeat may be the first to come after the clock is set.
@pytest.mark.parametrize("seconds", [30, 33.5, 29.9, 59.5])
def test_a_start_on_a_clock_that_was_never_set_keeps_what_was_planned_and_when_it_ran_last(tmp_path, seconds):
    campaigns = {"c": post_to("A"), "d": post_to("B", start_time="14:30-16:00")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().stop()
        engine.after_rest(3600)
        engine.set_clock(-56 * YEAR_SECONDS)
        engine.start().after(seconds)
        assert engine.states() == {"A": "planned", "B": "planned"}
        engine.set_clock(56 * YEAR_SECONDS)
        engine.after(60)
        assert engine.states() == {"A": "missed", "B": "completed"}
        assert engine.record("A").reason == "the runner was not running when its window closed"


def test_a_clock_that_loses_its_time_while_it_runs_submits_nothing_until_it_is_set(tmp_path):
    with Engine(tmp_path, at="2026-11-23 14:20", campaigns={"c": post_to("A")}) as engine:
        engine.start().after(60)
        engine.set_clock(-56 * YEAR_SECONDS)
        engine.until("14:35")
        assert engine.told("clock.unset")
        assert engine.created() == []
        engine.set_clock(56 * YEAR_SECONDS)
        engine.until("14:37")
        assert engine.states() == {"A": "completed"}


@pytest.mark.parametrize("stopped", [False, True])
def test_a_window_that_was_over_by_a_clock_that_was_ahead_is_kept_when_it_opens(tmp_path, stopped):
    campaigns = {"c": post_to("A", start_time="16:30-16:44"), "d": post_to("B", start_time="16:52")}
    with Engine(tmp_path, at="2026-11-23 16:50", campaigns=campaigns) as engine:
        engine.start().until("16:54")
        assert engine.states(day=engine.today()) == {"B": "completed"}
        if stopped:
            engine.stop()
        engine.set_clock(-30 * 60)
        if stopped:
            engine.start()
        engine.after(31 * 60)
        assert engine.states(day=engine.today()) == {"A": "completed", "B": "completed"}
        assert len(engine.of(HappeningKind.COMMITTED)) == 2


class Slow(Engine):
    """An engine whose days go by quickly."""

    rhythm = Rhythm(
        heartbeat_seconds=300, look_seconds=300, pulse_seconds=120, wish_seconds=120, probe_seconds=3_600
    )


@pytest.mark.parametrize("put_right", ["while it runs", "while it is stopped"])
@pytest.mark.parametrize("days", [3, 400])
def test_days_that_a_clock_that_was_ahead_has_skipped_are_kept_when_they_come(tmp_path, put_right, days):
    campaign = post_to("A", start_time="09:00-09:30", name="one")
    campaign["scripts"].append({**campaign["scripts"][0], "name": "two", "after": ["one"]})
    kept = {"poll_interval": "5m", "retention": "3d"}
    with Slow(tmp_path, at="2026-11-23 08:55", campaigns={"c": campaign}, **kept) as engine:
        engine.start().until("10:00")
        engine.set_clock(days * DAY)
        # Long enough for what is old by this clock to be deleted.
        engine.after(5_000)
        if put_right == "while it is stopped":
            engine.stop()
        engine.set_clock(-days * DAY)
        engine.start() if put_right == "while it is stopped" else engine.after(400)
        assert len(engine.told("assignment.missed")) >= 2
        # By this clock the first day was long ago, and it is not done again.
        assert [record.state for record in engine.records(day=engine.today())] == ["completed"] * 2
        engine.restart()
        for _ in range(3):
            engine.after(DAY)
            states = {record.run.script: record.state for record in engine.records(day=engine.today())}
            assert states == {"one": "completed", "two": "completed"}
        assert len(engine.of(HappeningKind.COMMITTED)) == 2 * 4
