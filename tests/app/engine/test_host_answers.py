"""What a host answers to a submission decides what becomes of it, and of nothing else."""

from __future__ import annotations

from itertools import count

import pytest
from support.engine import Engine, post_to

from runner.app import poll
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import AnswerShape, HostOptions, Plan

START = "2026-11-23 14:29:50"


def struck(*script: Fault | None) -> dict[str, object]:
    """Return a host with two devices whose first creates meet these faults."""
    return {"serials": ("A", "B"), "faults": FaultPlan(script=script)}


def always(fault: Fault, requests: str = "POST /task") -> dict[str, object]:
    return {"serials": ("A", "B"), "faults": FaultPlan(rules=(FaultRule(fault, requests=requests),))}


@pytest.mark.parametrize("code", [40001, 40002, 40003, 40401])
def test_a_refusal_is_final_and_says_why(tmp_path, code):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        said = {"code": code, "message": "it does not like it", "data": None}
        engine.answer = lambda method, path: said if (method, path) == ("POST", "/task") else None
        engine.start().until("14:31")
        record = engine.record("A")
        assert record.state == "failed"
        assert str(code) in record.reason
        assert "it does not like it" in record.reason
        assert len(engine.created()) == 1
        assert [told.fields["code"] for told in engine.told("submission.refused")] == [code]
        engine.until("14:50")
        assert len(engine.created()) == 1


def test_an_unknown_device_fails_without_holding_up_the_other(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "nobody")}) as engine:
        engine.start().until("14:31")
        assert engine.states() == {"A": "completed", "nobody": "failed"}


def test_a_host_without_licence_gets_nothing_until_it_has_one(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "plan": Plan("Starter")}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=hosts) as engine:
        engine.start().until("14:35")
        assert engine.created() == []
        assert engine.states() == {"A": "planned", "B": "planned"}
        (told,) = engine.told("host.unlicensed")
        assert "Starter" in told.fields["detail"]
        engine.host().person.change_licence("Pro")
        engine.until("14:40")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert len(engine.of(HappeningKind.COMMITTED)) == 2


def test_a_licence_that_ends_in_the_middle_holds_the_rest(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start()
        engine.host().person.change_licence("Starter")
        engine.until("14:36")
        assert engine.states() == {"A": "planned"}
        assert len(engine.created()) <= 1
        engine.host().person.change_licence("Pro")
        engine.until("14:40")
        assert engine.states() == {"A": "completed"}
        assert len(engine.of(HappeningKind.COMMITTED)) == 1


def test_a_refused_licence_uses_up_no_retry(tmp_path):
    hosts = {"pc": {"serials": ("A",), "plan": Plan("Pro"), "failure_rate": 1.0}}
    campaign = post_to("A", start_time="14:30-15:30", retry={"attempts": 1, "delay": "10s"})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        said = {"code": 40301, "message": "no access", "data": None}
        engine.answer = lambda method, path: said if (method, path) == ("POST", "/task") else None
        engine.start().until("14:30:00")
        assert engine.states() == {"A": "planned"}
        assert len(engine.told("submission.refused")) == 1
        engine.answer = None
        engine.until("14:45")
        assert len(engine.of(HappeningKind.RETRIED)) == 1


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        (Fault(FaultKind.INTERNAL_ERROR, Work.DONE), 1),
        (Fault(FaultKind.INTERNAL_ERROR, Work.NONE), 0),
        (Fault(FaultKind.RESET, Work.DONE), 1),
        (Fault(FaultKind.CLOSE, Work.NONE), 0),
        (Fault(FaultKind.HANG, Work.DONE, seconds=60), 1),
        (Fault(FaultKind.DRIP, Work.DONE, seconds=3), 1),
        (Fault(FaultKind.GARBAGE, Work.DONE), 1),
        (Fault(FaultKind.NOT_HTTP, Work.NONE), 0),
        (Fault(FaultKind.TRUNCATED, Work.DONE), 1),
        (Fault(FaultKind.CUT, Work.DONE, at_byte=5), 1),
        (Fault(FaultKind.HTML, Work.DONE), 1),
        (Fault(FaultKind.EMPTY, Work.NONE), 0),
        (Fault(FaultKind.REDIRECT, Work.NONE), 0),
        (Fault(FaultKind.HANG, Work.LATE, seconds=60, late_seconds=20), 1),
    ],
    ids=lambda value: f"{value.kind}-{value.work}" if isinstance(value, Fault) else "",
)
def test_a_lost_answer_is_settled_by_looking_and_its_work_is_done_once(tmp_path, fault, made):
    # The first create is answered: its task vouches for the list from then on.
    campaigns = {"c": post_to("A", "B")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts={"pc": struck(None, fault)}) as engine:
        engine.start().until("14:40")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert len(engine.told("submission.unsettled")) == 1
        assert len(engine.told("submission.adopted")) == made
        assert len(engine.told("submission.absent")) == 1 - made
        engine.restart()
        engine.until("14:50")
        assert len(engine.created()) == 3 - made
        assert len(engine.of(HappeningKind.COMMITTED)) == 2


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(FaultKind.CLOSE, Work.NONE), "unknown"),
        (Fault(FaultKind.CLOSE, Work.DONE), "completed"),
    ],
    ids=["none", "done"],
)
def test_absence_is_not_believed_of_a_host_on_which_nothing_of_ours_was(tmp_path, fault, state):
    campaigns = {"c": post_to("A", "B")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts={"pc": struck(fault)}) as engine:
        engine.start().until("14:30:20")
        # Nothing vouches for the list yet, so the other one waits for the first.
        assert len(engine.created()) == (1 if state == "unknown" else 2)
        engine.until("14:40")
        assert sorted(engine.states().values()) == ["completed", state]
        assert len(engine.created()) == 2


