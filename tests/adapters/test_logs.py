"""The log: lines for people and for programs, levels that follow from names, and no values of variables."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import pytest
from support.root_logging import restored_logging

from runner.adapters.logs import ERROR_EVENTS, WARNING_EVENTS, EventLog
from runner.model.event_names import EVENT_NAMES
from runner.model.record import Event
from runner.model.settings import LogSettings
from runner.model.state import State

ROOT = Path(__file__).parents[2]
AT = 1_795_441_500_000_000


@pytest.fixture(autouse=True)
def _as_before():
    with restored_logging():
        yield


def log(level: str = "info", *, form: str = "json", file: Path | None = None) -> EventLog:
    return EventLog(LogSettings(level, form, file))


def lines(capsys) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def fail_with(secret: str) -> ValueError:
    try:
        kept = f"{secret} in a variable"
        int(kept if kept.isdigit() else "something went wrong")
    except ValueError as error:
        assert kept
        return error


def test_an_event_is_one_json_object_with_time_level_and_name_first(capsys):
    log().write(Event(AT, "assignment.completed", {"campaign": "c", "task_ids": ["1"], "note": "é"}))
    text = capsys.readouterr().err
    assert "é" in text
    assert list(json.loads(text).items()) == [
        ("timestamp", "2026-11-23T13:45:00+00:00"),
        ("level", "info"),
        ("event", "assignment.completed"),
        ("campaign", "c"),
        ("task_ids", ["1"]),
        ("note", "é"),
    ]


def test_levels_follow_from_names(capsys):
    written = log("debug")
    for name in EVENT_NAMES:
        written.write(Event(AT, name, {}))
    levels = {line["event"]: line["level"] for line in lines(capsys)}
    assert {name for name, level in levels.items() if level == "warning"} == WARNING_EVENTS
    assert {name for name, level in levels.items() if level == "error"} == ERROR_EVENTS - {
        "daemon.stalled"
    } | (ERROR_EVENTS & set(levels))
    assert set(levels) == set(EVENT_NAMES)


def test_a_level_leaves_out_what_is_below_it(capsys):
    written = log("error")
    written.write(Event(AT, "assignment.missed", {}))
    written.write(Event(AT, "assignment.unknown", {}))
    assert [line["event"] for line in lines(capsys)] == ["assignment.unknown"]


def test_lines_for_people_are_readable(capsys):
    log(form="console").write(Event(AT, "host.ready", {"host": "pc"}))
    text = capsys.readouterr().err
    assert "host.ready" in text
    assert "host=pc" in text


def test_automatic_means_json_where_nobody_watches(capsys):
    log(form="auto").write(Event(AT, "host.ready", {"host": "pc"}))
    assert lines(capsys)[0]["host"] == "pc"


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_error_shows_its_way_and_no_values_of_variables(capsys, tmp_path, form):
    file = tmp_path / "logs/runner.log"
    log(form=form, file=file).failure("submit pc", fail_with("s3cret"))
    text = capsys.readouterr().err
    for shown in (text, file.read_text()):
        assert "something went wrong" in shown
        assert "fail_with" in shown
        assert "daemon.stalled" in shown
        assert "s3cret" not in shown
    assert json.loads(file.read_text())["part"] == "submit pc"


def test_the_file_is_rotated(tmp_path):
    file = tmp_path / "runner.log"
    written = log(file=file)
    for _ in range(12):
        written.write(Event(AT, "host.ready", {"detail": "x" * 1_000_000}))
    assert (tmp_path / "runner.log.1").exists()
    assert file.stat().st_size < 10 * 1024 * 1024


def test_lines_of_libraries_have_the_same_form(capsys):
    log()
    logging.getLogger("somewhere").warning("a word of theirs")
    logging.getLogger("apscheduler.executors").info("a word of theirs that nobody needs")
    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == ("a word of theirs", "warning")
    assert "timestamp" in line


def emitted() -> set[str]:
    """Return the event names in the code: those of calls of `event`, and the log's own."""
    names: set[str] = set()
    for file in (ROOT / "runner").rglob("*.py"):
        if file.name == "event_names.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                names.add(node.value)
            if isinstance(node, ast.JoinedStr):
                start = node.values[0]
                if isinstance(start, ast.Constant):
                    names.add(f"{start.value}*")
    return names


def test_every_event_of_the_catalogue_is_emitted_somewhere():
    levelled = WARNING_EVENTS | ERROR_EVENTS
    text = "".join(
        file.read_text() for file in (ROOT / "runner").rglob("*.py") if file.name != "event_names.py"
    )
    # Once stands where its level is said.
    found = {name for name in emitted() if text.count(f'"{name}"') > 1 or name not in levelled}
    missing = [
        name for name in EVENT_NAMES if name not in found and f"{name.partition('.')[0]}.*" not in found
    ]
    assert missing == []


def test_every_state_that_is_told_has_its_event():
    told = {name.removeprefix("assignment.") for name in EVENT_NAMES if name.startswith("assignment.")}
    assert told == {str(state) for state in State}
    assert set(EVENT_NAMES) >= ERROR_EVENTS | WARNING_EVENTS
