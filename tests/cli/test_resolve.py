"""What is unknown is resolved from the command line."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import date

import pytest
from support.project import moved, now, submitted

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


@pytest.fixture
def restored(project):
    """Leave both assignments of a day unknown, one of them accepted by its host; return their keys."""
    keys = project.plan(date(2026, 1, 2))
    project.commit(*submitted(keys[1], task="7", when=now()))
    for key in keys:
        project.commit(*moved(key, "submitting", "unknown", reason="restored", finished_at=now()))
    return keys


DAY = ("--campaign", "spring", "--date", "2026-01-02")


def test_a_day_is_shown_before_it_is_resolved(project, restored):
    said = project.table("resolve", *DAY, "--drop")
    assert all(key in said for key in restored)
    assert "2 assignments would be dropped. Nothing was done; --yes does it." in said
    with closing(Reader.open(project.store)) as reader:
        assert reader.open_decisions() == []


@pytest.mark.usefixtures("restored")
def test_what_cannot_be_submitted_again_is_left_and_said(project):
    row = project.rows("resolve", *DAY, "--resubmit")
    assert (row["items"], row["able"], row["done"]) == ([], 0, None)
    assert row["left"] == [
        {"reason": "its window has closed; it can only be dropped", "count": 1},
        {"reason": "the host had accepted it; look at it there, then drop it", "count": 1},
    ]


def test_a_day_is_resolved_at_once_and_once(project, restored):
    row = project.rows("resolve", *DAY, "--drop", "--yes", "--reason", "done by hand")
    assert (row["able"], row["done"]) == (2, [{"outcome": None, "count": 2}])
    with closing(Reader.open(project.store)) as reader:
        decided = {one.key: (one.act.value, one.reason) for one in reader.open_decisions()}
    assert decided == dict.fromkeys(restored, ("drop", "done by hand"))
    again = project.rows("resolve", *DAY, "--drop", "--yes")
    assert (again["able"], [one["count"] for one in again["left"]], again["done"]) == (0, [2], [])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--campaign", "spring", "--drop"], 2, "name a KEY, or --campaign C and --date D"),
        (["abc", *DAY, "--drop"], 2, "name a KEY, or --campaign C and --date D"),
        (["abc", "--drop", "--yes"], 2, "name a KEY, or --campaign C and --date D"),
        (["--campaign", "spring", "--date", "2026-01-03", "--drop"], 1, "nothing of the campaign `spring`"),
    ],
)
def test_a_day_that_is_not_meant_is_refused(project, words, code, said):
    result = project.ask("resolve", *words)
    assert (result.exit_code, said in result.stderr) == (code, True)
