"""Failed tasks: tried again as the campaign asks, by the host itself, or by a person."""

from __future__ import annotations

import asyncio

import pytest
from support.engine import Engine, post_to

from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import HostOptions

START = "2026-11-23 14:29:50"
FAILS = {"pc": {"serials": ("A", "B"), "failure_rate": 1.0}}
WINDOW = "14:30-15:30"


def campaign(*serials: str, attempts: int = 2, delay: str = "5m", **keys: object) -> dict[str, object]:
    retry = {"attempts": attempts, "delay": delay}
    return {"c": post_to(*serials, start_time=WINDOW, retry=retry, **keys)}


def heal(engine: Engine) -> None:
    engine.host().change(HostOptions(name="pc", serials=("A", "B"), duration_seconds=(30, 30)))


def test_a_failed_task_is_retried_as_often_and_as_late_as_asked(tmp_path):
    with Engine(tmp_path, at=START, campaigns=campaign("A"), hosts=FAILS) as engine:
        engine.start().until("15:20")
        failed = [happening.at for happening in engine.of(HappeningKind.FAILED)]
        retried = [happening.at for happening in engine.of(HappeningKind.RETRIED)]
        assert len(failed) == 3
        assert len(retried) == 2
        assert all(300 <= again - before < 311 for before, again in zip(failed, retried, strict=False))
        record = engine.record("A")
        assert (record.state, record.attempts) == ("failed", 3)
        assert len(engine.created()) == 1
        assert len(engine.told("task.retried")) == 2


def test_a_retry_that_succeeds_completes_the_assignment(tmp_path):
    with Engine(tmp_path, at=START, campaigns=campaign("A"), hosts=FAILS) as engine:
        engine.start().until("14:32")
        assert engine.states() == {"A": "failed"}
        heal(engine)
        engine.until("14:40")
        record = engine.record("A")
        assert (record.state, record.reason) == ("completed", None)


def test_nothing_is_retried_after_the_window(tmp_path):
    retry = {"attempts": 3, "delay": "20m"}
    campaigns = {"c": post_to("A", start_time="14:30-14:45", retry=retry)}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=FAILS) as engine:
        engine.start().until("15:40")
        assert engine.of(HappeningKind.RETRIED) == []
        assert engine.states() == {"A": "failed"}


@pytest.mark.parametrize("delay", ["0s", "5s", "20s"])
def test_a_retry_and_the_hosts_own_do_not_get_into_each_others_way(tmp_path, delay):
    serials = tuple(f"S{number:02}" for number in range(20))
    hosts = {"pc": {"serials": serials, "failure_rate": 0.7, "own_retries": 2}}
    with Engine(tmp_path, at=START, campaigns=campaign(*serials, delay=delay), hosts=hosts) as engine:
        engine.start().until("15:29")
        truth = {}
        for happening in engine.of(HappeningKind.COMPLETED, HappeningKind.FAILED):
            truth[happening.details["serial"]] = str(happening.kind)
        assert engine.states() == truth


def test_a_failure_that_the_host_itself_retries_rises_again(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0, "own_retries": 1}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:30:36")
        assert engine.states() == {"A": "failed"}
        heal(engine)
        engine.until("14:33")
        assert engine.states() == {"A": "completed"}
        assert engine.asked("POST") == ["POST /task"]


def test_a_person_who_retries_minutes_later_is_seen(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=FAILS) as engine:
        engine.start().until("14:40")
        heal(engine)
        engine.host().person.retry(1)
        engine.until("14:42")
        assert engine.states() == {"A": "completed"}


def test_a_retry_that_begins_and_ends_between_two_looks_is_seen(tmp_path):
    seldom = {"campaigns": {"c": post_to("A")}, "hosts": FAILS, "poll_interval": "5m"}
    with Engine(tmp_path, at=START, **seldom) as engine:
        engine.start().until("14:50:30")
        assert engine.states() == {"A": "failed"}
        heal(engine)
        engine.host().person.retry(1)
        engine.until("14:56")
        assert engine.states() == {"A": "completed"}


@pytest.mark.parametrize(
    ("fault", "retried"),
    [
        (Fault(FaultKind.RESET, Work.NONE), 1),
        (Fault(FaultKind.REFUSE), 2),
        (Fault(FaultKind.INTERNAL_ERROR, Work.NONE), 1),
    ],
    ids=lambda value: str(getattr(value, "kind", "")),
)
def test_a_retry_that_goes_wrong_leaves_the_assignment_failed(tmp_path, fault, retried):
    faults = FaultPlan(script=(fault, None), scripted_requests="POST /task/*/retry")
    hosts = {"pc": {**FAILS["pc"], "faults": faults}}
    with Engine(tmp_path, at=START, campaigns=campaign("A", delay="60s"), hosts=hosts) as engine:
        engine.start().until("14:45")
        assert engine.told("task.retry_failed")
        record = engine.record("A")
        assert record.state == "failed"
        assert record.attempts == 3
        assert len(engine.of(HappeningKind.RETRIED)) == retried


def test_a_retry_that_the_host_refuses_counts(tmp_path):
    said = {"code": 40001, "message": "no", "data": None}
    with Engine(tmp_path, at=START, campaigns=campaign("A", delay="30s"), hosts=FAILS) as engine:
        engine.answer = lambda _method, path: said if path.endswith("/retry") else None
        engine.start().until("14:45")
        record = engine.record("A")
        assert (record.state, record.attempts) == ("failed", 3)
        assert len(engine.told("task.retry_failed")) == 2


