"""`pause`: hold back everything, a host or a campaign, until a person or a time ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.pause import pause
from runner.app.rows import hold_row
from runner.cli.days import clock_time
from runner.cli.files import loaded_of
from runner.cli.holds import owner_name, scope_of, subject_options, until_of
from runner.cli.output import JSON, format_option, say, write_json
from runner.core.pauses import hold_words

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="pause")
@subject_options
@click.option(
    "--until",
    metavar="T",
    help='When it ends by itself: 18:00, "2026-12-24 18:00", or so long from now as 2h. Default: never.',
)
@click.option("--reason", metavar="R", help="Why, for whoever looks later.")
@format_option
@click.pass_obj
def command(
    config: Path | None,
    *,
    campaign: str | None,
    host: str | None,
    everything: bool,
    until: str | None,
    reason: str | None,
    form: str,
) -> None:
    """Hold back a campaign, a host or everything.

    Once this returns, nothing of it is submitted or retried any more, across restarts too, until `resume` or
    the time of --until. What is on a host already goes on. What is paused when its window closes is skipped.
    """
    scope, subject = scope_of(campaign, host, everything=everything)
    loaded = loaded_of(config)
    timezone = loaded.settings.timezone
    now = SystemClock().now()
    ends = until_of(until, now=now, timezone=timezone)
    hold = pause(
        loaded, scope=scope, subject=subject, owner=owner_name(), reason=reason or None, until=ends, now=now
    )
    if form == JSON:
        write_json(hold_row(hold, timezone=timezone))
        return
    end = "until it is resumed" if ends is None else f"until {clock_time(ends, timezone=timezone)}"
    say(f"Paused: {hold_words(hold)}, {end}, by {hold.owner}.")
