"""What is unknown is resolved from the command line."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from support.project import moved, now

from runner.adapters.ledger import Reader
from runner.adapters.store_lock import sole_user
from runner.model.record import DecisionApplied


@pytest.fixture
def doubtful(project):
    """Leave an assignment unknown, and return its key."""
    key, _ = project.plan(date(2026, 12, 1))
    project.commit(*moved(key, "submitting", "unknown", reason="lost", finished_at=now()))
    return key


@pytest.mark.parametrize("words", [[], ["--resubmit", "--drop"]])
def test_one_decision_is_asked_for(project, words):
    result = project.ask("resolve", "abc", *words)
    assert result.exit_code == 2
    assert "say one: --resubmit or --drop" in result.stderr


def test_a_key_that_is_not_there_is_said(project):
    result = project.ask("resolve", "abc", "--drop")
    assert (result.exit_code, result.stderr) == (1, "error: there is no assignment 'abc'\n")


def test_without_a_daemon_the_decision_waits_for_one(project, doubtful):
    said = project.table("resolve", doubtful[:10], "--drop", LOGNAME="eva")
    assert said == f"{doubtful}: the daemon will do it as soon as it runs.\n"
    again = project.ask("resolve", doubtful, "--resubmit")
    assert again.exit_code == 1
    assert f"{doubtful} is to be resolved already (--drop)" in again.stderr


@pytest.mark.usefixtures("doubtful")
def test_what_is_not_unknown_is_left_alone(project):
    _, other = [row["key"] for row in project.rows("results", "--date", "2026-12-01")]
    result = project.ask("resolve", other, "--drop")
    assert (result.exit_code, result.stderr) == (
        1,
        f"error: {other} is planned: only what is unknown can be resolved\n",
    )


def test_a_daemon_that_runs_is_waited_for(project, doubtful):
    def carry_out() -> None:
        reader = Reader.open(project.store)
        while not (found := reader.open_decisions()):
            pass
        reader.close()
        project.commit(DecisionApplied(found[0].id, now(), "dropped by eva"))

    daemon = threading.Thread(target=carry_out)
    with sole_user(project.store):
        daemon.start()
        row = project.rows("resolve", doubtful, "--drop", "--reason", "seen on the phone")
        daemon.join()
    assert row == {"key": doubtful, "act": "drop", "outcome": "dropped by eva"}
