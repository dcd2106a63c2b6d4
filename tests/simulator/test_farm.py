"""The devices at work: one task each, so many at once, scheduled starts, own retries, a person's acts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.simulation import START, Bench

from runner.model.tikmatrix import TaskStatus
from runner.simulator.history import HappeningKind
from runner.simulator.options import AnswerShape, PastStart, Plan, numbered_devices

ENDED = (HappeningKind.COMPLETED, HappeningKind.FAILED, HappeningKind.STOPPED)


def test_a_device_runs_one_task_after_the_other():
    bench = Bench(serials=("A",))
    bench.create(script_name="follow", script_config={"target_user": "x,y"})
    bench.at += 100
    times = [
        (h.kind, h.at - START, h.details["task_id"]) for h in bench.host.history if "number" in h.details
    ]
    assert times == []
    bench.host.farm.advance()
    times = [
        (h.kind, h.at - START, h.details["task_id"]) for h in bench.host.history if "number" in h.details
    ]
    assert times == [("started", 0, 1), ("completed", 10, 1), ("started", 10, 2), ("completed", 20, 2)]


def test_beyond_the_licence_tasks_wait_and_devices_take_turns():
    bench = Bench(serials=("A", "B", "C"), plan=Plan(concurrency=1))
    bench.create(serials=["A", "B", "C"])
    bench.create()
    bench.at += 39
    bench.host.farm.advance()
    started = [h.details["task_id"] for h in bench.host.history.of(HappeningKind.STARTED)]
    assert started == [1, 2, 3, 4]


@pytest.mark.parametrize("clock", ["08:30", "8:30"])
def test_a_scheduled_task_starts_within_ten_seconds_of_its_time(clock):
    bench = Bench(serials=tuple(numbered_devices(50)), plan=Plan(device_limit=50))
    bench.create(serials=list(numbered_devices(50)), start_time=clock)
    bench.at += 1799.999
    assert bench.payload("GET", "/task/stats")["pending"] == 50
    bench.at += 30
    bench.host.farm.advance()
    delays = [h.at - START - 1800 for h in bench.host.history.of(HappeningKind.STARTED)]
    assert len(delays) == 50
    assert 0 <= min(delays) < max(delays) <= 10


def test_a_start_time_is_on_the_hosts_own_day():
    bench = Bench(timezone="America/New_York")
    bench.create(start_time="05:00")
    bench.at += 7190
    assert bench.status(1) == 0
    bench.at += 25
    assert bench.task(1)["start_time"].startswith("2026-11-23 05:00:")


def test_a_start_time_that_is_past_means_now_or_tomorrow():
    now, tomorrow = Bench(), Bench(past_start=PastStart.TOMORROW)
    for bench in (now, tomorrow):
        bench.create(start_time="07:59")
        bench.at += 2
    assert (now.status(1), tomorrow.status(1)) == (1, 0)
    tomorrow.at += 86_400
    assert tomorrow.status(1) == 2


def test_the_minute_that_goes_on_is_not_past():
    bench = Bench(past_start=PastStart.TOMORROW)
    bench.at += 59
    bench.create(start_time="08:00")
    bench.at += 1
    assert bench.status(1) == 1


def test_a_start_time_that_the_clock_skips_comes_after_the_gap():
    bench = Bench(timezone="Europe/Berlin")
    bench.at = datetime(2027, 3, 28, 0, 0, tzinfo=UTC).timestamp()
    bench.create(start_time="02:30")
    bench.at += 3600 + 1799
    assert bench.status(1) == 0
    bench.at += 30
    assert bench.task(1)["start_time"].startswith("2027-03-28 03:30:")


def test_a_held_task_may_show_its_planned_start():
    bench = Bench(shape=AnswerShape(shows_planned_start=True))
    bench.create(start_time="09:00")
    assert bench.task(1)["start_time"] == "2026-11-23 09:00:00"
    plain = Bench()
    plain.create(start_time="09:00")
    assert plain.task(1)["start_time"] is None


def test_the_host_retries_by_itself_after_5_to_60_seconds_and_not_for_ever():
    bench = Bench(failure_rate=1.0, own_retries=2)
    bench.create()
    bench.at += 1000
    assert bench.task(1)["retry_count"] == 2
    failed = [h.at for h in bench.host.history.of(HappeningKind.FAILED)]
    returned = [h.at for h in bench.host.history.of(HappeningKind.RETURNED)]
    assert (len(failed), len(returned)) == (3, 2)
    assert all(5 <= back - end <= 60 for end, back in zip(failed, returned, strict=False))


def test_a_retry_by_a_person_leaves_no_second_one_behind():
    bench = Bench(failure_rate=1.0, own_retries=1)
    bench.create()
    bench.at += 11
    bench.host.person.retry(1)
    bench.at += 9
    bench.host.person.delete(1)
    bench.at += 500
    bench.host.farm.advance()
    assert len(bench.host.history.of(HappeningKind.STARTED)) == 2


def test_a_stuck_task_runs_until_it_is_stopped():
    bench = Bench(stuck_rate=1.0)
    bench.create()
    bench.at += 1e6
    assert bench.status(1) == 1
    bench.host.person.stop(1)
    assert bench.status(1) == 3


def test_the_same_seed_has_the_same_luck_and_another_has_not():
    def life(seed):
        bench = Bench(seed=seed, failure_rate=0.5, own_retries=1, duration_seconds=(1.0, 99.0))
        bench.create(script_name="follow", serials=["A", "B"], script_config={"target_user": "a,b,c,d"})
        bench.at += 5000
        bench.host.farm.advance()
        return list(bench.host.history.lines())

    assert life(1) == life(1)
    assert life(1) != life(2)


def test_how_often_the_clock_is_looked_at_changes_nothing():
    def life(step):
        bench = Bench(failure_rate=0.5, own_retries=2, pickup_seconds=(0.0, 3.0))
        bench.create(script_name="follow", serials=["A", "B"], script_config={"target_user": "a,b,c"})
        for _ in range(0, 1000, step):
            bench.at += step
            bench.host.farm.advance()
        return list(bench.host.history)

    assert life(1000) == life(1)


def test_a_clock_that_goes_back_moves_nothing():
    bench = Bench()
    bench.create()
    bench.at += 1
    assert bench.status(1) == 1
    bench.at -= 3600
    assert bench.status(1) == 1


def test_clear_all_empties_the_host_and_ids_start_again():
    bench = Bench(first_task_id=40)
    bench.create(script_name="follow", script_config={"target_user": "x,y"})
    bench.at += 1
    bench.host.person.clear_all()
    assert bench.payload("GET", "/task/stats")["total"] == 0
    assert bench.create() == [1]
    numbers = [
        task["number"] for h in bench.host.history.of(HappeningKind.COMMITTED) for task in h.details["tasks"]
    ]
    assert numbers == [1, 2, 3]


def test_a_task_of_a_person_is_of_source_ui():
    bench = Bench()
    assert bench.host.person.create_task("post", serials=["A"], script_config={}) == [1]
    assert bench.task(1)["source"] == "ui"
    with pytest.raises(ValueError, match="script_name"):
        bench.host.person.create_task("", serials=["A"], script_config={})


def test_a_person_cannot_stop_what_does_not_run_or_touch_what_is_not_there():
    bench = Bench()
    bench.create(start_time="09:00")
    with pytest.raises(ValueError, match="pending"):
        bench.host.person.stop(1)
    with pytest.raises(KeyError):
        bench.host.person.delete(2)


def test_a_person_retries_all_failed_tasks():
    bench = Bench(failure_rate=1.0)
    bench.create(serials=["A", "B"])
    bench.at += 11
    bench.host.person.retry_all()
    assert bench.payload("GET", "/task/stats")["failed"] == 0


def test_a_licence_can_be_lost_and_come_back():
    bench = Bench(serials=("A", "B", "C"), plan=Plan(concurrency=1))
    bench.create(serials=["A", "B", "C"])
    bench.host.person.change_licence("Starter")
    assert bench.code("GET", "/task/stats") == 40301
    bench.host.person.change_licence("Business", device_limit=9, concurrency=3)
    assert bench.payload("GET", "/task/stats")["running"] == 3
    assert bench.payload("GET", "/license/check")["device_limit"] == 9


def test_an_unplugged_device_fails_its_task_and_holds_the_others():
    bench = Bench()
    bench.create(script_name="follow", script_config={"target_user": "x,y"})
    bench.at += 1
    bench.host.person.unplug("A")
    bench.host.person.unplug("B")
    bench.at += 100
    assert (bench.status(1), bench.status(2)) == (3, 0)
    bench.host.person.plug("A")
    assert bench.status(2) == 1


def test_a_restart_interrupts_what_runs_and_goes_on_afterwards():
    bench = Bench(serials=("A",))
    bench.create(script_name="follow", script_config={"target_user": "x,y"})
    bench.at += 3
    bench.host.person.restart(down_seconds=60)
    bench.at += 59
    assert bench.host.closed_seconds == 1
    assert (bench.status(1), bench.status(2)) == (3, 0)
    bench.at += 1
    assert bench.host.closed_seconds == 0
    assert bench.status(2) == 1


def test_a_restart_may_forget_the_last_seconds():
    bench = Bench()
    bench.create()
    bench.at += 9
    bench.create(serials=["B"])
    bench.at += 2
    assert (bench.status(1), bench.status(2)) == (2, 1)
    bench.create(start_time="09:00")
    bench.host.person.restart(forgets_seconds=5)
    assert bench.task(1)["status"] == 3
    assert bench.code("GET", "/task/2") == 40401
    assert bench.create(serials=["B"]) == [2]
    forgotten = [h.details["number"] for h in bench.host.history.of(HappeningKind.FORGOTTEN)]
    assert forgotten == [2, 3, 1]


def test_the_history_is_exported_as_json_lines():
    bench = Bench(records_reads=False)
    bench.create()
    bench.payload("GET", "/task")
    lines = list(bench.host.history.lines(since=1))
    assert len(lines) == len(bench.host.history) - 1
    assert '"kind": "committed"' in lines[0]
    assert bench.host.history.since(1)[0].kind is HappeningKind.COMMITTED


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["create", "wait", "wait", "stop", "delete", "retry", "unplug", "plug", "restart"]),
        st.integers(1, 12),
        st.sampled_from("ABC"),
    ),
    max_size=30,
)


def act(bench, name, number, serial):
    person = bench.host.person
    match name:
        case "create":
            targets = {"target_users": [str(n) for n in range(number % 4 + 1)]}
            bench.create(script_name="follow", serials=[serial], script_config=targets)
        case "wait":
            bench.at += number * 7
        case "unplug":
            person.unplug(serial)
        case "plug":
            person.plug(serial)
        case "restart":
            person.restart(forgets_seconds=number * 3, down_seconds=number % 3)
        case "delete":
            bench.ask("DELETE", f"/task/{number}")
        case _:
            bench.ask("POST", f"/task/{number}/{name}")


@given(acts=ACTS, seed=st.integers(0, 99), concurrency=st.integers(1, 3), own_retries=st.integers(0, 2))
def test_whatever_is_done_the_rules_of_a_host_hold(acts, seed, concurrency, own_retries):
    bench = Bench(
        serials=("A", "B", "C"),
        seed=seed,
        plan=Plan(concurrency=concurrency),
        own_retries=own_retries,
        failure_rate=0.4,
        duration_seconds=(1.0, 60.0),
        pickup_seconds=(0.0, 4.0),
    )
    for name, number, serial in acts:
        act(bench, name, number, serial)
        assert_lists_agree(bench)
    for serial in "ABC":
        bench.host.person.plug(serial)
    bench.at += 1e6
    assert_lists_agree(bench)
    stats = bench.payload("GET", "/task/stats")
    assert stats["pending"] == stats["running"] == 0
    assert_never_too_many(bench.host.history, limit=concurrency)


def assert_lists_agree(bench):
    stats = bench.payload("GET", "/task/stats")
    listed = bench.payload("GET", "/task", page_size="100")
    counts = Counter(TaskStatus(task["status"]).name.lower() for task in listed["tasks"])
    assert listed["total"] == stats["total"] == len(listed["tasks"])
    assert counts == Counter({name: count for name, count in stats.items() if name != "total"})
    ids = [task["id"] for task in listed["tasks"]]
    assert ids == sorted(ids, reverse=True)
    by_parts = [
        task["id"]
        for serial in "ABC"
        for status in "0123"
        for task in bench.payload("GET", "/task", page_size="100", serial=serial, status=status)["tasks"]
    ]
    assert sorted(by_parts, reverse=True) == ids


def assert_never_too_many(history, *, limit):
    running = {}
    for happening in history:
        number, serial = happening.details.get("number"), happening.details.get("serial")
        if happening.kind is HappeningKind.STARTED:
            assert serial not in running.values()
            running[number] = serial
            assert len(running) <= limit
        elif happening.kind in (*ENDED, HappeningKind.FORGOTTEN):
            running.pop(number, None)
    assert not running
