"""A secret goes to its host and nowhere else, even where the host repeats what it was sent."""

from __future__ import annotations

import json

import pytest
from support.engine import Engine, post_to
from support.store import bytes_kept

from runner.adapters.exposition import text_of
from runner.app.rhythm import Rhythm
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work

SECRET = 'sk-\u00e9cho "canary" 0815'
NAMED = "${env:API_KEY}"
LONG_BEFORE_IT = "x" * 135
"""So much that a message is cut inside the secret."""
CAMPAIGN = post_to("A", script_config={"captions": NAMED})
TASK = {"id": 7, "status": 3, "serial": "A", "script_name": "post", "source": "api"}
STATS = {"total": 1, "pending": 0, "running": 0, "completed": 0, "failed": 1}


class Slow(Engine):
    """An engine whose hours go by quickly."""

    rhythm = Rhythm(
        heartbeat_seconds=60, pulse_seconds=30, wish_seconds=60, probe_seconds=900, look_seconds=3600
    )


def envelope(data: object, *, code: int = 0, message: str = "") -> object:
    return {"code": code, "message": message, "data": data}


def sent(engine: Engine) -> str:
    return engine.created()[0][1]["script_config"]["captions"]


def nothing_holds_it(engine: Engine) -> None:
    """Check log, events and all that is in the store, for the secret as it is and as JSON writes it."""
    parts = [SECRET, json.dumps(SECRET)[1:-1], json.dumps(SECRET, ensure_ascii=False)[1:-1], SECRET[:6]]
    shown = repr([(event.name, event.fields) for event in engine.log.events])
    shown += json.dumps([event.fields for event in engine.log.events], ensure_ascii=False, default=str)
    engine.stop()
    stored = bytes_kept(engine.folder)
    for part in parts:
        assert part not in shown
        assert part.encode() not in stored


@pytest.mark.parametrize("code", [40001, 50001, 40301])
@pytest.mark.parametrize(
    "echo",
    [SECRET, json.dumps({"captions": SECRET}), f"{LONG_BEFORE_IT} {SECRET}"],
    ids=["plain", "json", "cut"],
)
def test_a_refusal_that_repeats_the_secret_is_told_without_it(tmp_path, code, echo):
    said = envelope(None, code=code, message=f"no good: {echo}")
    environ = {"API_KEY": SECRET}
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": CAMPAIGN}, environ=environ) as engine:
        engine.answer = lambda method, path: said if (method, path) == ("POST", "/task") else None
        engine.start().until("14:31")
        assert sent(engine) == SECRET
        assert any("${env" in str(event.fields.get("reason")) for event in engine.told("submission."))
        nothing_holds_it(engine)


def test_a_licence_message_that_repeats_the_secret_is_told_without_it(tmp_path):
    refusing = {"api_enabled": False, "plan_name": f"plan {SECRET}", "message": SECRET}
    said = {("GET", "/license/check"): envelope(refusing)}
    environ = {"API_KEY": SECRET}
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": CAMPAIGN}, environ=environ) as engine:
        engine.answer = lambda method, path: said.get((method, path))
        engine.start().until("14:31")
        (told,) = engine.told("host.unlicensed")
        assert told.fields["detail"] == f"the plan plan {NAMED} has no API access: {NAMED}"
        nothing_holds_it(engine)


@pytest.mark.parametrize("again", [False, True], ids=["same process", "after a restart"])
def test_a_remark_that_repeats_the_secret_is_kept_without_it(tmp_path, again):
    failed = {**TASK, "remark": f"bad captions: {SECRET}", "start_time": SECRET, "end_time": SECRET}
    said = {
        ("POST", "/task"): envelope({"task_ids": [7], "created_count": 1}),
        ("GET", "/task"): envelope({"tasks": [], "total": 0}),
        ("GET", "/task/stats"): envelope(STATS),
        ("GET", "/task/7"): envelope(failed),
    }
    environ = {"API_KEY": SECRET}
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": CAMPAIGN}, environ=environ) as engine:
        engine.answer = lambda method, path: said.get((method, path))
        engine.start().until("14:30:00")
        assert sent(engine) == SECRET
        assert engine.states() == {"A": "submitted"}
        if again:
            engine.restart()
        engine.until("14:31")
        assert engine.record("A").reason == f"bad captions: {NAMED}"
        assert engine.told("task.observed", reason=f"bad captions: {NAMED}")
        nothing_holds_it(engine)


def test_lists_that_are_broken_by_an_echo_are_told_without_the_secret(tmp_path):
    said = envelope(None, code=50001, message=f"while asked {json.dumps(SECRET)}")
    environ = {"API_KEY": SECRET}
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": CAMPAIGN}, environ=environ) as engine:
        engine.answer = lambda _method, path: said if path == "/task/stats" else None
        engine.start().until("14:31")
        (told,) = engine.told("poll.failed")
        assert NAMED in told.fields["reason"]
        nothing_holds_it(engine)


def test_a_day_with_all_kinds_of_trouble_holds_no_secret(tmp_path):
    both = {"captions": f"{NAMED} and ${{file:key.txt}}", "content_type": 1}
    campaign = post_to("A", "B", "C", start_time="06:00-22:00", script_config=both)
    campaign["scripts"][0] |= {"spread": "even", "retry": {"attempts": 1, "delay": "5m"}}
    faults = FaultPlan(
        rules=(
            FaultRule(Fault(FaultKind.CLOSE, Work.DONE), requests="POST /task", rate=0.3),
            FaultRule(Fault(FaultKind.INTERNAL_ERROR, Work.NONE), requests="GET /task/stats", rate=0.05),
            FaultRule(Fault(FaultKind.GARBAGE, Work.NONE), requests="*", rate=0.01),
        )
    )
    hosts = {"pc": {"serials": ("A", "B", "C"), "faults": faults, "failure_rate": 0.5, "seed": 7}}
    (tmp_path / "key.txt").write_text(SECRET)
    with Slow(
        tmp_path,
        at="2026-11-23 00:00",
        campaigns={"c": campaign, "often": {**campaign, "name": "often"}},
        hosts=hosts,
        environ={"API_KEY": SECRET},
        poll_interval="5m",
    ) as engine:
        engine.start().until("12:00")
        engine.edit("often", "scripts: [{captions: ${env:API_KEY}")
        engine.until("13:00")
        engine.restart()
        engine.until("23:59")
        assert sent(engine) == f"{SECRET} and {SECRET}"
        assert engine.told("campaign.rejected")
        assert engine.told("submission.unsettled")
        assert engine.told("assignment.failed")
        metrics = text_of(engine.journal.meter.families()).decode()
        assert "submissions" in metrics
        assert SECRET[:6] not in metrics
        nothing_holds_it(engine)
