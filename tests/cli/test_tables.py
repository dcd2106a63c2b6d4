"""Tables lose no letter at any width, and are coloured on a terminal only."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.project import moved
from support.root_logging import restored_logging

from runner.adapters.logs import EventLog
from runner.cli.cells import cell_len
from runner.cli.tables import Column, counts_in_words, how_many, print_table
from runner.model.record import Event, HostState
from runner.model.settings import LogSettings
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


@pytest.mark.parametrize(("wish", "coloured"), [({"TERM": "xterm"}, True), ({"NO_COLOR": "1"}, False)])
def test_the_log_follows_the_same_wish(monkeypatch, wish, coloured):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in wish.items():
        monkeypatch.setenv(name, value)
    with restored_logging():
        EventLog(LogSettings("info", "auto", None)).write(Event(0, "host.ready", {"host": "pc"}))
    assert ("\x1b" in terminal.getvalue()) == coloured


def test_without_a_terminal_there_are_neither_colours_nor_folds(project, missed):
    shown = project.table("results", "--date", "2026-12-01", COLUMNS="30", FORCE_COLOR="1")
    assert "\x1b" not in shown
    assert f"  {missed[0]}  {REASON}\n" in shown


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self):
        return True


def drawn(monkeypatch, columns, rows, *, width):
    """Return what a terminal is sent."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_table(columns, rows)
    return terminal.getvalue()


def test_only_states_have_colours_and_an_unknown_effect_is_an_alarm(monkeypatch):
    cells = [*State, *HostState, "unknown", "ready"]
    shown = drawn(monkeypatch, [Column("state")], [(cell,) for cell in cells], width=80).splitlines()
    styles = [line[: line.index(cell)] for cell, line in zip(cells, shown[1:], strict=True)]
    assert styles[cells.index(State.COMPLETED)] == "\x1b[32m"
    unknown_effect, unknown_host, word = [
        style for cell, style in zip(cells, styles, strict=True) if cell == "unknown"
    ]
    assert (unknown_effect, unknown_host, word) == ("\x1b[31m\x1b[1m", "\x1b[2m", "")
    assert styles[-1] == ""
    assert all(styles[:-2])


@given(st.lists(st.text("ab 日", max_size=60), min_size=1, max_size=3), st.integers(20, 60))
def test_folding_loses_no_letter_and_keeps_the_edge(sentences, width):
    columns = (Column("key"), Column("why", folds=True))
    with pytest.MonkeyPatch.context() as patched:
        shown = CODES.sub("", drawn(patched, columns, [("k" * 16, text) for text in sentences], width=width))
    head, *lines = shown.splitlines()
    assert head == "key               why"
    letters = "".join(lines).replace("k", "").replace(" ", "")
    assert letters == "".join(sentences).replace(" ", "")
    assert all(cell_len(line) <= max(width, 34) for line in lines)


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
