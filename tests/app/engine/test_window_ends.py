"""What happens as a window closes: to what is planned, pending and running, and in its last seconds."""

from __future__ import annotations

import asyncio

import pytest
from support.engine import Engine, post_to

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import HostOptions, Plan

START = "2026-11-23 14:29:50"
LONG = {"duration_seconds": (3600.0, 3600.0)}


def one_at_a_time(**options: object) -> dict[str, dict[str, object]]:
    """Return a host that runs one task at once, for an hour."""
    return {"pc": {"serials": ("A", "B"), "plan": Plan(concurrency=1), **LONG, **options}}


def test_pending_work_is_withdrawn_and_running_work_left(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=one_at_a_time()) as engine:
        engine.start().until("14:44:59")
        assert sorted(engine.states().values()) == ["running", "submitted"]
        engine.until("14:45:01")
        assert sorted(engine.states().values()) == ["expired", "running"]
        assert len(engine.of(HappeningKind.DELETED)) == 1
        assert engine.of(HappeningKind.STOPPED) == []
        (told,) = engine.told("assignment.expired")
        assert "withdrawn" in told.fields["reason"]
        engine.until("15:40")
        assert sorted(engine.states().values()) == ["completed", "expired"]


def test_running_work_is_stopped_where_the_campaign_says_so(tmp_path):
    campaigns = {"c": post_to("A", "B", at_close="stop")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=one_at_a_time()) as engine:
        engine.start().until("14:46")
        assert sorted(engine.states().values()) == ["expired", "failed"]
        assert len(engine.of(HappeningKind.DELETED)) == 1
        assert len(engine.of(HappeningKind.STOPPED)) == 1
        assert len(engine.told("task.stopped")) == 1


def test_everything_stays_where_the_campaign_leaves_it(tmp_path):
    campaigns = {"c": post_to("A", "B", at_close="leave")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=one_at_a_time()) as engine:
        engine.start().until("14:46")
        assert sorted(engine.states().values()) == ["running", "submitted"]
        engine.until("16:40")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert engine.asked("DELETE") == []


def test_work_that_began_a_moment_before_is_not_withdrawn(tmp_path):
    hosts = {"pc": {"serials": ("A",), "pickup_seconds": (898.0, 898.0)}}
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts, poll_interval="10m"
    ) as engine:
        engine.start().until("14:45:01")
        assert engine.states() == {"A": "running"}
        engine.until("15:00")
        assert engine.states() == {"A": "completed"}
        assert engine.asked("DELETE") == []


def test_a_task_that_was_never_looked_at_is_withdrawn_too(tmp_path):
    hosts = one_at_a_time(pickup_seconds=(7200.0, 7200.0))
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts, poll_interval="10m"
    ) as engine:
        engine.start().until("14:46")
        assert engine.states() == {"A": "expired"}


def test_a_withdrawal_that_fails_is_tried_again(tmp_path):
    broken = FaultRule(Fault(FaultKind.RESET, Work.NONE), requests="DELETE *")
    hosts = one_at_a_time(faults=FaultPlan(rules=(broken,)))
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=hosts) as engine:
        engine.start().until("14:46")
        assert sorted(engine.states().values()) == ["running", "submitted"]
        assert engine.told("task.withdrawal_failed")
        engine.host().change(HostOptions(name="pc", serials=("A", "B"), plan=Plan(concurrency=1), **LONG))
        engine.until("14:47")
        assert sorted(engine.states().values()) == ["expired", "running"]


@pytest.mark.parametrize("code", [40401, 40001])
def test_a_task_that_is_gone_already_counts_as_withdrawn(tmp_path, code):
    said = {"code": code, "message": "no", "data": None}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=one_at_a_time()) as engine:
        engine.answer = lambda method, _path: said if method == "DELETE" else None
        engine.start().until("14:46")
        waiting = "expired" if code == 40401 else "submitted"
        assert sorted(engine.states().values()) == sorted([waiting, "running"])
        assert bool(engine.told("task.withdrawal_failed")) == (code == 40001)


@pytest.mark.parametrize(("code", "again"), [(40401, False), (40301, True)])
def test_a_stop_is_asked_for_once_unless_the_licence_was_missing(tmp_path, code, again):
    said = {"code": code, "message": "no", "data": None}
    campaigns = {"c": post_to("A", at_close="stop")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=one_at_a_time()) as engine:
        engine.answer = lambda _method, path: said if path.endswith("/stop") else None
        engine.start().until("14:45:45")
        assert engine.states() == {"A": "running"}
        times = len([asked for asked in engine.asked("POST") if asked.endswith("/stop")])
        assert (times > 1) == again


@pytest.mark.parametrize("stops", [False, True])
def test_a_withdrawal_whose_answer_is_lost_has_expired_all_the_same(tmp_path, stops):
    lost = FaultRule(Fault(FaultKind.RESET, Work.DONE), requests="DELETE *")
    hosts = one_at_a_time(faults=FaultPlan(rules=(lost,)))
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=hosts) as engine:
        engine.start().until("14:45:00" if stops else "14:46")
        if stops:
            engine.crash()
            engine.start().until("14:46")
        assert sorted(engine.states().values()) == ["expired", "running"]
        assert len(engine.of(HappeningKind.DELETED)) == 1


def test_a_stop_whose_answer_is_lost_is_asked_for_again(tmp_path):
    lost = FaultRule(Fault(FaultKind.RESET, Work.NONE), requests="POST /task/*/stop")
    hosts = one_at_a_time(faults=FaultPlan(rules=(lost,)))
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", at_close="stop")}, hosts=hosts) as engine:
        engine.start().until("14:46:20")
        assert engine.states() == {"A": "running"}
        assert len([asked for asked in engine.asked("POST") if asked.endswith("/stop")]) >= 2


