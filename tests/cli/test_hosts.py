"""Every host is reached live, beside the others, and one that is not ready makes the exit code 1."""

from __future__ import annotations

import json
import time

import httpx
from support.serving import serving

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule
from runner.simulator.options import AnswerShape, Plan


def failing(kind, *, requests="*", **fault):
    return FaultPlan(rules=(FaultRule(Fault(FaultKind(kind), **fault), requests=requests),))


def asked(project, config):
    project.write("config.yaml", config)
    result = project.ask("hosts", "--format", "json")
    return result.exit_code, json.loads(result.stdout)


def test_a_host_that_is_ready_shows_its_plan_and_its_tasks(project):
    with serving(pc={"serials": ("A",)}) as config:
        code, (row,) = asked(project, config)
        shown = project.table("hosts")
    assert code == 0
    assert (row["host"], row["state"], row["detail"]) == ("pc", "ready", None)
    assert (row["plan_name"], row["device_limit"]) == ("Pro", 20)
    assert row["tasks"] == {"total": 0, "pending": 0, "running": 0, "completed": 0, "failed": 0}
    assert 0 < row["latency_seconds"] < 10
    head, line = shown.splitlines()
    assert head.split("  ")[0] == "host"
    assert line.startswith("pc    ready  Pro             20  none")


def test_tasks_are_counted_by_status(project):
    host = {"serials": ("A",), "failure_rate": 1.0, "duration_seconds": (0, 0), "pickup_seconds": (0, 0)}
    with serving(pc=host) as config:
        url = config.split('"')[1]
        body = {"serials": ["A"], "script_name": "post", "script_config": {}}
        httpx.post(f"{url}/task", json=body, trust_env=False).raise_for_status()
        project.write("config.yaml", config)
        assert "  1 failed  " in project.table("hosts")


def test_one_that_is_not_ready_makes_the_exit_code_1_and_hides_no_other(project):
    starter = {"plan": Plan("Starter")}
    strict = starter | {"shape": AnswerShape(licence_check_refuses=True)}
    with serving(
        good={},
        starter=starter,
        strict=strict,
        odd={"faults": failing("html")},
        half={"faults": failing("internal_error", requests="GET /task/stats")},
    ) as config:
        code, rows = asked(project, f'{config}  gone: {{url: "http://localhost:9/api/v1"}}\n')
        shown = project.ask("hosts", "--format", "table").stdout
    assert code == 1
    assert {row["host"]: row["state"] for row in rows} == {
        "good": "ready",
        "starter": "unlicensed",
        "strict": "unlicensed",
        "odd": "unclear",
        "half": "unclear",
        "gone": "unreachable",
    }
    by_name = {row["host"]: row for row in rows}
    assert by_name["starter"]["plan_name"] == "Starter"
    assert by_name["strict"]["plan_name"] is None
    assert by_name["half"]["plan_name"] == "Pro"
    assert by_name["gone"]["tasks"] is None
    assert "connection refused" in by_name["gone"]["detail"]
    assert len(shown.splitlines()) == 7


def test_a_host_that_hangs_costs_no_more_than_its_own_time_out(project):
    hanging = {"faults": failing("hang", seconds=60.0)}
    with serving(one=hanging, two=hanging, good={}) as config:
        began = time.monotonic()
        code, rows = asked(project, config + "http: {timeout: 1s}\n")
        assert time.monotonic() - began < 5
    assert code == 1
    assert [row["state"] for row in rows] == ["unclear", "unclear", "ready"]