def test_a_closed_port_is_tried_again_inside_the_window(tmp_path):
    hosts = {"pc": struck(Fault(FaultKind.REFUSE, seconds=45))}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:30:30")
        assert engine.states() == {"A": "planned"}
        assert engine.told("submission.not_sent", "host.unreachable")
        engine.until("14:33")
        assert engine.states() == {"A": "completed"}
        assert engine.record("A").attempts == 1
        assert len(engine.of(HappeningKind.COMMITTED)) == 1


def test_a_port_closed_until_the_window_closes_is_missed_with_that_reason(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.host().person.close_port(seconds=3600)
        engine.start().until("14:46")
        record = engine.record("A")
        assert record.state == "missed"
        assert "the host was unreachable until its window closed" in record.reason
        assert engine.created() == []


def test_a_host_that_refuses_creates_alone_is_not_flooded(tmp_path):
    hosts = {"pc": always(Fault(FaultKind.REFUSE))}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=hosts) as engine:
        engine.start().until("14:46")
        assert engine.states() == {"A": "missed", "B": "missed"}
        assert 4 <= len(engine.created()) <= 120


def test_a_host_that_denies_a_licence_which_it_shows_is_not_flooded(tmp_path):
    said = {"code": 40301, "message": "no access", "data": None}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.answer = lambda method, path: said if (method, path) == ("POST", "/task") else None
        engine.start().until("14:46")
        assert engine.states() == {"A": "missed"}
        assert 2 <= len(engine.created()) <= 60


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ({"plan": Plan("Starter")}, "unlicensed"),
        (always(Fault(FaultKind.GARBAGE, Work.NONE), "*"), "unclear"),
        (always(Fault(FaultKind.HANG, Work.NONE, seconds=100), "*"), "unclear"),
        (always(Fault(FaultKind.HTML, Work.NONE), "*"), "unclear"),
        (always(Fault(FaultKind.REFUSE, seconds=600), "*"), "unreachable"),
    ],
    ids=["unlicensed", "garbage", "silent", "proxy", "closed"],
)
def test_a_broken_host_does_not_delay_the_other(tmp_path, options, state):
    hosts = {"bad": {"serials": ("X",), **options}, "pc": {"serials": ("A", "B")}}
    both = {
        "device_groups": {
            "bad": {"host": "bad", "serials": ["X"]},
            "good": {"host": "pc", "serials": ["A", "B"]},
        },
        "scripts": [
            {
                "script_name": "post",
                "device_groups": ["bad", "good"],
                "start_time": "14:30",
                "spread": "together",
                "script_config": {},
            }
        ],
    }
    with Engine(tmp_path, at=START, campaigns={"c": both}, hosts=hosts) as engine:
        engine.start().until("14:47")
        assert [at for at, _ in engine.created("pc")] == ["14:30:00", "14:30:00"]
        assert engine.states() == {"A": "completed", "B": "completed", "X": "missed"}
        assert engine.told(f"host.{state}", host="bad")
        engine.stop()


def test_an_answer_that_names_a_task_of_ours_again_is_not_believed(tmp_path):
    said = {"code": 0, "message": "", "data": {"task_ids": [1], "created_count": 1}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}) as engine:

        def lie(method: str, path: str) -> object:
            first = len(engine.created()) == 1
            return None if first or (method, path) != ("POST", "/task") else said

        engine.answer = lie
        engine.start().until("14:30:02")
        assert sorted(engine.states().values()) == ["submitted", "submitting"]
        (told,) = engine.told("submission.unsettled")
        assert "ours already" in told.fields["reason"]
        engine.answer = None
        engine.until("14:35")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert len(engine.of(HappeningKind.COMMITTED)) == 2


