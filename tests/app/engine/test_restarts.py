"""Stops and crashes at any moment: nothing is done twice, nothing is lost, and what was missed is told."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to
from support.truth import CAPTION, faults_found

from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
HOSTS = {"pc": {"serials": ("A", "B"), "failure_rate": 0.5, "latency_seconds": (1.0, 1.0)}}
MARKED = {"captions": CAPTION}


def small_life(**keys: object) -> dict[str, object]:
    """Return a campaign that submits, retries, withdraws and misses within two minutes."""
    retry = {"attempts": 1, "delay": "5s"}
    return post_to("A", "B", start_time="14:30:00-14:31:10", retry=retry, script_config=MARKED, **keys)


def wrong(engine: Engine, *, settled: bool = True) -> list[str]:
    histories = {name: engine.host(name).history.lines() for name in engine.hosts}
    return faults_found(histories, engine.store, settled=settled)


def test_a_clean_stop_in_the_middle_repeats_nothing(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "latency_seconds": (3.0, 3.0)}}
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to("A", "B", script_config=MARKED)}, hosts=hosts
    ) as engine:
        # A look at the list takes 3 s, and then the create does.
        engine.start().until("14:30:04")
        engine.stop()
        assert engine.told("daemon.stopping")
        assert engine.told("daemon.stopped")
        assert engine.clock.moment() >= engine.moment("14:30:06")
        engine.start().until("14:32")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert wrong(engine) == []


def test_a_stop_does_not_wait_for_a_host_that_hangs(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:

        async def hang(_host: str, asked: str) -> None:
            if asked == "POST /task":
                engine.loop.call_later(3600, hung.set)
                await hung.wait()

        hung = __import__("asyncio").Event()
        engine.start()
        engine.daemon._work["pc"].session.client._timeout_seconds = 60
        engine.before_request = hang
        engine.until("14:30:01")
        engine.stop()
        assert engine.clock.moment() < engine.moment("14:30:30")
        engine.before_request = None
        engine.start().until("14:31")
        record = engine.record("A")
        assert record.state == "unknown"
        assert "cut off" in record.reason


def test_a_stop_leaves_what_waits_in_line_planned(tmp_path):
    serials = tuple(f"S{number:02}" for number in range(30))
    hosts = {"pc": {"serials": serials, "latency_seconds": (2.0, 2.0)}}
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to(*serials, script_config=MARKED)}, hosts=hosts
    ) as engine:
        engine.start().until("14:30:01")
        engine.stop()
        engine.start()
        states = list(engine.states().values())
        assert "unknown" not in states
        assert "submitting" not in states
        engine.until("14:40")
        assert set(engine.states().values()) == {"completed"}
        assert wrong(engine) == []


def test_what_was_missed_while_down_is_told_at_the_start(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().stop()
        engine.clock.slept_us += 3600 * 1_000_000
        engine.start()
        record = engine.record("A")
        assert record.state == "missed"
        assert record.reason == "the runner was not running when its window closed"
        (told,) = engine.told("assignment.missed")
        assert told.fields["due"] == "2026-11-23T13:30:00+00:00"
        assert engine.told("daemon.started")[-1].fields["down_since"].startswith("2026-11-23T13:29:50")


def test_days_missed_while_down_are_told_too(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().stop()
        engine.clock.slept_us += 5 * 86_400 * 1_000_000
        engine.start()
        days = [one.run.day.day for one in engine.records() if one.state == "missed"]
        assert days == [23, 24, 25, 26, 27]


def test_a_new_campaign_owes_nothing_for_the_time_before_it(tmp_path):
    with Engine(tmp_path, at="2026-11-23 15:00", campaigns={"c": post_to("A")}) as engine:
        engine.start()
        assert [one.run.day.day for one in engine.records()] == [24, 25]


def test_after_a_restart_inside_the_window_work_goes_on(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().stop()
        engine.clock.slept_us += 300 * 1_000_000
        engine.start().after(60)
        assert engine.states() == {"A": "completed"}


def test_a_host_that_the_config_no_longer_has_is_named(tmp_path):
    campaigns = {"c": post_to("A", host="pc"), "d": post_to("B", host="other", start_time="14:35")}
    hosts = {"pc": {"serials": ("A",)}, "other": {"serials": ("B",)}}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().stop()
        config = (tmp_path / "config.yaml").read_text()
        (tmp_path / "config.yaml").write_text(config.replace('"other"', '"another"'))
        engine.start().until("14:51")
        assert engine.states() == {"A": "completed", "B": "missed"}
        assert engine.record("B").reason == "the config has no host other any more"
        (rejected,) = engine.told("campaign.rejected")
        assert "there is no host `other`" in rejected.fields["problems"][0]


def test_what_was_planned_for_a_host_that_is_gone_is_missed_where_no_file_can_be_read(tmp_path):
    campaigns = {"c": post_to("A", host="pc"), "d": post_to("B", host="other", start_time="14:35")}
    hosts = {"pc": {"serials": ("A",)}, "other": {"serials": ("B",)}}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().stop()
        config = (tmp_path / "config.yaml").read_text()
        (tmp_path / "config.yaml").write_text(config.replace('"other"', '"another"'))
        (tmp_path / "campaigns").rename(tmp_path / "elsewhere")
        engine.start().until("14:51")
        assert engine.states() == {"A": "completed", "B": "missed"}
        assert engine.record("B").reason == "the config has no host other any more"


def test_a_request_that_outlasts_a_stop_is_cut_off_and_its_effect_not_known(tmp_path):
    hangs = FaultPlan(script=(Fault(FaultKind.HANG, Work.DONE, seconds=100),))
    hosts = {"pc": {"serials": ("A",), "faults": hangs}}
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts, http={"timeout": "60s"}
    ) as engine:
        engine.start().until("14:30:05")
        engine.stop()
        assert engine.clock.moment() < engine.moment("14:30:31")
        (told,) = engine.told("submission.unsettled")
        assert "cut off: the runner was stopping" in told.fields["reason"]
        assert ("submitting",) in engine.query("SELECT state FROM assignments")
        engine.start().until("14:33")
        assert engine.states() == {"A": "completed"}
        assert len(engine.created()) == 1


def test_a_second_signal_waits_for_no_request(tmp_path):
    hangs = FaultPlan(script=(Fault(FaultKind.HANG, Work.DONE, seconds=100),))
    hosts = {"pc": {"serials": ("A",), "faults": hangs}}
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts, http={"timeout": "60s"}
    ) as engine:
        engine.start().until("14:30:05")
        for seconds in (2, 2.5, 3):
            engine.loop.call_later(seconds, engine.daemon.stop)
        engine.stop()
        assert engine.clock.moment() < engine.moment("14:30:08")
        (told,) = engine.told("submission.unsettled")
        assert "cut off: the runner was stopping" in told.fields["reason"]
        assert len(engine.created()) == 1


def test_starts_that_crash_one_after_the_other_repeat_nothing_and_tell_no_lie(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "latency_seconds": (1.0, 1.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": small_life()}, hosts=hosts) as engine:
        for writes in range(1, 15):
            engine.crash_at_write = engine.writes + writes
            engine.start()
            if not engine.crashed:
                engine.after(3)
            engine.crash()
        engine.crash_at_write = None
        engine.start().until("14:33")
        assert wrong(engine) == []
        assert len(engine.told("daemon.started")) > 10
        assert engine.of(HappeningKind.COMMITTED)


BEFORE_AND_AFTER = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


def writes_of_a_small_life(folder) -> int:
    with Engine(folder, at=START, campaigns={"c": small_life()}, hosts=HOSTS, poll_interval="10s") as engine:
        engine.start().until("14:32")
        assert wrong(engine) == []
        return engine.writes


@pytest.mark.timeout(240)  # one life for each of some forty writes
@BEFORE_AND_AFTER
def test_a_crash_at_any_write_repeats_nothing_and_tells_no_lie(tmp_path_factory, after):
    writes = writes_of_a_small_life(tmp_path_factory.mktemp("whole"))
    assert writes > 15
    for number in range(1, writes + 1):
        folder = tmp_path_factory.mktemp("crashed")
        hosts = HOSTS
        with Engine(
            folder, at=START, campaigns={"c": small_life()}, hosts=hosts, poll_interval="10s"
        ) as engine:
            engine.crash_at_write, engine.crash_after_write = number, after
            engine.start().until("14:32")
            assert engine.crashed
            engine.crash()
            engine.start().until("14:33:30")
            assert wrong(engine) == [], f"after a crash at write {number}"
            assert not {"submitting", "planned"} & set(engine.states().values())


@BEFORE_AND_AFTER
@pytest.mark.parametrize(
    "request_line", ["POST /task", "POST /task/1/retry", "POST /task/2/retry", "DELETE /task"]
)
def test_a_crash_around_any_request_repeats_nothing_and_tells_no_lie(tmp_path, request_line, after):
    hosts = {"pc": {**HOSTS["pc"], "failure_rate": 1.0}}
    if request_line.startswith("DELETE"):
        hosts["pc"]["pickup_seconds"] = (600.0, 600.0)
    with Engine(tmp_path, at=START, campaigns={"c": small_life()}, hosts=hosts) as engine:

        async def crash(_host: str, asked: str) -> None:
            if asked.startswith(request_line) and not engine.crashed:
                engine.halt()
                await __import__("asyncio").Event().wait()

        setattr(engine, "after_request" if after else "before_request", crash)
        engine.start().until("14:32")
        assert engine.crashed
        engine.crash()
        engine.before_request = engine.after_request = None
        engine.start().until("14:33")
        assert wrong(engine) == []
        assert not {"submitting", "planned"} & set(engine.states().values())
        if request_line == "POST /task":
            assert len(engine.of(HappeningKind.COMMITTED)) <= 2


def test_a_crash_between_restarts_is_not_counted_as_time_awake(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().after(2)
        engine.crash()
        engine.clock.slept_us += 3600 * 1_000_000
        engine.start()
        assert engine.record("A").reason == "the runner was not running when its window closed"
