"""`plan --diff`: show what the files on disk would change against what is in force."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.clock import SystemClock
from runner.app.edits import edits
from runner.app.rows import step_row
from runner.cli.days import clock_time, day_in_words, day_of
from runner.cli.files import config_of
from runner.cli.output import JSON, complain, say, write_json_list
from runner.cli.tables import Column, heading, how_many, print_table
from runner.core.edit import counts, steps
from runner.errors import Severity

if TYPE_CHECKING:
    from runner.app.edits import Edits
    from runner.cli.days import ChosenDay
    from runner.core.edit import Step

EXIT_DIFFERENT = 2
"""As `diff` has it: 0 the same, and here 1 is a problem, as everywhere."""
MOST_SHOWN = 100
"""Assignments of a day in the table, unless all are asked for."""

AGAIN = "A window or a host that is changed on a day that has begun is new work; change it for days to come."

_COLUMNS = (
    Column("change"),
    Column("window"),
    Column("campaign/script", folds=True),
    Column("target"),
    Column("host"),
    Column("due"),
    Column("was due"),
)
_NOTE = Column("note")


def show_difference(
    config: Path | None, *, chosen: ChosenDay, days: int, campaign: str | None, full: bool, form: str
) -> int:
    """Show the difference, and return the exit code."""
    known = config_of(config)
    now = SystemClock().now()
    first = day_of(chosen, now=now, timezone=known.config.settings.timezone)
    found = edits(known, working_folder=Path.cwd(), first=first, days=days, now=now, campaign=campaign)
    in_order = sorted(steps(found.difference), key=_place)
    if form == JSON:
        write_json_list(step_row(step) for step in in_order)
    else:
        _show(in_order, full=full)
        totals = counts(found.difference)
        say(", ".join(f"{count} {kind}" for kind, count in totals.items()) or "Nothing would change.")
    _complain(found)
    again = len(found.difference.repeats)
    if again:
        complain(f"{how_many(again, 'target')} would do again what an entry has done that day. {AGAIN}")
    if in_order:
        return EXIT_DIFFERENT
    return 1 if found.loaded.broken else 0


def _place(step: Step) -> tuple[object, ...]:
    run, assignment = step.planned.run, step.planned.assignment
    return run.day, run.opens, run.campaign, run.script, assignment.due, assignment.index, assignment.key


def _show(in_order: list[Step], *, full: bool) -> None:
    for day, of_day in groupby(in_order, key=lambda step: step.planned.run.day):
        found = list(of_day)
        shown = found if full else found[:MOST_SHOWN]
        heading(day_in_words(day))
        noted = any(step.repeats is not None for step in shown)
        columns = (*_COLUMNS, _NOTE) if noted else _COLUMNS
        print_table(columns, [_cells(step)[: len(columns)] for step in shown])
        if len(shown) < len(found):
            say(f"and {how_many(len(found) - len(shown), 'more change')}; --full shows all")
        say()


def _cells(step: Step) -> tuple[str, ...]:
    run, assignment = step.planned.run, step.planned.assignment
    due = clock_time(assignment.due, timezone=run.timezone, day=run.day)
    was = ""
    if step.before is not None:
        before = step.before.run
        was = clock_time(step.before.assignment.due, timezone=before.timezone, day=before.day)
    return (
        step.kind,
        run.window,
        f"{run.campaign}/{run.script}",
        assignment.target.name,
        assignment.target.host,
        "" if step.kind == "removed" else due,
        was,
        "" if step.repeats is None else f"again: {step.repeats.state} in {step.repeats.run.window}",
    )


def _complain(found: Edits) -> None:
    if found.unread:
        complain("The campaigns cannot be read, or all are gone at once: everything stays in force.")
    if found.config_changed:
        complain("The config is not the one in force: this is what the daemon's next start would do.")
    for kept in found.kept:
        stays = f"the last good version of `{kept.campaign}` stays in force"
        complain(f"{kept.file} does not check: {stays if kept.campaign else 'nothing of it is in force'}.")
    for problem in found.loaded.problems:
        if problem.severity is Severity.ERROR:
            complain(str(problem))
