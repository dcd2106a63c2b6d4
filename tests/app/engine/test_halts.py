"""What a person cancels or stops goes, wherever it was just then, and never comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.engine import Engine, post_to

from runner.adapters.ledger.halts import give_halt
from runner.model.halt import Depth, Halt, HaltScope
from runner.model.tikmatrix import TaskStatus
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import Plan

START = "2026-11-23 14:29:50"
AWAY = FaultPlan(rules=(FaultRule(Fault(FaultKind.REFUSE, seconds=1.0), requests="*"),))
WINDOW = "14:30-15:30"
LONG = {"duration_seconds": (3600.0, 3600.0)}
ONE_AT_A_TIME = {"pc": {"serials": ("A", "B"), "plan": Plan(concurrency=1), **LONG}}


def halt(engine: Engine, depth: str = "withdraw", scope: str = "all", subject: str = "", **more: Any) -> None:
    given = Halt(
        0, engine.clock.now(), "eva", "fire", Depth(depth), HaltScope(scope), subject, keeps_planned=False
    )
    give_halt(engine.store, given, **{"pauses": False, **more})


def reasons(engine: Engine) -> list[tuple[str, str | None]]:
    return sorted((str(record.state), record.reason) for record in engine.records(day=engine.today()))


def done(engine: Engine) -> dict[str, int]:
    (told,) = engine.told("halt.done")
    return told.fields["fates"]


@pytest.mark.parametrize(
    ("depth", "running", "fates"),
    [
        ("withdraw", ("running", None), {"withdrawn": 1, "left": 1}),
        (
            "stop",
            ("cancelled", "stopped by eva: fire (Task stopped by user)"),
            {"withdrawn": 1, "stopped": 1},
        ),
    ],
)
def test_what_is_on_a_host_is_withdrawn_and_stopped(tmp_path, depth, running, fates):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=ONE_AT_A_TIME) as engine:
        engine.start().until("14:31")
        halt(engine, depth)
        engine.after(10)
        assert reasons(engine) == sorted([("cancelled", "withdrawn by eva: fire"), running])
        assert done(engine) == fates
        assert len(engine.told("halt.placed", owner="eva", depth=depth, under_way=2)) == 1
        assert len(engine.told("assignment.cancelled")) == len(fates) - ("left" in fates)


def test_what_is_dropped_never_comes_back(tmp_path):
    campaign = post_to("A", "B", start_time="14:30-14:40", spread="even")
    with Engine(tmp_path, at=START, campaigns={"c": campaign, "d": post_to("C")}) as engine:
        engine.start()
        halt(engine, scope="campaign", subject="c")
        engine.after(3)
        assert done(engine) == {"dropped": 2}
        assert len(engine.told("assignment.cancelled", campaign="c")) == 2
        engine.edit("c", campaign | {"description": "edited"})
        engine.after(10)
        engine.restart()
        engine.edit("c", campaign | {"enabled": False})
        engine.after(10)
        engine.edit("c", campaign)
        engine.until("14:41")
        assert reasons(engine)[:2] == [("cancelled", "cancelled by eva: fire")] * 2
        assert {body["serials"][0] for _, body in engine.created()} == {"C"}
        tomorrow = engine.clock.moment().replace(day=24).date()
        assert {str(record.state) for record in engine.records(day=tomorrow, campaign="c")} == {"planned"}


def test_what_was_not_planned_yet_is_dropped_as_the_daemon_starts(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        halt(engine, scope="campaign", subject="c")
        engine.start().until("14:33")
        assert engine.states() == {"A": "cancelled"}
        assert engine.created() == []


def test_a_request_that_waits_for_its_turn_is_not_sent(tmp_path):
    serials = tuple("ABCDEFGH")
    hosts = {"pc": {"serials": (*serials, "Z"), "latency_seconds": (4.0, 4.0), **LONG}}
    # Without a task of ours on the host the first would go alone.
    campaigns = {"b": post_to("Z", start_time="14:29"), "c": post_to(*serials, start_time=WINDOW)}
    with Engine(tmp_path, at="2026-11-23 14:28:50", campaigns=campaigns, hosts=hosts) as engine:

        async def halt_as_the_last_of_five_leaves(_host: str, asked: str) -> None:
            if asked == "POST /task" and len(engine.created()) == 6:
                halt(engine, "stop", "campaign", "c")

        engine.before_request = halt_as_the_last_of_five_leaves
        engine.start().until("14:31:30")
        ((under_way,),) = engine.query("SELECT count(*) FROM intents WHERE act = 'create'")
        assert (len(engine.created()), under_way) == (6, 9)
        assert len(engine.told("submission.not_sent")) == 3
        assert {record.state for record in engine.records(campaign="c", day=engine.today())} == {"cancelled"}
        assert done(engine) == {"stopped": 5, "dropped": 3}
        (running,) = engine.host().farm.by_status[TaskStatus.RUNNING].values()
        assert running.serial == "Z"


def test_what_a_lost_request_has_made_is_withdrawn_once_it_is_found(tmp_path):
    lost = FaultPlan(script=(Fault(FaultKind.CLOSE, Work.DONE),))
    hosts = {"pc": {"serials": ("A", "B"), "faults": lost, "pickup_seconds": (7200.0, 7200.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:

        async def halt_and_crash(_host: str, asked: str) -> None:
            if asked == "POST /task":
                halt(engine)
                engine.halt()

        engine.before_request = halt_and_crash
        engine.start().until("14:31")
        engine.crash()
        engine.start().until("14:32")
        assert reasons(engine) == [("cancelled", "withdrawn by eva: fire")]
        assert done(engine) == {"withdrawn": 1}


def test_a_host_that_was_away_gets_its_turn_when_it_is_back_even_after_a_restart(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=ONE_AT_A_TIME) as engine:
        engine.start().until("14:31")
        options = engine.host().options
        engine.host().change(replace(options, faults=AWAY))
        halt(engine, "stop", pauses=True)
        engine.after(60)
        engine.restart()
        engine.after(30)
        assert sorted(engine.states().values()) == ["running", "submitted"]
        assert engine.told("halt.done") == []
        engine.host().change(options)
        engine.after(120)
        assert sorted(engine.states().values()) == ["cancelled", "cancelled"]
        assert len(engine.of(HappeningKind.STOPPED)) == len(engine.of(HappeningKind.DELETED)) == 1


def test_what_has_failed_is_not_tried_again(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0}}
    campaigns = {"c": post_to("A", start_time=WINDOW, retry={"attempts": 1, "delay": "2m"})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("14:31")
        assert engine.states() == {"A": "failed"}
        halt(engine, scope="campaign", subject="c")
        engine.until("14:40")
        assert engine.of(HappeningKind.RETRIED) == []
        ((state, reason),) = reasons(engine)
        assert state == "cancelled"
        assert reason.startswith("cancelled by eva: fire, after it had failed: ")
