"""What an edit would change is shown before it is taken over."""

from __future__ import annotations

import json

import pytest
from support.project import CAMPAIGN

from runner.app.load import load

TOMORROW = ("plan", "--diff", "--date", "tomorrow")


@pytest.fixture
def accepted(project):
    """A project whose campaign is in force; nothing of it is planned yet."""

    async def accept(ledger):
        for campaign in load(None, environ={}, working_folder=project.folder).campaigns:
            text = (project.folder / campaign.file).read_text()
            await ledger.accept_version(
                campaign.name, file=campaign.file, version=campaign.version, text=text, now=0
            )

    project.with_ledger(accept)
    return project


def test_without_a_difference_the_exit_code_is_0(accepted):
    result = accepted.ask(*TOMORROW, "--format", "table")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Nothing would change.\n", "")
    assert json.loads(accepted.ask(*TOMORROW).stdout) == []


def test_before_the_first_start_everything_is_added(project):
    result = project.ask(*TOMORROW)
    assert result.exit_code == 2
    assert [row["change"] for row in json.loads(result.stdout)] == ["added", "added"]


def test_with_differences_the_exit_code_is_2_and_each_assignment_is_shown(accepted):
    accepted.write("campaigns/spring.yaml", CAMPAIGN.replace("16091FDD40050N, ", "").replace("]}", ", NEW]}"))
    result = accepted.ask(*TOMORROW, "--format", "table")
    assert result.exit_code == 2
    head, columns, *rows, _, total = result.stdout.splitlines()
    assert head.split()[1] == json.loads(accepted.ask(*TOMORROW).stdout)[0]["date"]
    assert columns.split("  ")[0] == "change"
    cells = sorted((row.split()[0], row.split()[3], row.split()[5:]) for row in rows)
    assert [(kind, target) for kind, target, _ in cells] == [
        ("added", "NEW"),
        ("moved", "R58M12345"),
        ("removed", "16091FDD40050N"),
    ]
    assert [times[0][:8] for _, _, times in cells] == ["10:30:00", "09:30:00", "09:30:00"]
    assert cells[1][2][1].startswith("10:30:00")
    assert total == "1 added, 1 removed, 1 moved"


def test_the_rows_say_what_was(accepted):
    accepted.write("campaigns/spring.yaml", CAMPAIGN.replace("Hej", "Hallo").replace(", R58M12345", ""))
    rows = json.loads(accepted.ask(*TOMORROW).stdout)
    assert sorted((row["change"], row["serial"]) for row in rows) == [
        ("changed", "16091FDD40050N"),
        ("moved", "16091FDD40050N"),
        ("removed", "R58M12345"),
    ]
    for row in rows:
        assert set(row["was"]) == {"opens", "due", "closes"}
    moved = next(row for row in rows if row["change"] == "moved")
    assert moved["due"][11:16] == "10:00"
    assert moved["was"]["due"][11:16] == "09:30"


def test_a_broken_file_is_told_with_what_stays_in_force(accepted):
    accepted.write("campaigns/spring.yaml", CAMPAIGN.replace("post", "pots"))
    result = accepted.ask(*TOMORROW, "--format", "table")
    assert (result.exit_code, result.stdout) == (1, "Nothing would change.\n")
    kept, problem = result.stderr.splitlines()
    assert kept == ("campaigns/spring.yaml does not check: the last good version of `spring` stays in force.")
    assert problem.startswith("campaigns/spring.yaml:5:18: error: ")


def test_a_broken_file_that_was_never_in_force_is_told(accepted):
    accepted.write("campaigns/new.yaml", "scripts: [}")
    assert "campaigns/new.yaml does not check: nothing of it is in force." in accepted.ask(*TOMORROW).stderr


def test_one_campaign_can_be_asked_for(accepted):
    accepted.write("campaigns/new.yaml", CAMPAIGN)
    assert accepted.ask(*TOMORROW, "--campaign", "new").exit_code == 2
    assert accepted.ask(*TOMORROW, "--campaign", "spring").exit_code == 0
    result = accepted.ask(*TOMORROW, "--campaign", "sprong")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: there is no campaign `sprong`; did you mean `spring`?\n",
    )


def test_a_long_difference_is_cut_in_the_table_unless_all_is_asked_for(accepted):
    serials = ", ".join(f"S{number:03}" for number in range(150))
    accepted.write("campaigns/new.yaml", CAMPAIGN.replace("16091FDD40050N, R58M12345", serials))
    short = accepted.ask(*TOMORROW, "--format", "table").stdout
    assert "and 50 more changes; --full shows all" in short
    whole = accepted.ask(*TOMORROW, "--full", "--format", "table").stdout
    assert all(f"S{number:03}" in whole for number in range(150))
