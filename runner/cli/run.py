"""`run`: run the daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.notifications import AppriseProcess
from runner.adapters.pings import Pings
from runner.adapters.tikmatrix.transport import AiohttpTransport
from runner.app.alarms import tell_people
from runner.app.dead_mans_switch import ping_for_ever
from runner.app.run_daemon import EXIT_UNUSABLE, run_daemon
from runner.cli.output import complain
from runner.errors import FilesRejected
from runner.web.serve import serve_api

if TYPE_CHECKING:
    from runner.app.beside import Surroundings


@click.command(name="run")
@click.pass_obj
def command(config: Path | None) -> None:
    """Run the daemon.

    It plans, submits and follows what the campaign files say until it is stopped by SIGTERM or Ctrl-C. Edits
    of campaign files take effect without a restart.
    """

    async def tell(surroundings: Surroundings) -> None:
        await tell_people(surroundings, sender=AppriseProcess(environ=os.environ))

    async def ping(surroundings: Surroundings) -> None:
        await ping_for_ever(surroundings, pings=Pings(AiohttpTransport))

    try:
        sys.exit(
            run_daemon(config, environ=os.environ, working_folder=Path.cwd(), beside=(serve_api, tell, ping))
        )
    except FilesRejected as rejected:
        for problem in rejected.problems:
            complain(str(problem))
        # Whoever starts it again by itself must be able to tell this from what the next start may not meet.
        sys.exit(EXIT_UNUSABLE)
