"""`trigger` from the command line, without a daemon."""

from __future__ import annotations

import pytest


def test_it_is_written_for_the_daemon_and_says_what_stands_in_the_way(project):
    project.table("pause", "spring", "--reason", "phones are moved", LOGNAME="eva")
    said = project.table("trigger", "spring", LOGNAME="eva")
    first, *obstacles = said.splitlines()
    assert first.startswith("2 assignments of spring, due at once, until ")
    assert first.endswith(": asked.")
    assert obstacles == ["In the way: no daemon runs.", "In the way: paused by eva: phones are moved."]


def test_json_names_the_keys(project):
    row = project.rows("trigger", "spring", "--script", "clip", "--target", "R58M12345")
    assert list(row) == [
        "campaign",
        "script",
        "target",
        "assignments",
        "keys",
        "outcome",
        "until",
        "obstacles",
    ]
    assert len(row["keys"]) == 1
    assert row["outcome"] is None


def test_twice_within_seconds_is_refused(project):
    project.table("trigger", "spring")
    result = project.ask("trigger", "spring")
    assert result.exit_code == 1
    assert "the same was triggered less than 5 s ago" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sprign"], "there is no campaign `sprign`; did you mean `spring`?"),
        (["spring", "--script", "clap"], "`spring` has no script entry `clap`; did you mean `clip`?"),
        (
            ["spring", "--target", "R58M12346"],
            "`spring` has no target `R58M12346`; did you mean `R58M12345`?",
        ),
    ],
)
def test_a_name_that_nobody_has_is_refused(project, words, said):
    result = project.ask("trigger", *words)
    assert (result.exit_code, result.stderr) == (1, f"error: {said}\n")
    assert not (project.folder / "state").exists()


def test_what_is_not_enabled_is_not_triggered(project):
    text = (project.folder / "campaigns/spring.yaml").read_text()
    project.write("campaigns/spring.yaml", "enabled: false\n" + text)
    result = project.ask("trigger", "spring")
    assert result.exit_code == 1
    assert "the campaign `spring` is not enabled" in result.stderr
