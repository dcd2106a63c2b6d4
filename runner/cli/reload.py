"""`reload`: let the daemon look at all files now."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.ask_reload import ask_for_reload
from runner.cli.files import settings_of
from runner.cli.holds import owner_name
from runner.cli.output import JSON, format_option, say, write_json
from runner.cli.tables import how_many
from runner.errors import RunnerError

if TYPE_CHECKING:
    from pathlib import Path

    from runner.app.ask_reload import ReloadAsked
    from runner.model.reload import Reloaded

_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.2


@click.command(name="reload")
@format_option
@click.pass_obj
def command(config: Path | None, *, form: str) -> None:
    """Let the daemon look at all files now.

    It notices edits by itself within seconds; this waits until it has, and says what it took over. The exit
    code is 1 where a file is rejected, or no daemon answers.
    """
    asked = ask_for_reload(settings_of(config), owner=owner_name(), now=SystemClock().now())
    found = _awaited(asked)
    if form == JSON:
        write_json(asdict(found))
    else:
        _show(found)
    click.get_current_context().exit(1 if found.rejected or found.unread else 0)


def _awaited(asked: ReloadAsked) -> Reloaded:
    ends = time.monotonic() + _WAIT_SECONDS
    while True:
        runs = asked.daemon_runs()
        found = asked.found()
        if found is not None:
            return found
        if not runs:
            raise RunnerError("the daemon has ended before it answered; it reads all files when it starts")
        if time.monotonic() > ends:
            message = f"the daemon has not answered for {_WAIT_SECONDS:.0f} s; it will do it when it can"
            raise RunnerError(f"{message}, `campaign-runner status` says how it is")
        time.sleep(_POLL_SECONDS)


def _show(found: Reloaded) -> None:
    if found.unread:
        say("The campaigns cannot be read, or all are gone at once: everything stays in force.")
    if found.accepted:
        say(f"Accepted: {', '.join(found.accepted)}.")
    if found.removed:
        say(f"Removed: {', '.join(found.removed)}.")
    for rejected in found.rejected:
        kept = ", ".join(f"`{name}`" for name in rejected.kept)
        stays = f"the last good version of {kept} stays in force" if kept else "nothing of it is in force"
        say(f"Rejected: {rejected.file}; {stays}.")
        for problem in rejected.problems:
            say(problem)
    if not (found.accepted or found.removed or found.rejected or found.unread):
        say("Nothing has changed since the daemon's last look.")
    say(f"{how_many(found.campaigns, 'campaign')} in force.")
