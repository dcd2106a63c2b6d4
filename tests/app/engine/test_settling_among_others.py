"""Settling on a host on which others act: lists cleared, tasks deleted, look-alikes, restarts, lost looks."""

from __future__ import annotations

import json
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING

import pytest
from support.engine import Engine, post_to

from runner.simulator.exchange import Request
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import AnswerShape, Echo, Plan

if TYPE_CHECKING:
    from collections.abc import Callable

START = "2026-11-23 14:29:50"
LOST = Fault(FaultKind.CLOSE, Work.DONE)
NOTHING = Fault(FaultKind.CLOSE, Work.NONE)
OURS = {"captions": "Ours", "content_type": 1}


def host(*script: Fault | None, echo: Echo = Echo.AS_SENT, **options: object) -> dict[str, object]:
    shape = AnswerShape(echo=echo)
    return {"pc": {"serials": tuple("ABCDE"), "shape": shape, "faults": FaultPlan(script=script), **options}}


def one_by_one(*serials: str) -> dict[str, object]:
    """Return a campaign of a post to each device, a minute after the other, from 14:30 on."""
    campaign = post_to(*serials)
    entry = campaign["scripts"][0]
    campaign["device_groups"] = {serial: {"serials": [serial]} for serial in serials}
    campaign["scripts"] = [
        {
            **entry,
            "name": serial,
            "device_groups": [serial],
            "start_time": f"14:{30 + minute}-15:00",
            "script_config": OURS,
        }
        for minute, serial in enumerate(serials)
    ]
    return campaign


def at_create(engine: Engine, number: int, act: Callable[[], object], *, before: bool = False) -> None:
    """Let something happen on the host just before a create, counted from 1, or at the next read."""
    done = []

    async def stand(_host: str, asked: str) -> None:
        reached = len(engine.created()) == number and (asked == "POST /task") is before
        if reached and not done:
            done.append(True)
            act()

    engine.before_request = stand


def other_client_posts(engine: Engine, serial: str, **config: object) -> None:
    """Let another program create a task through the API."""
    body = {"serials": [serial], "script_name": "post", "script_config": config}
    engine.host().handle(Request("POST", "/api/v1/task", body=json.dumps(body).encode(), client="other"))


def made(engine: Engine, serial: str) -> int:
    """Return how often our work was made for a device."""
    return sum(
        task["serial"] == serial
        for happening in engine.of(HappeningKind.COMMITTED)
        if happening.details["body"]["script_config"] == OURS and happening.details["request"] is not None
        for task in happening.details["tasks"]
    )


@pytest.mark.parametrize("fault", [LOST, NOTHING], ids=["done", "none"])
@pytest.mark.parametrize("when", ["before", "after", "between", "late"])
def test_a_list_that_is_cleared_around_a_create_repeats_nothing(tmp_path, fault, when):
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=host(None, fault)) as engine:
        clear = engine.host().person.clear_all
        if when in {"before", "after"}:
            at_create(engine, 2, clear, before=when == "before")
            engine.start()
        else:
            engine.start().until("14:31:02" if when == "between" else "14:31:33")
            clear()
        engine.until("14:59")
        # Where it was found before it was cleared its end is known, else nobody knows.
        assert engine.states()["B"] in {"completed", "failed", "unknown"}
        assert made(engine, "B") == (fault is LOST)
        assert len(engine.created()) == 2
        if when == "before" and fault is LOST:
            assert engine.states()["B"] == "completed"


def test_a_list_that_is_cleared_on_an_idle_day_lets_numbers_start_again(tmp_path):
    hosts = host(None, None, None, None, LOST, NOTHING)
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B", "C")}, hosts=hosts) as engine:
        engine.start().until("14:50")
        assert set(engine.states().values()) == {"completed"}
        first = engine.records(day=engine.today())
        engine.host().person.clear_all()
        engine.sleep(86_400)
        engine.until("2026-11-24 14:55")
        assert engine.states() == {"A": "completed", "B": "completed", "C": "completed"}
        assert [one.tasks[0].task_id for one in engine.records(day=engine.today())] == ["1", "2", "3"]
        assert [made(engine, serial) for serial in "ABC"] == [2, 2, 2]
        (told,) = engine.told("host.cleared")
        assert told.fields["host"] == "pc"
        again = engine.records(day=first[0].run.day)
        assert [(one.state, one.reason) for one in again] == [(one.state, one.reason) for one in first]


