"""A running daemon is asked from the command line to look at all files."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import asdict

from support.project import now

from runner.adapters.ledger import Ledger, Reader
from runner.adapters.store_lock import sole_user
from runner.model.record import DecisionApplied
from runner.model.reload import RejectedFile, Reloaded

PROBLEM = "campaigns/bad.yaml:1:1: error: the file is empty"
NOTHING_RUNS = "error: no daemon works on the store; it reads all files when it starts\n"


async def nothing(ledger: Ledger) -> None:
    """Make the store, and leave it as it is."""
    await ledger.last_event_id()


@contextmanager
def daemon_that_finds(project, found):
    """Hold the store as a daemon does, and answer the first wish."""

    def answer() -> None:
        reader = Reader.open(project.store)
        while not (wishes := reader.wishes()[2]):
            pass
        reader.close()
        project.commit(DecisionApplied(wishes[0].id, now(), json.dumps(asdict(found))))

    project.with_ledger(nothing)
    answering = threading.Thread(target=answer)
    with sole_user(project.store):
        answering.start()
        yield
        answering.join()


def test_without_a_daemon_it_is_said_and_nothing_is_left_behind(project):
    result = project.ask("reload")
    assert (result.exit_code, result.stderr) == (1, NOTHING_RUNS)
    project.with_ledger(nothing)
    assert project.ask("reload").stderr == NOTHING_RUNS
    reader = Reader.open(project.store)
    assert reader.wishes() == ([], [], [])
    reader.close()


def test_what_was_taken_over_is_shown(project):
    with daemon_that_finds(project, Reloaded(3, ("spring", "week"), ("old",))):
        shown = project.table("reload")
    assert shown.splitlines() == ["Accepted: spring, week.", "Removed: old.", "3 campaigns in force."]


def test_what_is_rejected_is_shown_with_what_stays_and_the_exit_code_is_1(project):
    rejected = (
        RejectedFile("campaigns/bad.yaml", ("bad",), (PROBLEM,)),
        RejectedFile("campaigns/new.yaml", (), ()),
    )
    with daemon_that_finds(project, Reloaded(1, rejected=rejected)):
        result = project.ask("reload", "--format", "table")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "Rejected: campaigns/bad.yaml; the last good version of `bad` stays in force.",
        PROBLEM,
        "Rejected: campaigns/new.yaml; nothing of it is in force.",
        "1 campaign in force.",
    ]


def test_the_answer_is_json_for_programs(project):
    with daemon_that_finds(project, Reloaded(1)):
        assert project.rows("reload") == {
            "campaigns": 1,
            "accepted": [],
            "removed": [],
            "rejected": [],
            "unread": False,
        }


def test_nothing_new_and_nothing_readable_are_said(project):
    with daemon_that_finds(project, Reloaded(1)):
        assert project.table("reload").startswith("Nothing has changed since the daemon's last look.\n")
    with daemon_that_finds(project, Reloaded(2, unread=True)):
        result = project.ask("reload", "--format", "table")
    assert result.exit_code == 1
    assert result.stdout.startswith("The campaigns cannot be read, or all are gone at once")


def test_a_daemon_that_ends_meanwhile_is_told(project):
    project.with_ledger(nothing)
    gone = threading.Event()

    def watch() -> None:
        reader = Reader.open(project.store)
        while not reader.wishes()[2]:
            pass
        reader.close()
        gone.set()

    def hold() -> None:
        with sole_user(project.store):
            held.set()
            gone.wait(20)

    held = threading.Event()
    threads = [threading.Thread(target=work) for work in (hold, watch)]
    for thread in threads:
        thread.start()
    held.wait(20)
    result = project.ask("reload")
    for thread in threads:
        thread.join()
    assert (result.exit_code, result.stderr) == (
        1,
        "error: the daemon has ended before it answered; it reads all files when it starts\n",
    )
