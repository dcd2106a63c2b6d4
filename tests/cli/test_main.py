"""Every command is found, quick to start, and ends with an honest exit code and no traceback."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.project import happened
from support.store import on_server

from runner.adapters.ledger import Ledger
from runner.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
HEAVY = {"sqlalchemy", "httpx", "aiohttp", "structlog", "apscheduler", "rich", "alembic"}


def started(*words, folder=ROOT, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        [sys.executable, *words], cwd=folder, env=environ | options.pop("environ", {}), **options
    )


def test_help_says_how_the_command_is_used():
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    assert "Usage: campaign-runner [OPTIONS] COMMAND [ARGS]..." in result.output
    for name, summary in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", result.output, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_of_itself_what_the_list_says(name):
    command = main.get_command(click.Context(main), name)
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name]
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert COMMANDS[name] in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_documentation(name):
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert f"\n## {name}\n" in text
    section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
    for parameter in main.get_command(click.Context(main), name).params:
        # What all commands have in common is said at the top.
        words = [*parameter.opts, parameter.human_readable_name, parameter.metavar or ""]
        assert any(word and word in f"{text.partition('## ')[0]}{section}" for word in words)


def test_all_commands_are_listed_for_those_who_ask_click():
    assert main.list_commands(click.Context(main)) == list(COMMANDS)


def test_the_version_is_told():
    result = CliRunner().invoke(main, ["--version"])
    assert re.fullmatch(r"campaign-runner, version \d+\.\d+\.\d+\n", result.output)


@pytest.mark.parametrize("words", [["paint"], ["plan", "--nonsense"], ["show"], ["plan", "--format", "xml"]])
def test_wrong_usage_is_2(words, project):
    assert project.ask(*words).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["init", "fresh"],
        ["validate", "campaigns/week.yaml"],
        ["schema", "config"],
        ["completion", "fish"],
    ],
)
def test_what_needs_neither_store_nor_hosts_imports_neither(words, tmp_path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns/week.yaml").write_bytes((ROOT / "campaigns/week.yaml").read_bytes())
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.example.yaml").read_bytes())
    code = f"""
import sys
from runner.cli.main import main
assert main({words}, standalone_mode=False) in (None, 0)
print(sorted({HEAVY} & sys.modules.keys()))
"""
    ended = started("-c", code, folder=tmp_path)
    output, errors = ended.communicate(timeout=30)
    assert output.splitlines()[-1] == "[]", errors


def test_the_plan_asks_for_no_store():
    code = """
import sys
from runner.cli.main import main
main(["--config", "config.example.yaml", "plan"], standalone_mode=False)
print(sorted({"sqlalchemy", "httpx", "structlog"} & sys.modules.keys()))
"""
    output, errors = started("-c", code).communicate(timeout=30)
    assert output.splitlines()[-1] == "[]", errors


def test_who_reads_the_store_imports_nothing_that_writes_it(tmp_path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.example.yaml").read_bytes())
    asyncio.run(Ledger.open(f"sqlite:///{tmp_path}/state/runner.db").close())
    code = """
import gc, sys
from runner.cli.main import main
print("it is", gc.get_threshold()[0])
main(["results"], standalone_mode=False)
print("without", [name for name in sys.modules if name.startswith("runner.core.check.campaign")])
main(["status", "--format", "table"], standalone_mode=False)
writing = {f"runner.adapters.ledger.{name}" for name in ("ledger", "writer", "statements", "holds", "halts")}
print("without", sorted({"alembic", "apscheduler", "httpx", "structlog", *writing} & sys.modules.keys()))
print("it is", gc.get_threshold()[0])
"""
    output, errors = started("-c", code, folder=tmp_path).communicate(timeout=30)
    lines = output.splitlines()
    assert [line for line in lines if line.startswith("without")] == ["without []"] * 2, errors
    before, after = (int(line.split()[-1]) for line in lines if line.startswith("it is"))
    assert after > 100 * before  # the collector has nothing to look for in a second


def test_it_is_a_module_too():
    output, _ = started("-m", "runner", "--help").communicate(timeout=30)
    assert output.startswith("Usage: campaign-runner ")


def test_a_config_that_does_not_check_is_told_line_by_line(project):
    project.write("config.yaml", "hosts: {}\nnonsense: 1\n")
    result = project.ask("status")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert all(line.startswith("config.yaml:") for line in result.stderr.splitlines())
    assert "config.yaml:2:1: error: nonsense: " in result.stderr


def test_a_config_that_is_named_is_the_one_that_is_read(project):
    project.write("other/config.yaml", "hosts: []\n")
    result = project.ask("--config", "other/config.yaml", "plan")
    assert result.stderr.startswith("other/config.yaml:1:")
    result = project.ask("plan", CAMPAIGN_RUNNER_CONFIG="other/config.yaml")
    assert result.stderr.startswith("other/config.yaml:1:")


def test_an_error_of_ours_is_one_line(project):
    result = project.ask("results")
    assert result.exit_code == 1
    assert result.stdout == ""
    place = "in the database" if on_server() else f"at {project.folder}/state/runner.db"
    assert result.stderr == f"error: there is no store {place} yet: `campaign-runner run` makes it\n"


def test_an_error_of_the_system_is_one_line(project):
    project.write("taken", "")
    result = project.ask("init", "taken/below")
    assert result.exit_code == 1
    assert re.fullmatch(r"error: taken/below[a-z/]*: Not a directory\n", result.stderr)


def test_a_full_disk_is_one_line(project):
    with Path("/dev/full").open("w") as full:
        ended = started("-m", "runner", "schema", "config", folder=project.folder, stdout=full)
        _, errors = ended.communicate(timeout=30)
    assert ended.returncode == 1
    assert errors.startswith("error: No space left on device\n")


def test_whoever_reads_only_the_first_line_is_not_told_of_it(project):
    ended = started("-m", "runner", "plan", "--days", "366", folder=project.folder)
    assert ended.stdout.readline() == "[\n"
    ended.stdout.close()
    assert ended.stderr.read() == ""
    ended.stderr.close()
    assert ended.wait(timeout=30) == 1


def test_ctrl_c_ends_quietly_with_130(project):
    project.commit(happened("daemon.started", when=0))
    ended = started("-m", "runner", "events", "--follow", folder=project.folder)
    assert '"daemon.started"' in ended.stdout.readline()
    project.commit(happened("daemon.stopped", when=1))
    assert '"daemon.stopped"' in ended.stdout.readline()
    ended.send_signal(signal.SIGINT)
    output, errors = ended.communicate(timeout=30)
    assert (ended.returncode, output, errors) == (130, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_names_the_command(shell):
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert "_CAMPAIGN_RUNNER_COMPLETE" in result.output
    assert "campaign-runner" in result.output


def test_names_and_options_are_completed_without_loading_the_commands():
    code = "import sys; from runner.cli.main import main\ntry:\n main(prog_name='campaign-runner')\n"
    code += "finally:\n print(sorted({'rich', 'runner.cli.plan', 'runner.cli.run'} & sys.modules.keys()))"

    def completed(typed):
        environ = {
            "_CAMPAIGN_RUNNER_COMPLETE": "bash_complete",
            "COMP_WORDS": f"campaign-runner {typed}",
            "COMP_CWORD": "1",
        }
        output, _ = started("-c", code, environ=environ).communicate(timeout=30)
        return output.splitlines()

    assert completed("ru") == ["plain,run", "plain,runs", "[]"]
    assert completed("--co") == ["plain,--config", "[]"]
