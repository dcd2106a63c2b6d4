"""The small lives that are crashed at every boundary: what is planned, what goes wrong, what people do.

Windows and tasks are long enough for two crashes, each with its rest and with what it leaves in doubt: what a
life ends with must not depend on the time they cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from support.engine import post_to
from support.engine_parts import ZONE
from support.truth import CAPTION

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.options import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proof.crashes.engine import CrashingEngine

STARTS = "2026-11-23 14:29:57"
WINDOW = "14:30:00-14:33:00"
ENDS = "14:33:40"
MARKED = {"captions": CAPTION}


@dataclass(frozen=True)
class Act:
    """Something that happens to the world at a time of the day, whether or not the runner runs."""

    at: str
    does: Callable[[CrashingEngine], None]


@dataclass(frozen=True)
class Scenario:
    """A short life of one or two hosts."""

    name: str
    campaigns: Mapping[str, Any]
    hosts: Mapping[str, Mapping[str, Any]]
    acts: tuple[Act, ...] = ()
    ends: str = ENDS
    also: frozenset[str] = frozenset()
    """States to which lateness may lead, since the world does not wait; the hosts' history decides."""


def posts(*serials: str, window: object = WINDOW, **keys: Any) -> dict[str, Any]:
    return post_to(*serials, start_time=window, **{"script_config": MARKED, **keys})


def pc(*serials: str, **options: Any) -> dict[str, Any]:
    return {"serials": serials, "pickup_seconds": (1.0, 1.0), "duration_seconds": (8.0, 8.0), **options}


def true_seconds(text: str) -> float:
    return datetime.fromisoformat(f"2026-11-23 {text}").replace(tzinfo=ZONE).timestamp()


def plain() -> list[Scenario]:
    follow = posts("A", script_name="follow", script_config={**MARKED, "target_users": ["@x", "@y", "@z"]})
    failing = pc("A", failure_rate=1.0)
    twice = {"attempts": 1, "delay": "5s"}
    return [
        Scenario("plain post", {"c": posts("A", "B")}, {"pc": pc("A", "B")}),
        Scenario("follow of three", {"c": follow}, {"pc": pc("A")}, ends="14:35:30"),
        Scenario("retry of a failed task", {"c": posts("A", retry=twice)}, {"pc": failing}),
        Scenario("two campaigns, one target", {"c": posts("A"), "d": posts("A")}, {"pc": pc("A")}),
        Scenario(
            "two hosts",
            {"c": posts("A", host="one"), "d": posts("B", host="two")},
            {"one": pc("A"), "two": pc("B")},
        ),
    ]


def lost_answers() -> list[Scenario]:
    found = []
    for kind in ("reset", "close", "hang", "garbage", "internal_error", "html"):
        for work in (Work.NONE, Work.DONE):
            fault = Fault(FaultKind(kind), work, seconds=9)
            host = pc("A", faults=FaultPlan(script=(fault,)))
            found.append(Scenario(f"lost answer: {kind}, work {work}", {"c": posts("A")}, {"pc": host}))
    late = Fault(FaultKind.HANG, Work.LATE, seconds=9, late_seconds=6)
    host = pc("A", faults=FaultPlan(script=(late,)))
    found.append(Scenario("lost answer: work done late", {"c": posts("A")}, {"pc": host}))
    for kind in (FaultKind.RESET, FaultKind.SLOW):
        partial = Fault(kind, Work.PARTIAL, seconds=1, tasks_made=1)
        host = pc("A", faults=FaultPlan(script=(partial,)))
        config = {**MARKED, "target_users": ["@x", "@y", "@z"]}
        follow = posts("A", script_name="follow", script_config=config)
        found.append(
            Scenario(f"one of three follows made: {kind}", {"c": follow}, {"pc": host}, ends="14:35:30")
        )
    script = (Fault(FaultKind.RESET, Work.DONE),)
    blind = FaultRule(Fault(FaultKind.HTML), requests="GET /task*", until_at=true_seconds("14:30:40"))
    host = pc("A", faults=FaultPlan(script=script, rules=(blind,)))
    found.append(Scenario("blind while settling", {"c": posts("A")}, {"pc": host}))
    refusal = Fault(FaultKind.REFUSAL, Work.NONE)
    host = pc("A", faults=FaultPlan(script=(refusal,)))
    found.append(Scenario("refused", {"c": posts("A")}, {"pc": host}))
    return found


