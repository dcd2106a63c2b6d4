"""`import`: make a campaign file of request bodies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.campaign_folder import FileText, read_file
from runner.app.import_requests import import_requests
from runner.app.schema import modeline, schema_file
from runner.cli.files import config_of
from runner.cli.output import complain
from runner.cli.tables import how_many
from runner.errors import RunnerError
from runner.model.document import MOST_BYTES

if TYPE_CHECKING:
    from runner.app.loaded import LoadedConfig


@click.command(name="import")
@click.argument("file", metavar="FILE.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--start-time", metavar="T", help="For requests that name none: 14:30, or a window 09:00-11:00."
)
@click.option("--host", metavar="H", help="The host that they are for; needed where the config has several.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the campaign there, where no file is yet. Default: standard output.",
)
@click.pass_obj
def command(
    config: Path | None, *, file: Path, start_time: str | None, host: str | None, output: Path | None
) -> None:
    """Make a campaign file of request bodies.

    FILE.json holds what is sent to `POST /task` with curl or a script: one body, a list of them, or one in
    each line; - is standard input. What cannot be carried over is told on standard error; the exit code is 1
    where that is a whole request.
    """
    if output is not None and (output.exists() or output.is_symlink()):
        raise RunnerError(f"{output} is there already; nothing was written")
    known = config_of(config)
    if str(file) == "-":
        read = FileText(Path("standard input"), sys.stdin.buffer.read(MOST_BYTES + 1))
    else:
        read = read_file(file, most_bytes=MOST_BYTES)
    imported = import_requests(read, config=known, start_time=start_time, host=host)
    text = _modeline(known, output=output) + imported.text
    if output is None:
        click.echo(text, nl=False)
    else:
        with output.open("x", encoding="utf-8", newline="\n") as written:
            written.write(text)
    for remark in imported.remarks:
        complain(remark)
    complain(f"{how_many(imported.carried, 'request')} carried over, {imported.left_out} left out")
    click.get_current_context().exit(1 if imported.left_out else 0)


def _modeline(config: LoadedConfig, *, output: Path | None) -> str:
    """Return the comment that leads editors to the schema, where `init` has put one beside the config."""
    schema = config.folder.absolute() / schema_file("campaign")
    if not schema.is_file():
        return ""
    folder = config.config.settings.campaigns if output is None else output.absolute().parent
    try:
        return modeline(Path(os.path.relpath(schema, folder)).as_posix())
    except ValueError:  # on another drive
        return modeline(schema.as_uri())
