"""Files are checked, and each problem is told at its place."""

from __future__ import annotations

import json
from pathlib import Path

from support.project import CAMPAIGN

ROOT = Path(__file__).parents[2]


def test_files_that_check_are_counted_and_nothing_else_is_said(project):
    result = project.ask("validate")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "2 files, 0 errors, 0 warnings\n"


def test_the_examples_check(project):
    result = project.ask("--config", ROOT / "config.example.yaml", "validate")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "9 files, 0 errors, 0 warnings\n"


def test_a_problem_is_a_line_with_its_place(project):
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("post", "pots"))
    result = project.ask("validate")
    assert result.exit_code == 1
    (line,) = result.stdout.splitlines()
    assert line.startswith("campaigns/spring.yaml:5:18: error: scripts[0].script_name: ")
    assert result.stderr == "2 files, 1 error, 0 warnings\n"


def test_warnings_alone_are_no_failure(project):
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("captions: Hej", "zebra: 1"))
    result = project.ask("validate", "--format", "table")
    assert result.exit_code == 0
    assert ": warning: " in result.stdout
    assert result.stderr == "2 files, 0 errors, 1 warning\n"


def test_problems_as_json_name_file_line_column_severity_and_message(project):
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("captions: Hej", "zebra: 1"))
    result = project.ask("validate", "--format", "json")
    (row,) = json.loads(result.stdout)
    assert list(row) == ["file", "line", "column", "severity", "message", "rule"]
    assert (row["file"], row["line"], row["severity"]) == ("campaigns/spring.yaml", 8, "warning")
    project.write("campaigns/spring.yaml", CAMPAIGN)
    assert json.loads(project.ask("validate", "--format", "json").stdout) == []


def test_only_the_files_that_are_named_are_checked(project):
    project.write("campaigns/bad.yaml", "scripts: [\n")
    project.write("more/deep/good.yml", CAMPAIGN)
    project.write("more/other.yaml", CAMPAIGN)
    assert project.ask("validate", "campaigns/spring.yaml").stderr.startswith("2 files, 0 errors")
    assert project.ask("validate", "more").stderr.startswith("3 files, 0 errors")
    both = project.ask("validate", "more", "more/other.yaml", "campaigns/bad.yaml")
    assert both.exit_code == 1
    assert both.stderr.startswith("4 files, 1 error")


def test_a_file_or_folder_that_is_not_there_is_an_error_at_its_name(project):
    result = project.ask("validate", "nowhere.yaml")
    assert (result.exit_code, result.stderr) == (1, "2 files, 1 error, 0 warnings\n")
    assert result.stdout == "nowhere.yaml:1:1: error: cannot be read: No such file or directory\n"
    project.write("empty/readme.txt", "")
    result = project.ask("validate", "empty")
    assert result.exit_code == 1
    assert result.stdout == ("empty:1:1: error: there is no campaign file (*.yaml, *.yml) in this folder\n")


def test_a_folder_that_cannot_be_listed_is_an_error_at_its_name(project):
    for number in range(10_001):
        (project.folder / f"many{number // 1000}").mkdir(exist_ok=True)
        (project.folder / f"many{number // 1000}" / f"{number}.yaml").touch()
    result = project.ask("validate", ".")
    assert result.exit_code == 1
    assert result.stdout == ".:1:1: error: the folder cannot be read: more than 10000 campaign files\n"


def test_without_a_config_nothing_is_checked_and_that_is_said(project):
    (project.folder / "config.yaml").unlink()
    result = project.ask("validate", "campaigns")
    assert result.exit_code == 1
    assert result.stdout.startswith("config.yaml:1:1: error: no config; looked for ")
    assert "No campaign was checked: a campaign is checked against a config" in result.stderr
    assert result.stderr.endswith("1 file, 1 error, 0 warnings\n")
    assert "No campaign was checked" not in project.ask("validate").stderr
