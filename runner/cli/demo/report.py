"""The demo's report: what ran where, what failed and why, and whether the hosts saw the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.adapters.clock import SystemClock
from runner.app.hosts import probe_hosts
from runner.cli.output import say
from runner.cli.tables import Column, counts_in_words, heading, how_many, print_table
from runner.core.summarize import summarize
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.core.summarize import Tally
    from runner.model.record import AssignmentRecord
    from runner.model.settings import Settings


def report(records: Sequence[AssignmentRecord], *, settings: Settings) -> None:
    """Write the report to standard output; asks the hosts how many tasks they have."""
    summary = summarize(records)
    heading("What ran where")
    rows = []
    for host in summary.by_host:
        there = [record for record in records if record.assignment.target.host == host]
        rows += [(host, *row) for row in _rows(summarize(there).by_script_name)]
    print_table(
        (
            Column("host"),
            Column("script"),
            Column("assignments", right=True),
            Column("result", folds=True),
            Column("median", right=True),
        ),
        rows,
    )
    say()
    heading("What failed, and why")
    print_table(
        (Column("campaign"), Column("script"), Column("host"), Column("target"), Column("why", folds=True)),
        [
            (
                record.run.campaign,
                record.run.script,
                record.assignment.target.host,
                record.assignment.target.name,
                record.reason or "",
            )
            for record in summary.faults
        ],
    )
    say()
    _compare(records, settings=settings)


def _rows(tallies: Mapping[str, Tally]) -> list[tuple[str, str, str, str]]:
    return [
        (
            name,
            str(tally.total),
            counts_in_words(tally.counts),
            "" if tally.durations is None else f"{tally.durations.median_us / SECOND:.1f} s",
        )
        for name, tally in tallies.items()
    ]


def _compare(records: Sequence[AssignmentRecord], *, settings: Settings) -> None:
    ours = sum(len(record.tasks) for record in records)
    answers = asyncio.run(probe_hosts(settings, clock=SystemClock()))
    theirs = sum((answer.stats.total or 0) if answer.stats is not None else 0 for answer in answers)
    began = min((record.submitted_at for record in records if record.submitted_at is not None), default=0)
    ended = max((record.finished_at for record in records if record.finished_at is not None), default=0)
    counts = counts_in_words(summarize(records).everything.counts)
    took = f"{(ended - began) / SECOND:.1f} s"
    say(f"{how_many(len(records), 'assignment')} in {took}: {counts}.")
    say(f"The ledger knows {how_many(ours, 'task')}; the hosts have {theirs}.")
