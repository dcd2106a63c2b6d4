"""`validate`: check the config and the campaign files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.campaign_folder import campaign_files, shown_path
from runner.adapters.clock import SystemClock
from runner.app.check_across import across
from runner.app.load import load_campaigns
from runner.app.load_config import load_config
from runner.app.rows import problem_row
from runner.cli.explain import explain, rule_ids
from runner.cli.output import JSON, TABLE, complain, write_json_list
from runner.cli.problems import show_as_sarif, show_for_github, show_problems
from runner.errors import FilesRejected, Problem, Severity
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

GITHUB = "github"
SARIF = "sarif"


@click.command(name="validate")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice([TABLE, JSON, GITHUB, SARIF]),
    default=TABLE,
    help="Default: table, a problem per line. github: workflow commands.",
)
@click.option("--strict", is_flag=True, help="Warnings, too, make the exit code 1.")
@click.option(
    "--explain",
    metavar="RULE",
    shell_complete=rule_ids,
    callback=explain,
    is_eager=True,
    expose_value=False,
    help="Say what a rule means, by its id, and check nothing.",
)
@click.pass_obj
def command(config: Path | None, *, files: tuple[Path, ...], form: str, strict: bool) -> None:
    """Check the config and the campaign files.

    Each FILE is a campaign file, or a folder with campaign files below it; without any, the config's folder
    is checked. Each problem is a line as `campaigns/x.yaml:12:5: error: ...`, in a terminal with the line of
    the file and the id of the rule below it; the exit code is 1 where one of them is an error.
    """
    try:
        chosen, unlisted = _chosen(files)
        config_in_use = load_config(config, environ=os.environ, working_folder=Path.cwd())
        loaded = load_campaigns(config_in_use, working_folder=Path.cwd(), files=chosen)
    except FilesRejected as rejected:
        problems: Sequence[Problem] = rejected.problems
        count = 1
        if files:
            complain(
                "No campaign was checked: a campaign is checked against a config, its hosts and its groups."
            )
    else:
        together, unasked = across(
            loaded, config=config_in_use.config, working_folder=Path.cwd(), now=SystemClock().now()
        )
        problems = (*unlisted, *loaded.problems, *together)
        if unasked is not None:
            complain(f"Not checked against what the store knows: {unasked}")
        count = 1 + len(loaded.campaigns) + len(loaded.rejected)
    match form:
        case "json":
            write_json_list(problem_row(problem) for problem in problems)
        case "github":
            show_for_github(problems)
        case "sarif":
            show_as_sarif(problems)
        case _:
            show_problems(problems)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    complain(f"{_many(count, 'file')}, {_many(errors, 'error')}, {_many(len(problems) - errors, 'warning')}")
    click.get_current_context().exit(1 if errors or (strict and problems) else 0)


def _chosen(files: Sequence[Path]) -> tuple[list[Path] | None, list[Problem]]:
    """Return the files that were named, those below folders included, and the folders' problems."""
    if not files:
        return None, []
    chosen: dict[Path, None] = {}
    unlisted = []
    for path in files:
        if not path.is_dir():
            chosen[path] = None
            continue
        try:
            found = campaign_files(path)
        except OSError as error:
            found, message = [], f"the folder cannot be read: {error.strerror or error}"
            rule = Rule.FILE_UNREAD
        else:
            message = "there is no campaign file (*.yaml, *.yml) in this folder"
            rule = Rule.NO_CAMPAIGN_FILE
        if not found:
            file = shown_path(path, working_folder=Path.cwd())
            unlisted.append(Problem(file, 1, 1, Severity.ERROR, message, rule))
        chosen.update(dict.fromkeys(found))
    return list(chosen), unlisted


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
