"""Work is paused and resumed from the command line, with or without a daemon."""

from __future__ import annotations

import pytest
from support.store import asked

from runner.cli.holds import until_of
from runner.model.instant import instant, moment


def holds(project):
    return asked(project.store, "SELECT scope, subject, owner, reason, released_by FROM holds")


def test_a_pause_is_in_the_store_and_in_the_status(project):
    said = project.table("pause", "spring", "--reason", "phones are moved", LOGNAME="eva")
    assert said == "Paused: campaign spring, until it is resumed, by eva.\n"
    assert holds(project) == [("campaign", "spring", "eva", "phones are moved", None)]
    assert "Paused\nwhat " in project.table("status")
    (row,) = project.rows("status")["pauses"]
    assert (row["campaign"], row["host"], row["owner"], row["until"]) == ("spring", None, "eva", None)


def test_resuming_ends_it(project):
    project.table("pause", "--host", "studio-pc", "--until", "2h", LOGNAME="eva")
    project.table("pause", "--all", LOGNAME="eva")
    said = project.table("resume", "--all", LOGNAME="per")
    assert said == "Resumed: everything, paused by eva.\nStill paused: host studio-pc, by eva.\n"
    (row,) = project.rows("resume", "--host", "studio-pc")
    assert row["scope"] == "host"
    assert project.rows("status")["pauses"] == []


def test_json_says_what_was_done(project):
    row = project.rows("pause", "--host", "studio-pc", "--until", "2099-12-24 18:00")
    assert list(row) == ["scope", "campaign", "host", "owner", "reason", "placed_at", "until"]
    assert row["until"] == "2099-12-24T18:00:00+01:00"


def test_what_is_not_paused_cannot_be_resumed(project):
    result = project.ask("resume", "spring")
    assert (result.exit_code, result.stderr) == (1, "error: the campaign `spring` is not paused\n")
    project.table("pause", "--all", LOGNAME="eva")
    result = project.ask("resume", "spring")
    words = "error: the campaign `spring` is not paused; in force: the pause of everything\n"
    assert (result.exit_code, result.stderr) == (1, words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sprign"], "there is no campaign `sprign`; did you mean `spring`?"),
        (["--host", "studio-cp"], "there is no host `studio-cp`; did you mean `studio-pc`?"),
    ],
)
def test_a_name_that_nobody_has_is_refused(project, words, said):
    result = project.ask("pause", *words)
    assert (result.exit_code, result.stderr) == (1, f"error: {said}\n")
    assert not (project.folder / "state").exists()


@pytest.mark.parametrize("words", [[], ["spring", "--all"], ["--host", "studio-pc", "--all"]])
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_exactly_one_thing_is_paused_at_a_time(project, command, words):
    result = project.ask(command, *words)
    assert result.exit_code == 2
    assert "name one: a CAMPAIGN, --host H, or --all" in result.stderr


@pytest.mark.parametrize("until", ["soon", "2020-01-01 12:00", "2099-12-24", "9999-12-31 12:00", "25:00"])
def test_a_time_that_is_none_or_over_is_refused(project, until):
    assert project.ask("pause", "--all", "--until", until).exit_code == 2


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("18:00", "2026-11-23T18:00:00+01:00"),
        ("09:00", "2026-11-24T09:00:00+01:00"),
        ("2h30m", "2026-11-23T14:30:00+01:00"),
        ("2026-12-24 18:00", "2026-12-24T18:00:00+01:00"),
        ("2026-12-24T18:00+00:00", "2026-12-24T19:00:00+01:00"),
    ],
)
def test_an_end_is_a_time_a_moment_or_a_length(text, at):
    noon = instant(moment(0).fromisoformat("2026-11-23T12:00:00+01:00"))
    found = until_of(text, now=noon, timezone="Europe/Stockholm")
    assert found == instant(moment(0).fromisoformat(at))