def test_an_answer_that_does_not_name_its_task_is_settled_by_looking(tmp_path):
    said = {"code": 0, "message": "", "data": {"task_ids": [], "created_count": 0}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.answer = lambda method, path: said if (method, path) == ("POST", "/task") else None
        engine.start().until("14:31")
        assert "names no task" in engine.record("A").reason
        assert "neither was anything of ours before" in engine.record("A").reason
        assert engine.states() == {"A": "unknown"}


def test_lists_that_cannot_be_read_are_told_once_and_results_come_later(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:00")
        engine.host().change(
            HostOptions(name="pc", **always(Fault(FaultKind.GARBAGE, Work.NONE), "GET /task*"))
        )
        engine.until("14:32")
        assert engine.states() == {"A": "submitted"}
        assert len(engine.told("poll.failed")) == 1
        engine.host().change(engine.host().options.__class__(name="pc", serials=("A",)))
        engine.until("14:33")
        assert engine.states() == {"A": "completed"}


def test_nothing_is_submitted_to_a_host_that_does_not_show_what_is_on_it(tmp_path):
    hosts = {"pc": always(Fault(FaultKind.GARBAGE, Work.NONE), "GET /task*")}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:32")
        assert engine.created() == []
        assert len(engine.told("submission.held")) == 1
        engine.until("14:46")
        record = engine.record("A")
        assert record.state == "missed"
        assert "GET /task" in record.reason


def test_a_poll_that_finds_the_port_closed_makes_the_host_unreachable(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:03")
        engine.host().person.close_port(seconds=60)
        engine.until("14:30:20")
        assert engine.told("host.unreachable")
        engine.until("14:33")
        assert engine.states() == {"A": "completed"}
        assert [told.name for told in engine.told("host.")][-1] == "host.ready"


def test_a_list_that_never_ends_is_not_read_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(poll, "MOST_PAGES", 5)
    numbers = count(1_000)

    def page(method: str, path: str) -> object:
        if (method, path) != ("GET", "/task"):
            return None
        row = {"serial": "X", "script_name": "post", "source": "api"}
        tasks = [{**row, "id": next(numbers), "status": status} for status in (0, 1) for _ in range(50)]
        return {"code": 0, "message": "", "data": {"tasks": tasks, "total": 10**9}}

    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:00")
        engine.requests.clear()
        engine.answer = page
        engine.until("14:30:20")
        # A list of what begins and runs each, for the change that its own submission was.
        pages = [asked for asked in engine.asked("GET /task") if asked == "GET /task"]
        assert len(pages) in {5, 10}
        engine.until("14:31")
        assert engine.states() == {"A": "completed"}


def test_a_task_that_may_not_be_read_is_no_task_that_is_gone(tmp_path):
    said = {"code": 40301, "message": "no access", "data": None}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.answer = lambda _method, path: said if path == "/task/1" else None
        engine.start().until("14:32")
        assert engine.states()["A"] in {"submitted", "running"}
        assert engine.told("task.gone") == []
        (told,) = engine.told("poll.failed")
        assert "no access" in told.fields["reason"]
        engine.answer = None
        engine.until("14:33")
        assert engine.states() == {"A": "completed"}


def test_tasks_that_cannot_be_read_do_not_hide_the_results_of_others(tmp_path):
    serials = [f"D{number}" for number in range(12)]
    hosts = {"pc": {"serials": serials, "plan": Plan(concurrency=20)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to(*serials)}, hosts=hosts) as engine:
        engine.start().until("14:30:05")
        broken = {f"/task/{number}" for number in range(1, 11)}
        engine.answer = lambda _method, path: {"code": 0, "data": "?"} if path in broken else None
        engine.until("14:32")
        assert list(engine.states().values()).count("completed") == 2
        assert len(engine.told("poll.failed")) == 1
        engine.answer = None
        engine.until("14:33")
        assert set(engine.states().values()) == {"completed"}


@pytest.mark.parametrize("newest_first", [True, False])
def test_what_moves_in_a_list_since_more_is_made_is_not_read_one_by_one(tmp_path, newest_first):
    serials = [f"D{number:03}" for number in range(600)]
    shape = AnswerShape(newest_first=newest_first)
    plan = Plan(device_limit=600)
    busy = {"serials": serials, "plan": plan, "shape": shape, "latency_seconds": (0.1, 0.1)}
    slow = {"duration_seconds": (900.0, 900.0), "pickup_seconds": (0.0, 0.0)}
    campaigns = {"c": post_to(*serials)}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts={"pc": {**busy, **slow}}) as engine:
        engine.start().until("14:30:30")
        assert set(engine.states().values()) == {"running"}
        one_by_one = [asked for asked in engine.asked("GET /task/") if asked[-1].isdigit()]
        assert len(one_by_one) < len(serials) / 100
