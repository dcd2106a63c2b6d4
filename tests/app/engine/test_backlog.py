"""A backlog goes bit by bit; what is in time is not delayed by it."""

from __future__ import annotations

from itertools import pairwise

from support.engine import Engine, post_to

from runner.model.state import State
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
SERIALS = tuple(f"S{number:03}" for number in range(200))
HOSTS = {"pc": {"serials": SERIALS}}


def gone(engine: Engine) -> list[float]:
    return [happening.at for happening in engine.of(HappeningKind.COMMITTED)]


def is_spread(instants: list[float], *, over: tuple[float, float]) -> bool:
    low, high = over
    lasted = instants[-1] - instants[0]
    return low <= lasted <= high and max(b - a for a, b in pairwise(instants)) < lasted / 8


def test_after_a_stop_what_is_overdue_goes_bit_by_bit(tmp_path):
    campaigns = {"c": post_to(*SERIALS, start_time="14:30-16:30")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start()
        engine.stop()
        engine.after_rest(1_800)
        engine.start().until("15:20")
        at = gone(engine)
        assert len(at) == 200
        assert is_spread(at, over=(540, 605))
        (told,) = engine.told("backlog.spread")
        assert told.fields["count"] == 200
        assert told.fields["host"] == "pc"


def test_a_short_stop_is_made_up_for_in_as_short_a_time(tmp_path):
    campaigns = {"c": post_to(*SERIALS, start_time="14:30-16:30")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start()
        engine.stop()
        engine.after_rest(100)
        engine.start().until("15:20")
        assert is_spread(gone(engine), over=(60, 105))


def test_everything_still_goes_in_a_window_that_is_about_to_close(tmp_path):
    campaigns = {"c": post_to(*SERIALS, start_time="14:30-15:02")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start()
        engine.stop()
        engine.after_rest(1_810)
        engine.start().until("15:03")
        at = gone(engine)
        assert len(at) == 200
        assert is_spread(at, over=(40, 60))


def test_what_is_due_now_is_not_delayed(tmp_path):
    campaigns = {
        "c": post_to(*SERIALS[:100], start_time="14:30-16:30"),
        "d": post_to(*SERIALS[100:], start_time="14:59:30-16:30"),
    }
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start()
        engine.stop()
        engine.after_rest(1_810)
        engine.start().after(15)
        in_time = [record for record in engine.records(campaign="d") if record.submitted_at]
        assert len(in_time) == 100
        assert len(engine.records(campaign="c", state=State.PLANNED)) > 80


def test_after_a_sleep_what_is_overdue_goes_bit_by_bit(tmp_path):
    campaigns = {"c": post_to(*SERIALS, start_time="14:30-16:30")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start().after(1)
        engine.sleep(900)
        engine.after(700)
        at = gone(engine)
        assert len(at) == 200
        assert at[-1] - at[0] > 500


def test_after_a_host_was_long_unreachable_its_work_goes_bit_by_bit(tmp_path):
    campaigns = {"c": post_to(*SERIALS, start_time="14:30-16:30")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.host().person.close_port(seconds=600)
        engine.start()
        engine.until("15:00")
        at = gone(engine)
        assert len(at) == 200
        assert at[-1] - at[0] > 500


def test_a_few_that_are_overdue_go_at_once(tmp_path):
    campaigns = {"c": post_to(*SERIALS[:5], start_time="14:30-16:30")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start()
        engine.stop()
        engine.after_rest(1_800)
        engine.start().after(2)
        assert len(gone(engine)) == 5
        assert engine.told("backlog.spread") == []
