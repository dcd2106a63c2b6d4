"""`why`: account for every occurrence of a campaign or a target on a day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.rows import occurrence_row
from runner.app.why import why
from runner.cli.days import date_option, day_in_words, day_of
from runner.cli.files import config_of
from runner.cli.output import JSON, format_option, say, write_json_list
from runner.cli.tables import Column, heading, print_table

if TYPE_CHECKING:
    from runner.app.why import Occurrence
    from runner.cli.days import ChosenDay


@click.command(name="why")
@click.argument("subject", metavar="CAMPAIGN|TARGET")
@date_option
@format_option
@click.pass_obj
def command(config: Path | None, *, subject: str, chosen: ChosenDay, form: str) -> None:
    """Account for every occurrence of a campaign or a target on a day.

    A target is a device or an account. What ran, and why what did not run did not; also what was never
    planned. Works without a daemon.
    """
    known = config_of(config)
    now = SystemClock().now()
    day = day_of(chosen, now=now, timezone=known.config.settings.timezone)
    found = why(known, subject=subject, day=day, working_folder=Path.cwd(), now=now)
    if form == JSON:
        write_json_list(map(occurrence_row, found))
        return
    heading(day_in_words(day))
    if not found:
        say("Nothing of it is planned for this day, and nothing would be on another.")
        return
    _show(found)


def _show(found: list[Occurrence]) -> None:
    groups: dict[tuple[str, str, str, str], list[Occurrence]] = {}
    for one in found:
        name = f"{one.run.campaign}/{one.run.script}"
        state = "not planned" if one.state is None else one.state
        groups.setdefault((one.run.window, name, state, one.reason), []).append(one)
    rows = []
    for (window, name, state, reason), some in groups.items():
        targets = some[0].assignment.target.name if len(some) == 1 else f"{len(some)} targets"
        rows.append((window, name, targets, state, reason))
    columns = (Column("window"), Column("campaign/script"), Column("target"), Column("state"))
    print_table((*columns, Column("why", folds=True)), rows)