def test_a_list_that_is_cleared_within_the_minute_lets_numbers_start_again(tmp_path):
    hosts = host()
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B", "C")}, hosts=hosts) as engine:
        engine.start().until("14:30:40")
        engine.host().person.clear_all()
        engine.until("14:59")
        assert engine.states() == {"A": "completed", "B": "completed", "C": "completed"}
        assert [made(engine, serial) for serial in "ABC"] == [1, 1, 1]


@pytest.mark.parametrize("fault", [LOST, NOTHING], ids=["done", "none"])
def test_a_person_who_deletes_the_newest_task_alone_has_cleared_nothing(tmp_path, fault):
    hosts = host(None, None, fault)
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B", "C")}, hosts=hosts) as engine:
        at_create(engine, 3, lambda: engine.host().person.delete(2))
        engine.start().until("14:50")
        assert engine.states() == {"A": "completed", "B": "completed", "C": "completed"}
        assert made(engine, "C") == 1
        assert engine.told("host.cleared") == []


def test_a_person_who_deletes_the_only_task_that_vouches_leaves_absence_unproved(tmp_path):
    with Engine(
        tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=host(None, NOTHING)
    ) as engine:
        at_create(engine, 2, lambda: engine.host().person.delete(1))
        engine.start().until("14:50")
        assert engine.states() == {"A": "completed", "B": "unknown"}
        assert "cleared" in engine.record("B").reason


def test_what_we_withdraw_ourselves_vouches_no_more_and_older_work_does(tmp_path):
    # B waits long for its device and is withdrawn while C is in doubt.
    campaign = one_by_one("A", "B", "C")
    campaign["scripts"][1]["start_time"] = "14:31-14:32"
    campaign["scripts"][2]["start_time"] = "14:31-14:50"
    hosts = host(None, None, NOTHING, pickup_seconds=(5, 5), plan=Plan(concurrency=1))
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        engine.start().until("14:30:50")
        engine.host().change(
            engine.host().options.__class__(
                name="pc", faults=engine.host().options.faults, pickup_seconds=(500, 500)
            )
        )
        engine.until("14:55")
        assert engine.states()["B"] == "expired"
        assert made(engine, "C") == 1


@pytest.mark.parametrize(("answered", "state", "count"), [(1, "unknown", 0), (4, "completed", 1)])
def test_work_of_others_is_told_from_ours_once_the_host_has_shown_arguments(tmp_path, answered, state, count):
    serials = "ABCDE"[: answered + 1]
    last = serials[-1]
    hosts = host(*[None] * answered, NOTHING)
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one(*serials)}, hosts=hosts) as engine:
        at_create(engine, answered + 1, lambda: other_client_posts(engine, last, captions="Theirs"))
        engine.start().until("14:59")
        assert engine.states()[last] == state
        assert made(engine, last) == count


@pytest.mark.parametrize("answered", [1, 4])
@pytest.mark.parametrize("echo", [Echo.AS_SENT, Echo.WHOLE, Echo.NORMALISED])
def test_ours_is_told_from_work_of_others(tmp_path, echo, answered):
    serials = "ABCDE"[: answered + 1]
    last = serials[-1]
    hosts = host(*[None] * answered, LOST, echo=echo)
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one(*serials)}, hosts=hosts) as engine:
        at_create(
            engine, answered + 1, lambda: other_client_posts(engine, last, captions="Theirs"), before=True
        )
        engine.start().until("14:59")
        assert engine.states()[last] == "completed"
        (told,) = engine.told("submission.adopted")
        assert "surplus" not in {name for name, value in told.fields.items() if value}
        assert made(engine, last) == 1


def test_an_older_task_that_looks_the_same_is_never_adopted(tmp_path):
    with Engine(
        tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=host(None, NOTHING)
    ) as engine:
        other_client_posts(engine, "B", **OURS)
        engine.start().until("14:59")
        assert engine.states()["B"] == "completed"
        assert engine.record("B").tasks[0].task_id == "3"
        assert made(engine, "B") == 2


def test_a_task_of_a_person_at_the_program_is_not_ours(tmp_path):
    with Engine(
        tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=host(None, NOTHING)
    ) as engine:
        create = engine.host().person.create_task
        at_create(engine, 2, lambda: create("post", script_config=OURS, serials=["B"]))
        engine.start().until("14:59")
        assert engine.states()["B"] == "completed"
        assert engine.record("B").tasks[0].task_id == "3"


@pytest.mark.parametrize("forgets_seconds", [0, 5])
@pytest.mark.parametrize("fault", [LOST, NOTHING], ids=["done", "none"])
def test_a_host_that_restarts_with_or_without_its_memory_does_the_work_once(tmp_path, fault, forgets_seconds):
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=host(None, fault)) as engine:
        restart = engine.host().person.restart
        at_create(engine, 2, lambda: restart(forgets_seconds=forgets_seconds, down_seconds=20))
        engine.start().until("14:59")
        gone = len(engine.of(HappeningKind.FORGOTTEN))
        assert made(engine, "B") - gone == 1
        assert engine.states()["B"] == "completed"


