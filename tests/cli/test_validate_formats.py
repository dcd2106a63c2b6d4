"""What `validate` finds is shown as people, GitHub and other programs take it; each rule is explained."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.project import CAMPAIGN

from runner.cli.cells import cell_len
from runner.cli.problems import caret_lines
from runner.errors import Problem, Severity
from runner.rules import Rule

ROOT = Path(__file__).parents[2]
MISTAKES = CAMPAIGN.replace("post", "pots").replace("captions: Hej", "zebra: 1")
WARNING = CAMPAIGN.replace("captions: Hej", "zebra: 1")


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_is_explained_by_its_id(project, rule):
    result = project.ask("validate", "--explain", rule.value)
    assert result.exit_code == 0
    rule_id, blank, *paragraph = result.stdout.splitlines()
    assert (rule_id, blank) == (rule.value, "")
    assert " ".join(paragraph) == rule.paragraph
    assert rule.paragraph.endswith((".", "`"))


def test_an_unknown_rule_is_refused_with_the_one_that_was_meant(project):
    result = project.ask("validate", "--explain", "unkown-key")
    assert result.exit_code == 2
    assert "there is no rule `unkown-key`; did you mean `unknown-key`?" in result.stderr


def test_the_rules_are_explained_without_a_config(project):
    (project.folder / "config.yaml").unlink()
    assert project.ask("validate", "--explain", "key-twice").exit_code == 0


def test_strict_makes_warnings_a_failure(project):
    assert project.ask("validate", "--strict").exit_code == 0
    project.write("campaigns/spring.yaml", WARNING)
    assert project.ask("validate").exit_code == 0
    result = project.ask("validate", "--strict")
    assert result.exit_code == 1
    assert result.stderr == "2 files, 0 errors, 1 warning\n"


def test_json_names_the_rule(project):
    project.write("campaigns/spring.yaml", MISTAKES)
    rows = json.loads(project.ask("validate", "--format", "json").stdout)
    assert [row["rule"] for row in rows] == ["script-unknown"]


def test_github_gets_a_workflow_command_for_each_problem(project):
    project.write("campaigns/a,b:50%.yaml", "name: x\n" + WARNING.replace("zebra: 1", "captions: '${100%}'"))
    result = project.ask("validate", "--format", "github")
    assert result.exit_code == 1
    assert result.stdout == (
        "::error file=campaigns/a%2Cb%3A50%25.yaml,line=9,col=31,title=placeholder::"
        "scripts[0].script_config.captions: there is no `${100%25}`; known are "
        "date, weekday, campaign, script, serial, username, group, index\n"
    )
    project.write("campaigns/a,b:50%.yaml", "name: x\n" + WARNING)
    (line,) = project.ask("validate", "--format", "github").stdout.splitlines()
    assert line.startswith("::warning file=campaigns/a%2Cb%3A50%25.yaml,line=9,col=21,title=parameter-un")


def test_sarif_holds_every_problem_with_its_rule(project):
    project.write("campaigns/a b.yaml", "name: x\n" + MISTAKES.replace("[studio]", "[studoi]"))
    project.write("campaigns/spring.yaml", WARNING)
    project.write("elsewhere.yaml", WARNING)
    result = project.ask("validate", "--format", "sarif")
    assert result.exit_code == 1
    log = json.loads(result.stdout)
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert driver["name"] == "campaign-runner"
    assert [rule["id"] for rule in driver["rules"]] == [
        "script-unknown",
        "group-unknown",
        "parameter-undocumented",
    ]
    for rule in driver["rules"]:
        assert rule["fullDescription"] == rule["help"] == {"text": Rule(rule["id"]).paragraph}
        assert rule["shortDescription"]["text"]
    for found in run["results"]:
        assert driver["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
        assert set(found) == {"ruleId", "ruleIndex", "level", "message", "locations"}
        assert found["message"]["text"].startswith("scripts[0].")
    assert [
        (
            found["level"],
            found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            *found["locations"][0]["physicalLocation"]["region"].values(),
        )
        for found in run["results"]
    ] == [
        ("error", "campaigns/a%20b.yaml", 6, 18),
        ("error", "campaigns/a%20b.yaml", 7, 21),
        ("warning", "campaigns/spring.yaml", 8, 21),
    ]


def test_sarif_without_problems_has_no_results(project):
    run = json.loads(project.ask("validate", "--format", "sarif").stdout)["runs"][0]
    assert run["results"] == run["tool"]["driver"]["rules"] == []


def test_a_file_outside_of_the_working_folder_is_a_whole_address_in_sarif(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.yaml"
    elsewhere.write_text(WARNING)
    run = json.loads(project.ask("validate", elsewhere, "--format", "sarif").stdout)["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == elsewhere.as_uri()


def test_every_format_tells_a_config_that_does_not_check(project):
    project.write("config.yaml", "hosts: {}\n")
    assert json.loads(project.ask("validate", "--format", "json").stdout)[0]["rule"] == "empty-list"
    assert "title=empty-list::" in project.ask("validate", "--format", "github").stdout
    run = json.loads(project.ask("validate", "--format", "sarif").stdout)["runs"][0]
    assert run["results"][0]["ruleId"] == "empty-list"


def test_a_terminal_shows_the_place_under_a_caret(project):
    project.write("campaigns/spring.yaml", MISTAKES)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "runner", "validate"]
    env = os.environ | {"COLUMNS": "70", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=env, cwd=project.folder)
    os.close(theirs)
    shown = b""
    try:
        while some := os.read(ours, 65_536):
            shown += some
    except OSError:  # what a terminal says once its program has gone
        pass
    os.close(ours)
    assert process.wait(timeout=10) == 1
    first, source, caret = shown.decode().replace("\r\n", "\n").splitlines()
    assert first.startswith("campaigns/spring.yaml:5:18: error: scripts[0].script_name: ")
    assert source == "    5 |     script_name: pots"
    assert caret == "      |                  ^ script-unknown"


def caret(line, *, column, width=80):
    problem = Problem("x.yaml", 3, column, Severity.ERROR, "m", Rule.KEY_TWICE)
    return caret_lines(problem, line, width=width)


@pytest.mark.parametrize(
    ("line", "column", "source", "below"),
    [
        ("a: b", 4, "    3 | a: b", "      |    ^ key-twice"),
        ("", 1, "    3 | ", "      | ^ key-twice"),
        ("a:\tb", 4, "    3 | a: b", "      |    ^ key-twice"),
        ("日本: x", 5, "    3 | 日本: x", "      |       ^ key-twice"),
        ("e\u0301: x", 5, "    3 | e\u0301: x", "      |    ^ key-twice"),
        ("\x1b[31m: x", 8, "    3 | \\x1b[31m: x", "      |           ^ key-twice"),
        ("a: b", 9, "    3 | a: b", "      |     ^ key-twice"),
    ],
)
def test_the_caret_stands_under_the_place(line, column, source, below):
    assert caret(line, column=column) == (source, below)


@pytest.mark.parametrize("width", [1, 20, 40, 80, 200])
@pytest.mark.parametrize("column", [1, 2, 39, 40, 75, 80, 500, 999, 1000])
@pytest.mark.parametrize("letter", ["x", "日"])
def test_a_long_line_is_cut_to_the_terminal_around_the_place(width, column, letter):
    line = letter * (column - 1) + "K" + letter * (1000 - column)
    source, below = caret(line, column=column, width=width)
    assert cell_len(source) <= max(width, 28)
    before = below[: below.index("^")]
    at = source.index("K")
    assert cell_len(source[:at]) == cell_len(before)


def test_a_line_of_a_mebibyte_is_cut_as_well():
    assert len(caret("a" * 1_048_576, column=524_288)[0]) <= 80
