"""`resume`: end a pause of everything, a host or a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.pause import resume
from runner.app.rows import hold_row
from runner.cli.files import settings_of
from runner.cli.holds import owner_name, scope_of, subject_options
from runner.cli.output import JSON, format_option, say, write_json_list
from runner.core.pauses import hold_words

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="resume")
@subject_options
@format_option
@click.pass_obj
def command(
    config: Path | None, *, campaign: str | None, host: str | None, everything: bool, form: str
) -> None:
    """End a pause.

    --all ends the pause of everything; one of a host or a campaign stays and is named. What is overdue then
    goes bit by bit.
    """
    scope, subject = scope_of(campaign, host, everything=everything)
    settings = settings_of(config)
    now = SystemClock().now()
    released, others = resume(settings, scope=scope, subject=subject, owner=owner_name(), now=now)
    if form == JSON:
        write_json_list(hold_row(hold, timezone=settings.timezone) for hold in released)
        return
    for hold in released:
        say(f"Resumed: {hold_words(hold)}, paused by {hold.owner}.")
    for hold in others:
        say(f"Still paused: {hold_words(hold)}, by {hold.owner}.")
