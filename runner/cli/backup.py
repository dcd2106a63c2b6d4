"""`backup`: copy the store while the daemon runs."""

from __future__ import annotations

from pathlib import Path

import click

from runner.app.backup import back_up
from runner.cli.files import settings_of
from runner.cli.output import say


@click.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.pass_obj
def command(config: Path | None, *, file: Path, force: bool) -> None:
    """Copy the store while the daemon runs.

    The copy in FILE is whole and of one moment, or there is none. `campaign-runner restore` takes it.
    """
    size = back_up(settings_of(config), file, overwrite=force)
    say(f"wrote {file}, {size:,} bytes")
