"""Tables lose no letter at any width, and are coloured on a terminal only."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from support.project import moved

from runner.cli.tables import Column, counts_in_words, how_many, print_table
from runner.model.record import HostState
from runner.model.state import State

ROOT = Path(__file__).parents[2]
DAY = date(2026, 12, 1)
REASON = "the host was unreachable until its window closed"
CODES = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(project, *words, columns, **env):
    """Return what a command writes to a terminal so many columns wide."""
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    environ = plain | {"TERM": "xterm-256color", "COLUMNS": str(columns), "PYTHONPATH": str(ROOT)} | env
    child = subprocess.Popen(
        [sys.executable, "-m", "runner", *words], cwd=project.folder, env=environ, stdout=theirs
    )
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65_536):
            written += part
    except OSError:  # Linux says so where the other end of a terminal is closed
        pass
    finally:
        os.close(ours)
    assert child.wait(timeout=30) == 0
    return written.decode().replace("\r\n", "\n")


@pytest.fixture
def missed(project):
    keys = project.plan(DAY)
    project.commit(*moved(keys[0], "missed", reason=REASON))
    return keys


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_a_table_that_fits_it(project, missed, columns):
    shown = CODES.sub("", on_terminal(project, "results", "--date", "2026-12-01", columns=columns))
    assert all(len(line) <= columns for line in shown.splitlines())
    for name in (*missed, "16091FDD40050N", "R58M12345", "09:30:00+01:00"):
        assert name in shown
    assert all(word in shown for word in REASON.split())
    assert (REASON in shown) == (columns == 120)


def test_a_terminal_that_is_too_narrow_still_gets_every_letter(project, missed):
    shown = CODES.sub("", on_terminal(project, "results", "--date", "2026-12-01", columns=30))
    for name in (*missed, "16091FDD40050N", "R58M12345", "09:30:00+01:00"):
        assert name in shown


@pytest.mark.usefixtures("missed")
def test_states_have_colours_on_a_terminal(project):
    shown = on_terminal(project, "results", "--date", "2026-12-01", columns=80)
    assert "\x1b[31mmissed" in shown


@pytest.mark.usefixtures("missed")
@pytest.mark.parametrize("wish", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(project, wish):
    shown = on_terminal(project, "results", "--date", "2026-12-01", columns=80, **wish)
    colours = {code for code in CODES.findall(shown) if re.search(r"[;\[](3|4|9|10)\d", code)}
    assert colours == set()
    assert "missed" in shown


def test_without_a_terminal_there_are_neither_colours_nor_folds(project, missed):
    shown = project.table("results", "--date", "2026-12-01", COLUMNS="30", FORCE_COLOR="1")
    assert "\x1b" not in shown
    assert f"  {missed[0]}  {REASON}\n" in shown


def test_numbers_stand_under_each_other(capsys):
    print_table((Column("n", right=True), Column("state")), [("1", State.RUNNING), ("100", HostState.READY)])
    assert capsys.readouterr().out == "  n  state\n  1  running\n100  ready\n"


def test_wide_letters_keep_the_columns(capsys):
    print_table((Column("a"), Column("b")), [("日本", "x"), ("abcd", "y")])
    assert capsys.readouterr().out == "a     b\n日本  x\nabcd  y\n"


def test_states_are_counted_in_the_order_of_a_life():
    counts = {State.FAILED: 1, State.PLANNED: 2, State.RUNNING: 0}
    assert counts_in_words(counts) == "2 planned, 1 failed"


@pytest.mark.parametrize(("count", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_numbers_agree_with_their_nouns(count, words):
    assert how_many(count, "file") == words
