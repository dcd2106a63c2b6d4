"""`demo`: everything at once on simulated hosts: files, the daemon, live progress, a report."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC
from pathlib import Path
from shutil import which

import click

from runner.adapters.clock import SystemClock
from runner.app.load import load
from runner.cli.demo.files import HOSTS, write_files
from runner.cli.demo.live import watch
from runner.cli.demo.processes import daemon, simulated_hosts
from runner.cli.demo.report import report
from runner.cli.output import say
from runner.model.instant import moment


@click.command(name="demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option(
    "--seconds", type=click.FloatRange(min=1), default=60.0, show_default=True, help="At most so long."
)
def command(folder: Path | None, *, seconds: float) -> None:
    """Show everything at once on simulated hosts.

    No device is touched. Writes a config and campaigns into FOLDER (default: a new one), starts simulated
    hosts and the real daemon, shows it working, and reports what ran where and what failed and why.
    """
    where = Path(tempfile.mkdtemp(prefix="campaign-runner-")) if folder is None else folder.absolute()
    where.mkdir(parents=True, exist_ok=True)
    with simulated_hosts(where) as urls:
        write_files(where, urls=urls, now=moment(SystemClock().now(), zone=UTC))
        say(f"Simulated hosts: {', '.join(HOSTS)}. Campaigns, config, store and logs: {where}")
        loaded = load(where / "config.yaml", environ={}, working_folder=where)
        with daemon(where) as process:
            records = watch(
                loaded.settings.store,
                seconds=seconds,
                alive=lambda: process.poll() is None,
            )
        say()
        report(records, settings=loaded.settings)
    say()
    say("Look around; these read what is in that folder:")
    # In an environment that is not activated, the command is where this one was started from.
    program = "campaign-runner" if which("campaign-runner") else sys.argv[0]
    for asked in ("results", "events", "status"):
        say(f"  {program} --config {where / 'config.yaml'} {asked}")