def test_of_several_tasks_the_begun_ones_go_on(tmp_path):
    follow = post_to("A")
    follow["scripts"][0] |= {"script_name": "follow", "script_config": {"target_users": ["@x", "@y"]}}
    with Engine(tmp_path, at=START, campaigns={"c": follow}, hosts=one_at_a_time()) as engine:
        engine.start().until("14:46")
        assert len(engine.of(HappeningKind.DELETED)) == 1
        assert engine.states() == {"A": "running"}
        engine.until("15:40")
        record = engine.record("A")
        assert record.state == "expired"
        assert record.reason == "1 of 2 tasks: withdrawn: its window had closed before the host began it"


def test_what_is_due_in_the_last_seconds_goes_a_little_early(tmp_path):
    serials = tuple(f"S{number:02}" for number in range(60))
    campaigns = {"c": post_to(*serials, start_time="14:30-14:31", spread="even")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts={"pc": {"serials": serials}}) as engine:
        engine.start().until("14:32")
        times = sorted(at for at, _ in engine.created())
        assert len(times) == 60
        assert times[0] == "14:30:00"
        assert times[-1] <= "14:30:50"


def test_a_window_shorter_than_a_request_is_refused_with_its_file(tmp_path):
    campaigns = {"c": post_to("A", start_time="14:30:00-14:30:08")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        assert engine.created() == []
        (rejected,) = engine.told("campaign.rejected")
        assert "no longer than a request may take" in rejected.fields["problems"][0]


def test_slow_answers_do_not_carry_work_out_of_its_window(tmp_path):
    serials = tuple(f"S{number:02}" for number in range(30))
    hosts = {"pc": {"serials": serials, "latency_seconds": (9.0, 9.0), "plan": Plan(device_limit=40)}}
    campaigns = {"c": post_to(*serials, start_time="14:30:00-14:30:40")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("14:42")
        closes = engine.moment("14:30:40").timestamp()
        made = engine.of(HappeningKind.COMMITTED)
        assert made
        assert all(happening.at < closes for happening in made)
        states = list(engine.states().values())
        assert states.count("missed") == 30 - len(made)
        reasons = {one.reason for one in engine.records(day=engine.today()) if one.state == "missed"}
        assert reasons
        assert len(engine.created()) == len(made)


def test_two_entries_for_one_device_go_one_after_another(tmp_path):
    two = post_to("A")
    two["scripts"] = [{**two["scripts"][0], "name": name} for name in ("first", "second")]
    with Engine(tmp_path, at=START, campaigns={"c": two}) as engine:
        engine.start().until("14:33")
        (first_begun, _), (second_begun, _) = engine.created()
        assert first_begun == "14:30:00"
        assert second_begun > "14:30:31"
        assert [record.state for record in engine.records(day=engine.today())] == ["completed"] * 2


def test_what_waited_for_its_device_until_the_end_says_so(tmp_path):
    two = post_to("A")
    two["scripts"] = [{**two["scripts"][0], "name": name} for name in ("first", "second")]
    with Engine(tmp_path, at=START, campaigns={"c": two}, hosts=one_at_a_time()) as engine:
        engine.start().until("14:46")
        (missed,) = [one for one in engine.records(day=engine.today()) if one.state == "missed"]
        assert missed.reason == "its target was busy with earlier work until its window closed"


def test_no_more_than_in_flight_are_on_a_host_at_once(tmp_path):
    serials = tuple(f"S{number}" for number in range(9))
    hosts = {"pc": {"serials": serials}}
    campaigns = {"c": post_to(*serials)}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts, in_flight=2) as engine:
        engine.start().until("14:40")
        assert set(engine.states().values()) == {"completed"}
        on_host, most = 0, 0
        kinds = (HappeningKind.COMMITTED, HappeningKind.COMPLETED)
        for happening in engine.of(*kinds):
            on_host += 1 if happening.kind is HappeningKind.COMMITTED else -1
            most = max(most, on_host)
        assert most == 2


def test_what_ends_while_its_stop_is_prepared_is_not_stopped(tmp_path):
    hosts = {"pc": {"serials": ("A",), "pickup_seconds": (1.0, 1.0), "duration_seconds": (901.5, 901.5)}}
    campaigns = {"c": post_to("A", at_close="stop")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts, poll_interval="10m") as engine:
        looks: list[str] = []

        async def slow_second_look(_host: str, asked: str) -> None:
            if asked == "GET /task/1" and engine.clock.moment() >= engine.moment("14:45"):
                looks.append(asked)
                if len(looks) == 2:
                    await asyncio.sleep(5)

        engine.before_request = slow_second_look
        engine.start().until("14:46")
        assert len(looks) == 2
        assert engine.states() == {"A": "completed"}
        assert [asked for asked in engine.asked("POST") if asked.endswith("/stop")] == []
        assert engine.told("task.stopped") == []


def test_what_a_person_deletes_under_a_number_that_we_once_withdrew_was_not_withdrawn(tmp_path):
    campaign = post_to("A", "B")
    later = {"name": "later", "start_time": "15:00-15:30"}
    campaign["scripts"].append({**campaign["scripts"][0], **later})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=one_at_a_time()) as engine:
        engine.start().until("14:50")
        engine.host().person.clear_all()
        engine.until("15:10")
        (waiting,) = [one for one in engine.records(day=engine.today()) if one.state == "submitted"]
        assert waiting.tasks[0].task_id == "2"
        engine.host().person.delete(2)
        engine.until("15:12")
        key = waiting.assignment.key
        (found,) = [one for one in engine.records() if one.assignment.key == key]
        assert (found.state, found.reason) == ("failed", "deleted on the host")
