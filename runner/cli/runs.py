"""`runs`: show the runs of a day."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.adapters.ledger import Reader
from runner.app.rows import run_row, sum_row
from runner.cli.days import date_option, day_in_words, day_of
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, say, write_json_list
from runner.cli.tables import Column, counts_in_words, heading, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.cli.days import ChosenDay
    from runner.model.history import DailySum
    from runner.model.record import RunRecord


@click.command(name="runs")
@date_option
@click.option("--campaign", metavar="C", help="Only this one.")
@format_option
@click.pass_obj
def command(config: Path | None, *, chosen: ChosenDay, campaign: str | None, form: str) -> None:
    """Show the runs of a day: how many assignments are in which state.

    Of a day that is older than the config's `retention` sums are shown, for each host.
    """
    settings = settings_of(config)
    day = day_of(chosen, now=SystemClock().now(), timezone=settings.timezone)
    with closing(Reader.open(settings.store)) as reader:
        records = reader.runs(day=day, campaign=campaign)
        sums = reader.daily_sums(day, campaign=campaign)
    if form == JSON:
        write_json_list([*map(run_row, records), *map(sum_row, sums)])
        return
    heading(day_in_words(day))
    if records:
        _show_runs(records)
    if sums:
        _show_sums(sums)
    if not records and not sums:
        say("No runs are recorded for this day.")


def _show_runs(records: Sequence[RunRecord]) -> None:
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


def _show_sums(sums: Sequence[DailySum]) -> None:
    say("Sums of what is older than `retention` and was deleted:")
    columns = (
        Column("campaign/script", folds=True),
        Column("script"),
        Column("host"),
        Column("targets", right=True),
        Column("states", folds=True),
    )
    print_table(
        columns,
        [
            (
                f"{one.campaign}/{one.script}",
                one.script_name,
                one.host,
                str(sum(one.counts.values())),
                counts_in_words(one.counts),
            )
            for one in sums
        ],
    )
