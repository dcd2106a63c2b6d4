"""Files are checked in a process of their own, and what happens to it is the files' problem alone."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import pytest

from runner.adapters.campaign_folder import read_folder
from runner.app import check_child
from runner.app.check_child import ChildChecker
from runner.app.load import load
from runner.app.loaded import together
from runner.errors import FilesRejected, RunnerError
from runner.model.document import MOST_BYTES

CONFIG = "hosts: {pc: {url: 'http://127.0.0.1:50809/api/v1'}}\n"
CAMPAIGN = """\
device_groups: {phones: {serials: [A]}}
scripts:
  - {script_name: post, device_groups: [phones], start_time: "9:00", script_config: {captions: "${env:WORD}"}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "campaigns" / "good.yaml").write_text(CAMPAIGN)
    (tmp_path / "campaigns" / "bad.yaml").write_text(CAMPAIGN.replace("post", "pots"))
    return tmp_path


@pytest.fixture
def checker(folder):
    return ChildChecker(environ={"WORD": "secret"}, working_folder=folder)


def checked(checker, texts, *, config):
    return together(checker.campaigns(texts, config=config), settings=config.config.settings)


def texts_of(folder):
    texts = read_folder(folder / "campaigns", most_bytes=MOST_BYTES)
    return {f"campaigns/{text.path.name}": text for text in texts}


def test_the_child_says_what_a_check_in_this_process_says(folder, checker):
    config = checker.config(None)
    told = checked(checker, texts_of(folder), config=config)
    here = load(None, environ={"WORD": "secret"}, working_folder=folder)
    assert told == replace(here, problems=told.problems)
    assert [str(problem) for problem in told.problems] == [str(problem) for problem in here.problems]
    assert [campaign.name for campaign in told.campaigns] == ["good"]
    assert told.rejected == ("campaigns/bad.yaml",)
    assert config.secrets.look_up("env:WORD") == "secret"


def test_secrets_of_checked_files_are_recognized_in_the_daemon_before_any_is_sent(folder, checker):
    (folder / "campaigns" / "good.yaml").write_text(
        CAMPAIGN.replace("${env:WORD}", "${env:WORD} ${env:NOPE}")
    )
    config = checker.config(None)
    assert config.secrets.redact("a secret") == "a secret"
    told = checked(checker, texts_of(folder), config=config)
    assert any("NOPE" in problem.message for problem in told.problems)
    assert config.secrets.redact("a secret") == "a ${env:WORD}"


def test_a_child_that_was_started_beforehand_is_asked_or_ended(
    folder, checker, monkeypatch, tmp_path_factory
):
    config = checker.config(None)
    python = tmp_path_factory.mktemp("counting") / "python"
    started = python.with_name("started")
    python.write_text(f'#!/bin/sh\necho $$ >> {started}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    checker.get_ready()
    checker.get_ready()
    assert len(checker.campaigns(texts_of(folder), config=config)) == 2
    assert len(started.read_text().split()) == 1
    checker.get_ready()
    checker.rest()
    checker.rest()
    # The second may have been ended before it wrote its number.
    for child in started.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)


def test_nothing_to_check_needs_no_child(checker):
    config = checker.config(None)
    assert checker.campaigns({}, config=config) == []


def test_a_config_that_does_not_check_is_rejected_with_its_problems(folder, checker):
    (folder / "config.yaml").write_text("hosst: {}\n")
    with pytest.raises(FilesRejected) as caught:
        checker.config(None)
    assert any("did you mean `hosts`" in problem.message for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("ends", "words"),
    [("raise SystemExit(3)", "ended with 3"), ("import time; time.sleep(60)", "longer than")],
)
def test_a_child_that_ends_badly_rejects_the_files_and_raises_nothing(
    folder, checker, monkeypatch, tmp_path_factory, ends, words
):
    config = checker.config(None)
    python = tmp_path_factory.mktemp("broken") / "python"
    python.write_text(f"#!{sys.executable}\n{ends}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(check_child, "MOST_SECONDS", 0.3 if "sleep" in ends else 30.0)
    told = checked(checker, texts_of(folder), config=config)
    assert told.campaigns == ()
    assert told.rejected == ("campaigns/bad.yaml", "campaigns/good.yaml")
    assert all(words in problem.message for problem in told.problems)
    with pytest.raises(RunnerError, match=words):
        checker.config(None)


def test_a_file_that_ends_the_child_spoils_no_other(folder, checker, monkeypatch, tmp_path_factory):
    config = checker.config(None)
    python = tmp_path_factory.mktemp("broken") / "python"
    # Ends as a library does that crashes on the text of one file.
    python.write_text(
        f"#!{sys.executable}\n"
        "import sys, io\n"
        "question = sys.stdin.buffer.read()\n"
        "if b'CRASH' in question: raise SystemExit(139)\n"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(question))\n"
        "import runpy; runpy.run_module('runner.app.check_main', run_name='__main__')\n"
    )
    python.chmod(0o755)
    for name in "abcd":
        text = CAMPAIGN + ("# CRASH\n" if name == "c" else "")
        (folder / "campaigns" / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(sys, "executable", str(python))
    told = checked(checker, texts_of(folder), config=config)
    assert told.rejected == ("campaigns/bad.yaml", "campaigns/c.yaml")
    assert [campaign.name for campaign in told.campaigns] == ["a", "b", "d", "good"]
    assert [str(one) for one in told.problems if one.file == "campaigns/c.yaml"] == [
        "campaigns/c.yaml:1:1: error: not checked: the process that checks files ended with 139"
    ]


def test_calendars_and_holidays_come_through_whole_and_so_do_the_files_they_come_from(folder, checker):
    days = "calendars: {office: {file: office.ics, holidays: SE, days_of_month: [-1, -2]}}\n"
    (folder / "config.yaml").write_text(f"{CONFIG}{days}quiet_hours: calendar:office\n")
    excluded = "except: [holidays:NO, calendar:office, 2026-12-24..2026-12-27]\n"
    (folder / "campaigns" / "good.yaml").write_text(excluded + CAMPAIGN)
    with pytest.raises(FilesRejected) as raised:
        checker.config(None)
    assert raised.value.calendar_files == (folder / "office.ics",)
    event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261123\r\nEND:VEVENT\r\n"
    (folder / "office.ics").write_text(f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n", newline="")
    config = checker.config(None)
    assert config.calendar_files == (folder / "office.ics",)
    here = load(None, environ={"WORD": "secret"}, working_folder=folder)
    assert checked(checker, texts_of(folder), config=config).campaigns == here.campaigns
    assert len(here.campaigns[0].excluded) == 3


def test_content_files_come_through_with_their_rows_and_texts(folder, checker):
    content = CAMPAIGN.replace("script_name: post", "script_name: post, content: {file: c.csv, by: order}")
    (folder / "campaigns" / "good.yaml").write_text(content.replace("${env:WORD}", "${row.text}"))
    (folder / "campaigns" / "c.csv").write_text("text\nHej\n")
    told = checked(checker, texts_of(folder), config=checker.config(None))
    (campaign,) = told.campaigns
    assert [row.values for row in campaign.entries[0].content.rows] == [{"text": "Hej"}]
    (read,) = told.contents["campaigns/good.yaml"]
    assert (read.name, read.text) == ("c.csv", "text\nHej\n")
    here = load(None, environ={}, working_folder=folder)
    assert here.campaigns == told.campaigns
