"""`runs`: show the runs of a day."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.adapters.ledger import Reader
from runner.app.rows import run_row
from runner.cli.days import date_option, day_in_words, day_of
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, say, write_json_list
from runner.cli.tables import Column, counts_in_words, heading, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from runner.cli.days import ChosenDay


@click.command(name="runs")
@date_option
@click.option("--campaign", metavar="C", help="Only this one.")
@format_option
@click.pass_obj
def command(config: Path | None, *, chosen: ChosenDay, campaign: str | None, form: str) -> None:
    """Show the runs of a day: how many assignments are in which state."""
    settings = settings_of(config)
    day = day_of(chosen, now=SystemClock().now(), timezone=settings.timezone)
    with closing(Reader.open(settings.store)) as reader:
        records = reader.runs(day=day, campaign=campaign)
    if form == JSON:
        write_json_list(run_row(record) for record in records)
        return
    heading(day_in_words(day))
    if not records:
        say("No runs are recorded for this day.")
        return
    columns = (
        Column("window"),
        Column("campaign/script", folds=True),
        Column("script"),
        Column("targets", right=True),
        Column("states", folds=True),
    )
    print_table(
        columns,
        [
            (
                record.run.window,
                f"{record.run.campaign}/{record.run.script}",
                record.run.order.script_name,
                str(sum(record.counts.values())),
                counts_in_words(record.counts),
            )
            for record in records
        ],
    )
