"""`trigger`: do a campaign's work now, beside the schedule."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.rows import trigger_row
from runner.app.trigger import trigger
from runner.cli.days import clock_time
from runner.cli.files import config_of
from runner.cli.holds import owner_name
from runner.cli.output import JSON, format_option, say, write_json
from runner.cli.tables import how_many

if TYPE_CHECKING:
    from runner.app.trigger import Triggering

_WAIT_SECONDS = 15.0
_POLL_SECONDS = 0.2


@click.command(name="trigger")
@click.argument("campaign")
@click.option("--script", metavar="S", help="Only this script entry.")
@click.option("--target", metavar="T", help="Only this device or account.")
@format_option
@click.pass_obj
def command(config: Path | None, *, campaign: str, script: str | None, target: str | None, form: str) -> None:
    """Do a campaign's work now, beside the schedule.

    Under the same limits, pauses and quiet hours; on any day. What has not gone after the config's `grace` is
    given up. The exit code is 1 where the daemon refuses it.
    """
    asked = trigger(
        config_of(config),
        campaign=campaign,
        script=script,
        target=target,
        owner=owner_name(),
        working_folder=Path.cwd(),
        now=SystemClock().now(),
    )
    outcome = _awaited(asked)
    timezone = asked.runs[0].run.timezone
    count = sum(len(run.assignments) for run in asked.runs)
    if form == JSON:
        write_json(trigger_row(asked, outcome))
    else:
        said = outcome or "asked"
        until = clock_time(asked.closes, timezone=timezone)
        say(f"{how_many(count, 'assignment')} of {campaign}, due at once, until {until}: {said}.")
        for obstacle in asked.obstacles:
            say(f"In the way: {obstacle}.")
    click.get_current_context().exit(1 if outcome is not None and outcome.startswith("refused") else 0)


def _awaited(asked: Triggering) -> str | None:
    """Wait for a daemon that runs to plan it; None where none does, or not in time."""
    ends = time.monotonic() + _WAIT_SECONDS
    while asked.is_awaited() and time.monotonic() < ends:
        outcome = asked.outcome()
        if outcome is not None:
            return outcome
        time.sleep(_POLL_SECONDS)
    return asked.outcome()
