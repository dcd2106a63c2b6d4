"""`after`: on each target only once another entry's assignment of the same day is completed."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.engine import Engine
from support.truth import CAPTION, faults_found

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule
from runner.simulator.history import HappeningKind
from runner.simulator.options import HostOptions

START = "2026-11-23 14:29:50"
LOST = Fault(FaultKind.RESET)
FAILS = {"pc": {"serials": ("A", "B"), "failure_rate": 1.0}}


def chain(
    *serials: str, warmup: str = "14:30-14:40", post: str = "14:30-14:50", after: tuple = ("warmup",), **keys
):
    """Return a campaign of a warm-up, spread over its window, and a post that waits for it."""
    common = {"script_name": "post", "device_groups": ["devices"], "script_config": {"captions": CAPTION}}
    entries = [
        {"name": "warmup", "start_time": warmup, **common},
        {"name": "clip", "start_time": post, "spread": "together", "after": list(after), **common},
    ]
    groups = {"devices": {"serials": list(serials)}}
    return {"device_groups": groups, "scripts": entries, **keys}


def states(engine: Engine) -> dict[str, str]:
    """Return the states of today by target and script, e.g. `A warmup`."""
    return {
        f"{one.assignment.target.name} {one.run.script}": str(one.state)
        for one in engine.records(day=engine.today())
    }


def went(engine: Engine) -> list[tuple[str, str]]:
    """Return when what left, in the order of its leaving: `("14:32:30", "A warmup")`."""
    return [
        (at, f"{body['serials'][0]} {body['script_config']['captions'].split('/')[1]}")
        for at, body in engine.created()
    ]


def reason_of(engine: Engine, target: str, script: str = "clip") -> str:
    (found,) = [
        one
        for one in engine.records(day=engine.today())
        if (one.assignment.target.name, one.run.script) == (target, script)
    ]
    return found.reason


def heal(engine: Engine) -> None:
    engine.host().change(HostOptions(name="pc", serials=("A", "B"), duration_seconds=(30.0, 30.0)))


def test_each_target_goes_on_as_soon_as_its_own_is_completed(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": chain("A", "B")}) as engine:
        engine.start().until("14:33:30")
        # The warm-up takes 31 s from 14:32:30 on, and is looked at every 5 s.
        assert [what for _, what in went(engine)] == ["A warmup", "A clip"]
        assert "14:33:01" <= went(engine)[1][0] <= "14:33:06"
        assert states(engine)["B clip"] == "planned"
        engine.until("14:40")
        assert set(states(engine).values()) == {"completed"}
        assert [what for _, what in went(engine)][2:] == ["B warmup", "B clip"]
        assert not engine.told("submission.postponed")


def test_what_needs_something_that_failed_is_skipped_when_its_window_closes_and_says_why(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": chain("A")}, hosts=FAILS) as engine:
        engine.start().until("14:49:59")
        assert states(engine) == {"A warmup": "failed", "A clip": "planned"}
        engine.until("14:51")
        assert states(engine) == {"A warmup": "failed", "A clip": "skipped"}
        failure = reason_of(engine, "A", "warmup")
        assert reason_of(engine, "A") == f"after `warmup`: that had failed ({failure})"
        assert not engine.told("assignment.missed")
        assert [what for _, what in went(engine)] == ["A warmup"]


def test_what_the_host_or_a_person_retries_with_success_lets_it_go_inside_its_window(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": chain("A")}, hosts=FAILS) as engine:
        engine.start().until("14:42")
        assert states(engine) == {"A warmup": "failed", "A clip": "planned"}
        heal(engine)
        engine.host().person.retry_all()
        engine.until("14:45")
        assert states(engine) == {"A warmup": "completed", "A clip": "completed"}


def test_one_that_both_expire_or_are_missed_is_told_after_the_one_that_it_needs(tmp_path):
    campaign = chain("A", warmup="14:30-14:40", post="14:35-14:40")
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().stop()
        engine.after_rest(3600)
        engine.start()
        assert states(engine) == {"A warmup": "missed", "A clip": "skipped"}
        assert reason_of(engine, "A") == (
            "after `warmup`: that was missed (the runner was not running when its window closed)"
        )


def test_where_nobody_looked_what_became_of_the_one_that_it_needs_it_is_missed(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": chain("A")}) as engine:
        engine.start().until("14:35:01")
        engine.stop()
        engine.after_rest(3600)
        engine.start()
        assert states(engine)["A clip"] == "missed"
        assert reason_of(engine, "A") == "the runner was not running when its window closed"


@pytest.mark.parametrize("ends", ["stop", "crash"])
def test_a_stop_or_a_crash_between_the_two_neither_loses_nor_doubles_one(tmp_path, ends):
    with Engine(tmp_path, at=START, campaigns={"c": chain("A", "B")}) as engine:
        for at in ("14:32:31", "14:33:02", "14:33:15", "14:37:32"):
            engine.start().until(at)
            getattr(engine, ends)()
        engine.after_rest(60)
        engine.start().until("14:49")
        assert set(states(engine).values()) <= {"completed", "unknown"}
        assert states(engine)["B clip"] == "completed"
        histories = {"pc": engine.host().history.lines()}
        assert faults_found(histories, engine.store, settled=True) == []


def test_an_edit_that_takes_it_away_lets_it_go_at_once(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": chain("A")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", chain("A", after=()))
        engine.until("14:32")
        assert [what for _, what in went(engine)] == ["A clip"]
        assert engine.query("SELECT * FROM needs WHERE key NOT IN (SELECT key FROM assignments)") == []
        assert engine.query("SELECT count(*) FROM needs") == [(0,)]


def test_an_edit_that_adds_it_holds_back_what_has_not_gone(tmp_path):
    campaign = chain("A", after=(), post="14:31-14:50")
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("14:30:30")
        engine.edit("c", chain("A", post="14:31-14:50"))
        engine.until("14:50:30")
        assert [what for _, what in went(engine)] == ["A warmup", "A clip"]


def test_an_edit_that_is_taken_in_while_its_turn_comes_holds_it_back_still(tmp_path):
    campaign = chain("A", after=(), post="14:30:02-14:50")
    hosts = {"pc": {"serials": ("A",), "latency_seconds": (4.0, 4.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        # From 14:30:02 on the host's list is looked at for 4 s and more before the intent is written.
        engine.start().until("14:30:04")
        engine.edit("c", chain("A", post="14:30:02-14:50"))
        engine.daemon.look()
        engine.until("14:31")
        assert went(engine) == []
        engine.until("14:40")
        assert [what for _, what in went(engine)] == ["A warmup", "A clip"]


def test_limits_and_pauses_hold_for_what_has_waited(tmp_path):
    campaign = chain("A", "B", limits={"per_target_per_day": 1})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("14:52")
        assert states(engine) == dict.fromkeys(("A warmup", "B warmup"), "completed") | dict.fromkeys(
            ("A clip", "B clip"), "skipped"
        )
        assert "per_target_per_day" in reason_of(engine, "A")


def test_one_that_an_edit_has_dropped_is_named_as_never_planned(tmp_path):
    campaign = chain("A", warmup="14:00-14:10")
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("14:51")
        assert states(engine) == {"A clip": "skipped"}
        assert reason_of(engine, "A") == "after `warmup`: that was not planned"
        assert not engine.of(HappeningKind.STARTED)


def gone_too_early(engine: Engine) -> list[str]:
    """Return what was made of clips on a device before any warm-up of it was completed, as the host knows."""
    warmed: set[str] = set()
    warmups: set[int] = set()
    early = []
    for happening in map(json.loads, engine.host().history.lines()):
        if happening["kind"] == "committed":
            script = happening["body"]["script_config"]["captions"].split("/")[1]
            serial = happening["body"]["serials"][0]
            if script == "warmup":
                warmups |= {task["number"] for task in happening["tasks"]}
            elif serial not in warmed:
                early.append(f"{serial} at {happening['at']}")
        elif happening["kind"] == "completed" and happening["number"] in warmups:
            warmed.add(happening["serial"])
    return early


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 1_000),
    failure_rate=st.sampled_from([0.0, 0.4, 0.8]),
    own_retries=st.integers(0, 2),
    windows=st.tuples(st.integers(30, 40), st.integers(2, 15), st.integers(30, 40), st.integers(2, 20)),
    breaks=st.lists(st.tuples(st.integers(5, 300), st.sampled_from(["stop", "crash", "edit"])), max_size=4),
    faulty=st.booleans(),
)
def test_nothing_ever_goes_before_what_it_needs_is_completed(
    tmp_path_factory, seed, failure_rate, own_retries, windows, breaks, faulty
):
    first, first_minutes, second, second_minutes = windows
    second = min(second, first + first_minutes)
    warmup = f"14:{first}-14:{first + first_minutes}"
    post = f"14:{second}-{14 + (second + second_minutes) // 60}:{(second + second_minutes) % 60:02}"
    if second + second_minutes <= first:
        warmup = f"14:{second}-14:{second + first_minutes}"
    hosts = {
        "pc": {
            "serials": ("A", "B", "C"),
            "seed": seed,
            "failure_rate": failure_rate,
            "own_retries": own_retries,
            "latency_seconds": (0.0, 2.0),
            "faults": FaultPlan(rules=(FaultRule(LOST, 0.3, "POST /task"),) if faulty else ()),
        }
    }
    campaign = chain("A", "B", "C", warmup=warmup, post=post)
    with Engine(tmp_path_factory.mktemp("life"), at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        engine.start()
        for seconds, what in breaks:
            engine.after(seconds)
            if what == "edit":
                campaign = {**campaign, "description": f"{seconds} {engine.clock.now()}"}
                engine.edit("c", campaign)
                continue
            getattr(engine, what)()
            engine.start()
        engine.until("15:03")
        assert gone_too_early(engine) == []
        found = states(engine)
        assert "planned" not in found.values()
        for target in "ABC":
            if found.get(f"{target} warmup") != "completed":
                assert found[f"{target} clip"] in {"skipped", "missed"}
