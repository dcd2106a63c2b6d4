"""The checker shares nothing with the runner, and finds what is put in front of it."""

from __future__ import annotations

import ast
import sqlite3
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from support.engine import post_to

from proof.checker import Case, judge
from proof.fast import FastEngine
from proof.life import allowances
from proof.scenery import TEXT

CHECKER = Path(__file__).parent / "checker"
ORACLE = Path(__file__).parents[1] / "support/window_oracle.py"

pytestmark = pytest.mark.sqlite(reason="the checker reads the store's file")


@pytest.mark.parametrize("path", [*sorted(CHECKER.glob("*.py")), ORACLE], ids=lambda path: path.stem)
def test_the_checker_imports_nothing_of_the_program_that_it_judges(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "the name of a relative import says too little"
            imported.add(str(node.module))
    allowed = ("proof.checker", "support.window_oracle")
    ours = {name for name in imported if name.partition(".")[0] in {"runner", "support", "proof", "tests"}}
    assert all(name.startswith(allowed) for name in ours), ours


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """Return a quiet afternoon: one campaign, two devices, a window of twenty minutes and a later one."""
    folder = tmp_path_factory.mktemp("quiet")
    document = post_to("A", "B", host="pc", start_time="15:00-16:00", script_config={"captions": TEXT})
    document |= {"name": "c", "timezone": "Europe/Stockholm", "until": "2026-11-23"}
    with FastEngine(folder, at="2026-11-23 14:00", campaigns={"c": document}) as engine:
        begins = engine.clock.true_seconds()
        engine.start()
        engine.until("17:00")
        ended_at = engine.clock.true_seconds()
        history = [
            {"at": at, "kind": str(kind), **details} for at, kind, details in engine.host("pc").history
        ]
        engine.stop()
        yield Case(
            name="quiet",
            histories={"pc": history},
            world=[
                {"at": begins, "what": "campaign", "name": "c", "document": document},
                {"at": begins, "what": "up"},
            ],
            store=folder / "state/runner.db",
            ended_at=ended_at,
            allowances=allowances(5, latency_seconds=0, rhythm=engine.rhythm),
        )


def kinds(case):
    return {violation.kind for violation in judge(case).violations}


def with_history(case, change):
    histories = deepcopy(dict(case.histories))
    change(histories["pc"])
    return replace(case, histories=histories)


def with_store(case, folder, sql):
    store = folder / "changed.db"
    with sqlite3.connect(case.store) as source, sqlite3.connect(store) as target:
        source.backup(target)
        target.execute(sql)
        target.commit()
    source.close()
    target.close()
    return replace(case, store=store)


def committed(history):
    return [happening for happening in history if happening["kind"] == "committed"]


def test_nothing_is_wrong_with_a_quiet_afternoon(quiet):
    verdict = judge(quiet)
    assert verdict.violations == []
    assert (verdict.commits, verdict.expected) == (2, 2)
    assert verdict.states == {"completed": 2}


def test_a_second_commit_is_doubled(quiet):
    def again(history):
        first = committed(history)[0]
        tasks = [{**task, "number": 99, "task_id": 99} for task in first["tasks"]]
        history.append({**first, "at": first["at"] + 60, "tasks": tasks})

    assert "doubled" in kinds(with_history(quiet, again))


def test_a_commit_that_nothing_asks_for_is_extra(quiet):
    def other(history):
        committed(history)[0]["body"]["script_config"]["captions"] = "c/another/2026-11-23"

    assert {"extra", "missed", "lie"} <= kinds(with_history(quiet, other))


def test_a_commit_after_the_window_is_outside(quiet):
    def late(history):
        first = committed(history)[0]
        for happening in history:
            if happening["kind"] in {"requested", "committed"} and happening["request"] == first["request"]:
                happening["at"] += 3_600

    assert "outside" in kinds(with_history(quiet, late))


def test_work_of_another_client_is_not_ours(quiet):
    def others(history):
        for happening in history:
            if happening["kind"] == "requested":
                happening["client"] = "other"

    verdict = judge(with_history(quiet, others))
    assert {violation.kind for violation in verdict.violations} == {"missed"}
    assert {violation.kind for violation in verdict.excused} == {
        "excused",
        "excused: the same work of another client was taken for ours",
    }


def test_a_failure_that_is_told_as_completed_is_a_lie(quiet):
    def failed(history):
        for happening in history:
            if happening["kind"] == "completed":
                happening["kind"] = "failed"

    assert kinds(with_history(quiet, failed)) == {"lie"}


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("DELETE FROM assignments WHERE target = 'A'", "silent"),
        ("UPDATE assignments SET state = 'planned' WHERE target = 'A'", "silent"),
        ("UPDATE assignments SET state = 'missed', reason = 'x' WHERE target = 'A'", "lie"),
        ("UPDATE assignments SET state = 'unknown', reason = 'x' WHERE target = 'A'", "lie"),
        ("UPDATE assignments SET due = due + 600000000 WHERE target = 'A'", "plan"),
        ("UPDATE runs SET opens = opens + 3600000000", "plan"),
        ("UPDATE tasks SET task_id = '7' WHERE task_id = '1'", "lie"),
        ("DELETE FROM intents", "unaudited"),
    ],
)
def test_what_the_store_says_is_compared_with_what_happened(quiet, tmp_path, sql, kind):
    assert kind in kinds(with_store(quiet, tmp_path, sql))


