"""The log: one line for each event, at the level of its name, in the form that is set."""

from __future__ import annotations

import json
import logging

import pytest

from runner.adapters import logs
from runner.adapters.logs import EventLog
from runner.model.record import Event
from runner.model.settings import LogSettings

AT = 1_700_000_000_250_000


@pytest.fixture(autouse=True)
def _the_root_logger_as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if handler not in handlers:
            handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "runner.log"


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_is_one_json_line_with_its_own_time_first(capsys):
    EventLog(LogSettings("info", "json", None)).write(
        Event(AT, "assignment.submitted", {"key": "kä", "n": [1]})
    )
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert list(lines(text)[0].items()) == [
        ("timestamp", "2023-11-14T22:13:20.250+00:00"),
        ("level", "info"),
        ("event", "assignment.submitted"),
        ("key", "kä"),
        ("n", [1]),
    ]


@pytest.mark.parametrize(
    ("name", "level"),
    [("assignment.completed", "info"), ("assignment.missed", "warning"), ("assignment.unknown", "error")],
)
def test_the_level_follows_from_the_name(capsys, name, level):
    EventLog(LogSettings("debug", "json", None)).write(Event(AT, name))
    assert lines(capsys.readouterr().err)[0]["level"] == level


def test_what_is_less_important_than_the_level_is_left_out(capsys):
    log = EventLog(LogSettings("warning", "json", None))
    for name in ("assignment.completed", "assignment.missed", "assignment.unknown"):
        log.write(Event(AT, name))
    assert [line["event"] for line in lines(capsys.readouterr().err)] == [
        "assignment.missed",
        "assignment.unknown",
    ]


def test_a_terminals_lines_and_the_files_each_have_their_form(capsys, file):
    log = EventLog(LogSettings("info", "console", file))
    log.write(Event(AT, "host.ready", {"host": "pc"}))
    assert "host.ready" in capsys.readouterr().err
    assert lines(file.read_text())[0]["host"] == "pc"


def test_an_error_of_ours_is_told_with_its_traceback_and_without_the_values_of_variables(capsys, file):
    log = EventLog(LogSettings("info", "console", file))
    secret = "xsesame"
    try:
        int(secret[:1])
    except ValueError as error:
        log.failure("submit", error)
    readable, told = capsys.readouterr().err, lines(file.read_text())[0]
    assert "ValueError" in readable
    assert (told["event"], told["part"], told["level"]) == ("daemon.stalled", "submit", "error")
    assert told["exception"][0]["exc_type"] == "ValueError"
    assert "sesame" not in readable + file.read_text()


def test_what_keeps_the_daemon_from_starting_is_told(capsys):
    EventLog(LogSettings("info", "json", None)).refusal("another one runs")
    assert lines(capsys.readouterr().err)[0]["reason"] == "another one runs"


def test_a_store_that_does_not_work_is_an_error_and_its_end_is_not(capsys):
    log = EventLog(LogSettings("info", "json", None))
    log.store_unavailable("the disk is full")
    log.store_available()
    told = [(line["event"], line["level"], line.get("reason")) for line in lines(capsys.readouterr().err)]
    assert told == [
        ("store.unavailable", "error", "the disk is full"),
        ("store.available", "info", None),
    ]


def test_libraries_lines_come_in_the_same_form(capsys):
    EventLog(LogSettings("info", "json", None))
    logging.getLogger("some.library").warning("it said %s", "so")
    logging.getLogger("aiohttp.access").info("every request")
    assert [(line["level"], line["event"]) for line in lines(capsys.readouterr().err)] == [
        ("warning", "it said so")
    ]


def test_a_file_that_has_grown_is_put_aside_and_a_new_one_begun(monkeypatch, capsys, file):
    monkeypatch.setattr(logs, "_ROTATE_BYTES", 200)
    log = EventLog(LogSettings("info", "json", file))
    for number in range(5):
        log.write(Event(AT, "host.ready", {"host": f"pc-{number}", "detail": "x" * 50}))
    assert len(lines(capsys.readouterr().err)) == 5
    assert len(list(file.parent.glob("runner.log*"))) > 1
    assert lines(file.read_text())[-1]["host"] == "pc-4"
