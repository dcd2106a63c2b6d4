"""`run`: run the daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from runner.app.run_daemon import run_daemon
from runner.web.serve import serve_api


@click.command(name="run")
@click.pass_obj
def command(config: Path | None) -> None:
    """Run the daemon.

    It plans, submits and follows what the campaign files say until it is stopped by SIGTERM or Ctrl-C. Edits
    of campaign files take effect without a restart.
    """
    sys.exit(run_daemon(config, environ=os.environ, working_folder=Path.cwd(), beside=serve_api))