def test_touching_the_work_of_others_is_found(quiet):
    def touch(history):
        at = history[-1]["at"]
        named = {"task_id": 50, "number": 50, "serial": "A"}
        body = {"script_name": "follow", "serials": ["A"], "script_config": {"target_users": ["x"]}}
        row = {**named, "username": None, "target": "x"}
        history.append(
            {"at": at, "kind": "committed", "request": None, "source": "ui", "body": body, "tasks": [row]}
        )
        history.append({"at": at, "kind": "deleted", "by": "api", **named})

    assert "foreign" in kinds(with_history(quiet, touch))


def test_calling_retry_all_is_found(quiet):
    def call(history):
        first = next(happening for happening in history if happening["kind"] == "requested")
        path = "/api/v1/task/retry-all"
        history.append({**first, "request": 900, "method": "POST", "path": path, "body_sha256": None})

    assert "foreign" in kinds(with_history(quiet, call))


def test_a_request_that_left_without_an_intent_is_found(quiet):
    at = quiet.ended_at - 60
    left = {"at": at, "what": "mutation", "host": "pc", "method": "DELETE", "path": "/task/1"}
    world = [*quiet.world, {**left, "body_sha256": None, "intents": []}]
    assert kinds(replace(quiet, world=world)) == {"unaudited"}


def halted(case, at, depth="stop", scope="campaign", subject="c"):
    """Let a person have halted something so many minutes after 14:00."""
    given = {"depth": depth, "scope": scope, "subject": subject, "owner": "person 7", "number": 7}
    return replace(case, world=[*case.world, {"at": case.world[0]["at"] + at * 60, "what": "halt", **given}])


def without(*gone):
    def change(history):
        history[:] = [happening for happening in history if happening["kind"] not in gone]

    return change


def at_minute(history, minute, kind, **details):
    first = committed(history)[0]
    begins = first["at"] - first["at"] % 3_600 - 3_600
    task = {name: first["tasks"][0][name] for name in ("task_id", "number", "serial")}
    history.append({"at": begins + minute * 60, "kind": kind, **task, **details})


@pytest.mark.parametrize(
    ("scope", "subject", "found"),
    [
        ("all", "", {"halted"}),
        ("host", "pc", {"halted"}),
        ("host", "other", set()),
        ("campaign", "c", {"halted"}),
        ("campaign", "d", set()),
        ("assignment", ["c", "post", "2026-11-23", "15:00-16:00", "pc", "A"], {"halted"}),
        ("assignment", ["c", "post", "2026-11-23", "15:00-16:00", "pc", "Z"], set()),
    ],
)
def test_what_is_made_after_a_halt_is_found_where_it_was_for_that(quiet, scope, subject, found):
    assert kinds(halted(quiet, 40, scope=scope, subject=subject)) == found


