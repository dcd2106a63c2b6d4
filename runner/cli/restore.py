"""`restore`: put a backup in the place of the store."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from runner.adapters.clock import SystemClock
from runner.app.backup import mark, restore
from runner.cli.files import settings_of
from runner.cli.holds import owner_name
from runner.cli.output import complain, say
from runner.errors import StoreInUse
from runner.model.instant import shown

EXIT_IN_USE = 75
"""As `run` ends: the same command may work later."""


@click.command(name="restore")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--mark", "marks", is_flag=True, help="Only mark the store, which was put back by other means.")
@click.pass_obj
def command(config: Path | None, *, file: Path | None, marks: bool) -> None:
    """Put a backup in the place of the store.

    The daemon must not run. The store that is replaced is kept beside it. What may have been submitted after
    the backup was made is not submitted again: it becomes `unknown`, and `campaign-runner resolve` decides.

    A store on a PostgreSQL server is put back by pg_restore; then `--mark` sees to the rest.
    """
    if (file is None) != marks:
        raise click.UsageError("name the FILE of a backup, or --mark what was put back by other means")
    settings = settings_of(config)
    owner, now = owner_name(), SystemClock().now()
    try:
        if file is None:
            done = mark(settings, owner=owner, now=now)
        else:
            done = restore(settings, file, owner=owner, now=now)
    except StoreInUse as error:
        complain(f"error: {error}")
        raise click.exceptions.Exit(EXIT_IN_USE) from None
    if done.kept_as is not None:
        say(f"the store that was replaced is kept as {done.kept_as}")
    if done.backup_at:
        of_when = shown(done.backup_at - done.backup_at % 1_000_000, zone=ZoneInfo(settings.timezone))
        say(f"restored what was known at {of_when}")
    else:
        say("restored a store that no daemon had used")
    say("What may have been submitted since becomes `unknown` when the daemon starts: see `resolve`.")
