"""People at the desktop program: what they delete, clear and do beside us."""

from __future__ import annotations

from support.engine import Engine, post_to

from runner.simulator.history import HappeningKind
from runner.simulator.options import Plan

START = "2026-11-23 14:29:50"
LONG = {"pc": {"serials": ("A", "B"), "duration_seconds": (3600.0, 3600.0)}}


def test_a_task_that_a_person_deletes_has_failed(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=LONG) as engine:
        engine.start().until("14:31")
        engine.host().person.delete(1)
        engine.until("14:32")
        record = engine.record("A")
        assert (record.state, record.reason) == ("failed", "deleted on the host")
        assert engine.told("task.gone")


def test_a_result_outlives_its_task(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:32")
        engine.host().person.clear_all()
        engine.until("14:40")
        assert engine.states() == {"A": "completed"}


def test_other_work_under_our_number_is_neither_misread_nor_touched(tmp_path):
    campaigns = {"c": post_to("A", at_close="stop", retry={"attempts": 3, "delay": "0s"})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=LONG) as engine:
        engine.start().until("14:31")
        person = engine.host().person
        person.clear_all()
        theirs = person.create_task("post", script_config={}, serials=["B"])
        assert theirs == [1]
        engine.until("14:50")
        record = engine.record("A")
        assert (record.state, record.reason) == ("failed", "deleted on the host")
        assert engine.told("task.mismatched", task_ids=["1"])
        assert len(engine.told("task.mismatched")) == 1
        assert engine.host().farm.tasks[1].runs == 1
        touched = engine.of(HappeningKind.STOPPED, HappeningKind.DELETED, HappeningKind.RETRIED)
        assert {happening.details.get("by") for happening in touched} == {"person"}


def test_other_pending_work_under_our_number_is_not_withdrawn(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "pickup_seconds": (7200.0, 7200.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:44:58")
        engine.host().person.clear_all()
        engine.host().person.create_task("follow", script_config={"target_user": "@x"}, serials=["A"])
        engine.until("14:47")
        assert list(engine.host().farm.tasks) == [1]
        assert engine.states() == {"A": "failed"}


def test_other_failed_work_under_our_number_is_not_retried(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "failure_rate": 1.0}}
    campaigns = {"c": post_to("A", start_time="14:30-15:30", retry={"attempts": 3, "delay": "10m"})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("14:31")
        assert engine.states() == {"A": "failed"}
        engine.host().person.clear_all()
        engine.host().person.create_task("post", script_config={}, serials=["B"])
        engine.until("14:50")
        assert engine.of(HappeningKind.RETRIED) == []


def test_an_account_may_run_on_whatever_device_the_host_chooses(tmp_path):
    group = {"device_groups": {"devices": {"usernames": ["@brand"]}}}
    hosts = {"pc": {"accounts": {"B": ("@brand",)}}}
    with Engine(tmp_path, at=START, campaigns={"c": {**post_to(), **group}}, hosts=hosts) as engine:
        engine.start().until("14:32")
        assert engine.states() == {"@brand": "completed"}
        assert engine.created()[0][1]["usernames"] == ["@brand"]


def test_hundreds_of_other_tasks_do_not_hide_ours(tmp_path):
    serials = tuple(f"S{number:03}" for number in range(120))
    hosts = {"pc": {"serials": serials, "plan": Plan(device_limit=300, concurrency=150)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to(*serials)}, hosts=hosts) as engine:
        engine.host().person.create_task("post", script_config={}, serials=list(serials))
        engine.start().until("14:30:06")
        assert len([1 for event in engine.told("task.observed")]) == 120
        engine.until("14:34")
        assert set(engine.states().values()) == {"completed"}
        assert len(engine.asked("GET /task/")) < 600