SIGHTS = {
    "drop": Fault(FaultKind.CLOSE),
    "garbage": Fault(FaultKind.GARBAGE),
    "internal": Fault(FaultKind.INTERNAL_ERROR),
    "html": Fault(FaultKind.HTML),
    "truncated": Fault(FaultKind.TRUNCATED),
}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("fault", [LOST, NOTHING], ids=["done", "none"])
def test_looks_that_fail_delay_and_never_mislead(tmp_path, fault, sight):
    plan = FaultPlan(script=(None, fault), rules=(FaultRule(SIGHTS[sight], rate=0.6, requests="GET /task*"),))
    hosts = {"pc": {"serials": ("A", "B"), "faults": plan}}
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=hosts) as engine:
        engine.start().until("14:59")
        assert engine.states()["B"] == "completed"
        assert made(engine, "B") == 1


@pytest.mark.parametrize("fault", [LOST, NOTHING], ids=["done", "none"])
def test_a_list_that_never_agrees_proves_nothing(tmp_path, fault):
    with Engine(tmp_path, at=START, campaigns={"c": one_by_one("A", "B")}, hosts=host(None, fault)) as engine:
        reads = count()

        def lie(method: str, path: str) -> object:
            if (method, path) != ("GET", "/task") or len(engine.created()) < 2:
                return None
            # Two pages that are the same end a list, and the next reading of it is another one.
            row = {"id": 1_000 + next(reads) // 2, "serial": "Z", "script_name": "post", "status": 2}
            return {"code": 0, "message": "", "data": {"tasks": [row]}}

        engine.answer = lie
        engine.start().until("14:35")
        assert engine.states()["B"] == "submitting"
        (told,) = engine.told("settling.failed")
        assert "does not hold still" in told.fields["reason"]
        engine.answer = None
        engine.until("14:40")
        assert made(engine, "B") == 1
        assert engine.states()["B"] == "completed"


LOSES = FaultPlan(
    rules=tuple(
        FaultRule(Fault(FaultKind.CLOSE, work), rate=rate, requests="*")
        for work, rate in ((Work.DONE, 0.15), (Work.NONE, 0.17))
    )
)
"""Three answers of ten are lost, of half of them the work too."""


@pytest.mark.parametrize("echo", [Echo.AS_SENT, Echo.ABSENT])
@pytest.mark.timeout(300)
def test_of_many_on_a_host_that_loses_three_answers_of_ten_each_is_made_once(tmp_path, echo):
    devices = tuple(f"D{number:03}" for number in range(300))
    campaign = post_to(*devices, start_time="14:30-15:30")
    hosts = {
        "pc": {
            "serials": devices,
            "shape": AnswerShape(echo=echo),
            "plan": Plan(device_limit=400),
            "faults": LOSES,
        }
    }
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts, poll_interval="30s") as engine:
        engine.start().until("15:40")
        states = Counter(engine.states().values())
        made_for = Counter(
            task["serial"] for one in engine.of(HappeningKind.COMMITTED) for task in one.details["tasks"]
        )
        assert states["completed"] + states["failed"] + states["unknown"] == 300, states
        assert states["unknown"] <= 3
        assert set(made_for.values()) == {1}
        assert len(made_for) >= 300 - states["unknown"]
        assert len(engine.told("submission.unsettled")) > 60


@pytest.mark.parametrize("faults", [(NOTHING, LOST), (LOST, NOTHING), (LOST, LOST)])
def test_a_task_that_two_lost_creates_may_have_made_is_given_to_neither(tmp_path, faults):
    # A device and an account on it, on a host that shows no arguments: their tasks look alike.
    campaign = post_to("B")
    entry = campaign["scripts"][0]
    campaign["device_groups"] |= {"a": {"serials": ["A"]}, "on-a": {"usernames": ["@a"]}}
    both = {"start_time": "14:32-15:00", "spread": "together", "name": "both", "device_groups": ["a", "on-a"]}
    campaign["scripts"].append({**entry, **both})
    of_a = host(None, *faults, echo=Echo.ABSENT, accounts={"A": ("@a",), "B": ()})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=of_a) as engine:
        engine.start().until("14:45")
        made = engine.of(HappeningKind.COMMITTED)
        assert len(made) == 1 + faults.count(LOST)
        states = engine.states()
        assert states["B"] == "completed"
        assert (states["A"], states["@a"]) == ("unknown", "unknown")