def test_a_halt_of_the_day_before_leaves_what_is_of_today(quiet):
    yesterday = [{"at": quiet.world[0]["at"] + 60, "what": "clock", "offset_seconds": -86_400.0}]
    back = [{"at": quiet.world[0]["at"] + 2_460, "what": "clock", "offset_seconds": 0.0}]
    case = halted(replace(quiet, world=[*quiet.world, *yesterday]), 40)
    assert "halted" not in kinds(replace(case, world=[*case.world, *back]))


@pytest.mark.parametrize(("spent", "found"), [((50, 70), {"halted"}), ((30, 50), set()), ((70, 80), set())])
def test_what_is_made_while_the_file_stop_is_there_is_found(quiet, spent, found):
    begins = quiet.world[0]["at"]
    put, gone = ({"at": begins + minute * 60} for minute in spent)
    file = [{**put, "what": "stop_file", "depth": "submit"}, {**gone, "what": "stop_file_gone"}]
    assert kinds(replace(quiet, world=[*quiet.world, *file])) & {"halted"} == found


@pytest.mark.parametrize(
    ("depth", "gone", "found"),
    [
        ("stop", ("completed",), True),
        ("withdraw", ("completed",), False),
        ("withdraw", ("started", "completed"), True),
    ],
)
def test_what_a_halt_has_left_on_a_host_is_found(quiet, depth, gone, found):
    case = halted(with_history(quiet, without(*gone)), 65, depth=depth)
    assert ("left over" in kinds(case)) == found


@pytest.mark.parametrize(("depth", "found"), [("stop", True), ("withdraw", False)])
def test_what_runs_on_though_it_was_stopped_is_found(quiet, depth, found):
    def run_on(history):
        without("completed")(history)
        at_minute(history, 100, "completed", attempt=1)

    assert ("late" in kinds(halted(with_history(quiet, run_on), 65, depth=depth))) == found


@pytest.mark.parametrize(("depth", "found"), [("stop", False), ("withdraw", True)])
def test_what_runs_is_stopped_by_a_stop_only(quiet, depth, found):
    def stop(history):
        without("completed")(history)
        at_minute(history, 66, "stopped", by="api")

    assert ("early" in kinds(halted(with_history(quiet, stop), 65, depth=depth))) == found


def test_trying_again_what_was_cancelled_is_found(quiet):
    def fail(history):
        without("completed")(history)
        at_minute(history, 61, "failed", attempt=1, remark="x")
        at_minute(history, 110, "retried", by="api")

    assert "halted" in kinds(halted(with_history(quiet, fail), 100))


@pytest.mark.parametrize(
    ("state", "reason", "subject", "right"),
    [
        ("cancelled", "cancelled by person 7", "c", True),
        ("cancelled", "cancelled by person 7", "d", False),
        ("cancelled", "cancelled by person 8", "c", False),
        ("cancelled", "withdrawn by person 7", "c", False),
        ("cancelled", "the campaign was edited", "c", False),
        ("missed", "its host was away", "c", False),
    ],
)
def test_what_the_store_lays_to_a_halt_has_to_be_so(quiet, tmp_path, state, reason, subject, right):
    said = f"UPDATE assignments SET state = '{state}', reason = '{reason}'"  # noqa: S608
    case = with_history(with_store(quiet, tmp_path, said), without("requested", "committed", "started"))
    case = with_history(case, without("completed"))
    found = kinds(halted(with_store(case, tmp_path, "DELETE FROM tasks"), 40, subject=subject))
    assert found - {"overwritten"} == set() if right else found & {"lie", "missed"}
