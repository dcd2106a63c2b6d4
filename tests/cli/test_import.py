"""Request bodies become a campaign file from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

BODY = {
    "serials": ["A"],
    "script_name": "post",
    "script_config": {"captions": "Hi \x1b"},
    "start_time": "14:30",
}


def test_what_it_prints_passes_validate(project):
    project.write("requests.json", json.dumps([BODY, BODY | {"start_time": "16:00"}]))
    result = project.ask("import", "requests.json")
    assert (result.exit_code, result.stderr) == (0, "2 requests carried over, 0 left out\n")
    project.write("campaigns/imported.yaml", result.stdout)
    assert project.ask("validate").exit_code == 0
    rows = project.rows("plan", "--date", "2026-12-01", "--campaign", "imported")
    assert [row["due"][11:16] for row in rows] == ["14:30", "16:00"]
    assert "\x1b" not in result.stdout


def test_it_writes_a_file_where_none_is_and_never_over_one(project):
    project.write("requests.json", json.dumps(BODY))
    result = project.ask("import", "requests.json", "--output", "campaigns/new.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    written = (project.folder / "campaigns/new.yaml").read_text()
    again = project.ask("import", "requests.json", "--output", "campaigns/new.yaml")
    assert again.exit_code == 1
    assert again.stderr == "error: campaigns/new.yaml is there already; nothing was written\n"
    assert (project.folder / "campaigns/new.yaml").read_text() == written


def test_a_request_that_is_left_out_is_told_and_the_exit_code_is_1(project):
    project.write("requests.json", json.dumps([BODY, BODY | {"script_name": "pots"}]))
    result = project.ask("import", "requests.json")
    assert result.exit_code == 1
    assert result.stdout.startswith("# Made of requests.json")
    assert "request 2 is left out: scripts[0].script_name: there is no script `pots`" in result.stderr
    assert result.stderr.endswith("1 request carried over, 1 left out\n")


def test_a_file_that_is_not_there_is_said(project):
    result = project.ask("import", "requests.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "requests.json: cannot be read: No such file or directory" in result.stderr


def test_it_reads_standard_input(project):
    command = [sys.executable, "-m", "runner", "import", "-"]
    result = subprocess.run(
        command,
        cwd=project.folder,
        input=json.dumps(BODY),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert 'captions: "Hi \\u001b"' in result.stdout


@pytest.mark.parametrize("output", ["farm/campaigns/new.yaml", "farm/campaigns/below/new.yaml", None])
def test_where_there_is_a_schema_beside_the_config_editors_are_led_to_it(project, output):
    project.ask("init", "farm")
    project.write("requests.json", json.dumps(BODY))
    project.write("farm/campaigns/below/.keep", "")
    options = [] if output is None else ["--output", output]
    result = project.ask("--config", "farm/config.yaml", "import", "requests.json", *options)
    assert result.exit_code == 0, result.stderr
    file = project.folder / (output or "farm/campaigns/printed.yaml")
    text = result.stdout if output is None else file.read_text()
    told = text.partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / told).resolve() == project.folder / "farm/schemas/campaign.schema.json"
