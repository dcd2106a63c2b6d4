"""`validate`: check the config and the campaign files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.campaign_folder import campaign_files, shown_path
from runner.app.rows import problem_row
from runner.cli.files import loaded_of
from runner.cli.output import JSON, complain, say, write_json_list
from runner.errors import FilesRejected, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(name="validate")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", JSON]),
    default="table",
    help="Default: table, a problem per line.",
)
@click.pass_obj
def command(config: Path | None, *, files: tuple[Path, ...], form: str) -> None:
    """Check the config and the campaign files.

    Each FILE is a campaign file, or a folder with campaign files below it; without any, the config's folder
    is checked. Each problem is a line as `campaigns/x.yaml:12:5: error: ...`; the exit code is 1 where one
    of them is an error.
    """
    try:
        chosen, unlisted = _chosen(files)
        loaded = loaded_of(config, files=chosen)
    except FilesRejected as rejected:
        problems: Sequence[Problem] = rejected.problems
        count = 1
        if files:
            complain(
                "No campaign was checked: a campaign is checked against a config, its hosts and its groups."
            )
    else:
        problems = (*unlisted, *loaded.problems)
        count = 1 + len(loaded.campaigns) + len(loaded.rejected)
    if form == JSON:
        write_json_list(problem_row(problem) for problem in problems)
    else:
        for problem in problems:
            say(str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    complain(f"{_many(count, 'file')}, {_many(errors, 'error')}, {_many(len(problems) - errors, 'warning')}")
    click.get_current_context().exit(1 if errors else 0)


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
        else:
            message = "there is no campaign file (*.yaml, *.yml) in this folder"
        if not found:
            file = shown_path(path, working_folder=Path.cwd())
            unlisted.append(Problem(file, 1, 1, Severity.ERROR, message))
        chosen.update(dict.fromkeys(found))
    return list(chosen), unlisted


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
