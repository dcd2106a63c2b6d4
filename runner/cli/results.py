"""`results`: show the assignments of a day and what became of them."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.adapters.ledger import Reader
from runner.app.rows import result_row
from runner.cli.days import clock_time, date_option, day_in_words, day_of
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, say, write_json_list
from runner.cli.tables import Column, counts_in_words, heading, how_many, print_table
from runner.core.summarize import run_name

if TYPE_CHECKING:
    from pathlib import Path

    from runner.cli.days import ChosenDay
    from runner.core.summarize import RunName
    from runner.model.record import AssignmentRecord


@click.command(name="results")
@date_option
@click.option("--campaign", metavar="C", help="Only this one.")
@format_option
@click.pass_obj
def command(config: Path | None, *, chosen: ChosenDay, campaign: str | None, form: str) -> None:
    """Show the assignments of a day and what became of them.

    Planned ones are shown too, from the moment at which the daemon has planned the day.
    """
    settings = settings_of(config)
    day = day_of(chosen, now=SystemClock().now(), timezone=settings.timezone)
    with closing(Reader.open(settings.store)) as reader:
        records = reader.assignments(day=day, campaign=campaign)
    if form == JSON:
        write_json_list(map(result_row, records))
        return
    heading(day_in_words(day))
    if not records:
        say("No assignments are recorded for this day; `campaign-runner runs` has sums of older ones.")
        return
    by_run: dict[RunName, list[AssignmentRecord]] = {}
    for record in records:
        by_run.setdefault(run_name(record), []).append(record)
    for name, of_run in by_run.items():
        say()
        say(f"{name.window} {name.campaign}/{name.script}: {_counts(of_run)}")
        show_results(of_run)
    say()
    say(f"{how_many(len(records), 'assignment')}: {_counts(records)}")


def show_results(records: list[AssignmentRecord]) -> None:
    """Write a table of assignments; their host is named where they are on several."""
    several = len({record.assignment.target.host for record in records}) > 1
    columns = [Column("due"), Column("state"), Column("target"), Column("key"), Column("why", folds=True)]
    if several:
        columns.insert(3, Column("host"))
    rows = []
    for record in records:
        target = record.assignment.target
        row = [
            clock_time(record.assignment.due, timezone=record.run.timezone, day=record.run.day),
            record.state,
            target.name,
            record.assignment.key,
            record.reason or "",
        ]
        if several:
            row.insert(3, target.host)
        rows.append(row)
    print_table(columns, rows)


def _counts(records: list[AssignmentRecord]) -> str:
    return counts_in_words(Counter(record.state for record in records))