def window_ends() -> list[Scenario]:
    one_at_a_time = pc("A", "B", plan=Plan(concurrency=1), duration_seconds=(260.0, 260.0))
    window = "14:30:00-14:31:50"
    wide = "14:30:00-14:33:20"
    lost = FaultRule(
        Fault(FaultKind.RESET, Work.DONE), requests="POST /task/*/stop", until_at=true_seconds("14:31:52")
    )
    return [
        Scenario(
            "withdraw as the window closes",
            {"c": posts("A", "B", window=wide)},
            {"pc": one_at_a_time},
            ends="14:37:00",
            also=frozenset({"completed", "expired"}),
        ),
        Scenario(
            "stop as the window closes",
            {"c": posts("A", window=window, at_close="stop")},
            {"pc": pc("A", duration_seconds=(210.0, 210.0))},
        ),
        Scenario(
            "stop whose answer is lost",
            {"c": posts("A", window=window, at_close="stop")},
            {"pc": pc("A", duration_seconds=(210.0, 210.0), faults=FaultPlan(rules=(lost,)))},
        ),
    ]


def troubles() -> list[Scenario]:
    def edit(engine: CrashingEngine) -> None:
        engine.edit("c", {**later, "scripts": [later["scripts"][0], moved]})

    def licence(plan: str) -> Callable[[CrashingEngine], None]:
        return lambda engine: engine.host().person.change_licence(plan)

    def restart(engine: CrashingEngine) -> None:
        engine.host().person.restart(down_seconds=5)

    def clear_all(engine: CrashingEngine) -> None:
        engine.host().person.clear_all()

    def close_port(engine: CrashingEngine) -> None:
        engine.host().person.close_port(seconds=15)

    later = posts("A")
    later["device_groups"] |= {"second": {"serials": ["B"]}, "third": {"serials": ["C"]}}
    second = {**later["scripts"][0], "name": "second", "device_groups": ["second"]}
    # Here files are looked at every half minute only: an edit is seen that much later, after two rests maybe.
    second["start_time"] = "14:32:40-14:35:00"
    later["scripts"].append(second)
    moved = {**second, "device_groups": ["third"]}
    long = pc("A", "B", duration_seconds=(70.0, 70.0))
    two = {"c": posts("A"), "d": posts("B", window="14:31:30-14:35:00")}
    return [
        Scenario(
            "edit in the middle",
            {"c": later},
            {"pc": pc("A", "B", "C")},
            acts=(Act("14:30:50", edit),),
            ends="14:35:40",
        ),
        Scenario(
            "licence lost and regained",
            {"c": posts("A")},
            {"pc": pc("A")},
            acts=(Act("14:29:59", licence("Starter")), Act("14:30:20", licence("Pro"))),
        ),
        Scenario(
            "host restart",
            two,
            {"pc": long},
            acts=(Act("14:30:50", restart),),
            ends="14:38:00",
            also=frozenset({"completed", "failed"}),
        ),
        Scenario(
            "clear all",
            two,
            {"pc": long},
            acts=(Act("14:30:50", clear_all),),
            ends="14:38:00",
            also=frozenset({"completed", "failed"}),
        ),
        Scenario("port closed", {"c": posts("A")}, {"pc": pc("A")}, acts=(Act("14:29:59", close_port),)),
    ]


def stops() -> list[Scenario]:
    def stop(engine: CrashingEngine) -> None:
        if engine.runs:
            engine.stop_or_crash()

    def start(engine: CrashingEngine) -> None:
        if not engine.runs:
            engine.start()

    slow = pc("A", "B", latency_seconds=(2.0, 2.0))
    return [
        Scenario(
            "start after a stop",
            {"c": posts("A", "B")},
            {"pc": slow},
            acts=(Act("14:30:01", stop), Act("14:30:20", start)),
        ),
        Scenario(
            "stop before it is due, start inside the window",
            {"c": posts("A")},
            {"pc": pc("A")},
            acts=(Act("14:29:59", stop), Act("14:30:30", start)),
        ),
    ]


SCENARIOS = (*plain(), *lost_answers(), *window_ends(), *troubles(), *stops())
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
