"""Hosts and people that do with our tasks what we did not ask for, and hosts in other zones."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.simulator.history import HappeningKind
from runner.simulator.options import HostOptions

START = "2026-11-23 14:29:50"
FAILS = {"pc": {"serials": ("A",), "failure_rate": 1.0}}


def heal(engine: Engine, **options: object) -> None:
    engine.host().change(HostOptions(name="pc", serials=("A",), **options))


def test_what_a_person_retries_after_its_window_and_has_not_begun_is_withdrawn(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=FAILS) as engine:
        engine.start().until("14:50")
        assert engine.states() == {"A": "failed"}
        heal(engine, pickup_seconds=(600, 600))
        engine.host().person.retry_all()
        engine.until("15:00")
        assert engine.states() == {"A": "expired"}
        assert engine.told("assignment.submitted", state="submitted")
        assert len(engine.told("task.withdrawn")) == 1
        assert len(engine.of(HappeningKind.STARTED)) == 1


def test_what_a_person_retries_hours_later_is_followed_and_taken_back_at_the_close(tmp_path):
    campaigns = {"c": post_to("A", start_time="14:30-18:00", spread="together")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=FAILS) as engine:
        engine.start().until("14:50")
        assert engine.states() == {"A": "failed"}
        engine.until("17:00")
        heal(engine, pickup_seconds=(7200, 7200))
        engine.host().person.retry_all()
        engine.until("17:30")
        assert engine.states() == {"A": "submitted"}
        engine.until("18:05")
        assert engine.states() == {"A": "expired"}
        assert len(engine.of(HappeningKind.STARTED)) == 1


@pytest.mark.parametrize(("at_close", "state"), [("withdraw", "completed"), ("stop", "failed")])
def test_what_a_person_retries_after_its_window_and_runs_goes_on_unless_it_is_to_be_stopped(
    tmp_path, at_close, state
):
    campaigns = {"c": post_to("A", at_close=at_close)}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=FAILS) as engine:
        engine.start().until("14:50")
        heal(engine, pickup_seconds=(0, 0), duration_seconds=(120, 120))
        engine.host().person.retry_all()
        engine.until("15:00")
        assert engine.states() == {"A": state}
        assert len(engine.told("task.stopped")) == (at_close == "stop")
        assert len(engine.created()) == 1


def test_a_task_that_a_restart_of_its_host_puts_back_is_followed_and_not_submitted_again(tmp_path):
    hosts = {"pc": {"serials": ("A",), "duration_seconds": (120.0, 120.0), "own_retries": 1}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:30:30")
        assert engine.states() == {"A": "running"}
        engine.host().person.restart(down_seconds=20)
        engine.until("14:36")
        told = [event.fields["state"] for event in engine.told("assignment.") if "state" in event.fields]
        assert told == ["submitted", "running", "completed"]
        assert len(engine.of(HappeningKind.STARTED)) == 2
        assert len(engine.created()) == 1


def test_a_task_that_never_ends_is_running_and_is_not_submitted_again(tmp_path):
    hosts = {"pc": {"serials": ("A",), "stuck_rate": 1.0}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("18:00")
        assert engine.states() == {"A": "running"}
        assert len(engine.created()) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"])
def test_the_zone_of_a_host_moves_nothing(tmp_path, zone):
    hosts = {"pc": {"serials": ("A",), "timezone": zone}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:31")
        ((at, body),) = engine.created()
        assert at == "14:30:00"
        assert "start_time" not in body
        assert engine.states() == {"A": "completed"}