@pytest.mark.parametrize("kind", [FaultKind.REFUSE, FaultKind.RESET])
def test_of_several_failed_tasks_one_retried_makes_it_go_on(tmp_path, kind):
    follow = campaign("A", delay="30s", attempts=1)
    follow["c"]["scripts"][0] |= {"script_name": "follow", "script_config": {"target_users": ["@x", "@y"]}}
    faults = FaultPlan(script=(None, Fault(kind, Work.NONE)), scripted_requests="POST /task/*/retry")
    hosts = {"pc": {**FAILS["pc"], "faults": faults}}
    with Engine(tmp_path, at=START, campaigns=follow, hosts=hosts) as engine:
        engine.start().until("14:45")
        assert engine.states() == {"A": "failed"}
        assert len(engine.of(HappeningKind.RETRIED)) == 1
        assert engine.record("A").attempts == 2


def test_of_several_failed_tasks_a_refusal_after_the_first_goes_on(tmp_path):
    follow = campaign("A", delay="30s", attempts=1)
    follow["c"]["scripts"][0] |= {"script_name": "follow", "script_config": {"target_users": ["@x", "@y"]}}
    said = {"code": 40001, "message": "no", "data": None}
    with Engine(tmp_path, at=START, campaigns=follow, hosts=FAILS) as engine:
        engine.answer = lambda _method, path: said if path == "/task/2/retry" else None
        engine.start().until("14:45")
        assert len(engine.told("task.retried")) == 1
        assert engine.states() == {"A": "failed"}


def test_other_peoples_failed_tasks_are_never_touched(tmp_path):
    with Engine(tmp_path, at=START, campaigns=campaign("A", delay="0s"), hosts=FAILS) as engine:
        theirs = engine.host().person.create_task("post", script_config={}, serials=["A", "B"])
        engine.start().until("15:20")
        touched = {happening.details["task_id"] for happening in engine.of(HappeningKind.RETRIED)}
        assert touched
        assert touched.isdisjoint(theirs)
        assert all(set(engine.host().farm.tasks) >= {task} for task in theirs)


def test_stopping_begins_no_retry(tmp_path):
    with Engine(tmp_path, at=START, campaigns=campaign("A", delay="30s"), hosts=FAILS) as engine:
        engine.start().until("14:30:50")

        async def stop(_host: str, asked: str) -> None:
            if asked == "GET /task/stats":
                engine.daemon.stop()

        engine.before_request = stop
        engine.after_ending()
        assert engine.of(HappeningKind.RETRIED) == []
        engine.before_request = None
        engine.start().until("14:32")
        assert len(engine.of(HappeningKind.RETRIED)) == 1


def test_what_rose_and_ended_while_the_runner_was_away_is_seen(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=FAILS) as engine:
        engine.start().until("14:30:40")
        assert engine.states() == {"A": "failed"}
        engine.stop()
        heal(engine)
        engine.host().person.retry(1)
        engine.after_rest(600)
        engine.start().after(10)
        assert engine.states() == {"A": "completed"}


def test_a_failed_task_that_a_person_deletes_before_its_retry_is_not_retried(tmp_path):
    with Engine(tmp_path, at=START, campaigns=campaign("A"), hosts=FAILS) as engine:
        engine.start().until("14:34")
        assert engine.states() == {"A": "failed"}
        engine.host().person.delete(1)
        engine.until("14:45")
        assert [asked for asked in engine.asked("POST") if asked.endswith("/retry")] == []
        assert engine.record("A").attempts == 1
        assert engine.states() == {"A": "failed"}


def test_a_look_that_ends_while_a_stop_waits_for_a_request_begins_no_retry(tmp_path):
    campaigns = campaign("A", delay="28s") | {"d": post_to("B", start_time="14:31:02-14:45")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=FAILS) as engine:

        async def stop_in_the_middle(_host: str, asked: str) -> None:
            late = engine.clock.moment() >= engine.moment("14:31:02")
            if asked == "POST /task" and late:
                await asyncio.sleep(9)
            if asked == "GET /task/stats" and late:
                engine.daemon.stop()
                await asyncio.sleep(0.5)

        engine.start().until("14:31:01")
        assert engine.states() == {"A": "failed", "B": "planned"}
        engine.before_request = stop_in_the_middle
        engine.after_ending()
        assert engine.of(HappeningKind.RETRIED) == []
        assert len(engine.of(HappeningKind.COMMITTED)) == 2
        engine.before_request = None
        engine.start().until("14:32")
        assert len(engine.of(HappeningKind.RETRIED)) == 1


def test_a_failure_keeps_its_reason_when_the_runner_dies_in_its_retry(tmp_path):
    with Engine(tmp_path, at=START, campaigns=campaign("A", attempts=1), hosts=FAILS) as engine:
        engine.start().until("14:32")

        async def die(_host: str, asked: str) -> None:
            if asked.endswith("/retry"):
                engine.halt()

        engine.before_request = die
        engine.until("14:45")
        assert engine.crashed
        engine.crash()
        engine.before_request = None
        engine.start().until("14:50")
        record = engine.record("A")
        assert record.state == "failed"
        assert record.reason == record.tasks[0].remark is not None
