"""`plan`: show what will be submitted, where and when, from the files alone."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.forecast import forecast
from runner.app.rows import plan_row
from runner.cli.days import clock_time, date_option, day_in_words, day_of
from runner.cli.files import loaded_of
from runner.cli.output import JSON, TABLE, chosen_format, complain, say, write_json_list, write_raw
from runner.cli.tables import Column, heading, how_many, print_table
from runner.core.after import in_words
from runner.core.calendar_text import calendar_lines
from runner.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.app.forecast import Forecast
    from runner.app.loaded import Loaded
    from runner.cli.days import ChosenDay
    from runner.model.instant import Instant
    from runner.model.plan import PlannedRun, Run

_MOST_DAYS = 366
_ICS = "ics"

_RUN_COLUMNS = (
    Column("window"),
    Column("campaign/script", folds=True),
    Column("targets", right=True),
    Column("first due"),
    Column("last due"),
)
_ASSIGNMENT_COLUMNS = (
    Column("due"),
    Column("target"),
    Column("host"),
    Column("group", folds=True),
    Column("key"),
)


@click.command(name="plan")
@date_option
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), default=1, help="So many days from there on.")
@click.option("--campaign", metavar="C", help="Only this one.")
@click.option("--diff", is_flag=True, help="What the files on disk would change against what is in force.")
@click.option("--full", is_flag=True, help="In the table: every assignment, not only every run.")
@click.option(
    "--format",
    "form",
    type=click.Choice([TABLE, JSON, _ICS]),
    callback=chosen_format,
    help="Default: table on a terminal, json otherwise. ics: for calendars, an event for each run.",
)
@click.pass_obj
def command(
    config: Path | None,
    *,
    chosen: ChosenDay,
    days: int,
    campaign: str | None,
    diff: bool,
    full: bool,
    form: str,
) -> None:
    """Show what will be submitted, where and when.

    The plan comes from the files alone, so it can be seen before anything runs. Below it stands what is in
    the way: what falls into quiet hours, days on which a campaign does not run, and files that do not check.
    Where there are such files the exit code is 1.

    With --diff it is what the files on disk would change against what is in force, as the store has it; the
    exit code is 2 where that is anything.
    """
    if diff and form == _ICS:
        raise click.UsageError("a difference is no calendar; leave out --diff or --format ics")
    if diff:
        # The plan alone needs no store, and none of the libraries for one.
        from runner.cli.plan_diff import show_difference  # noqa: PLC0415 - see above

        code = show_difference(config, chosen=chosen, days=days, campaign=campaign, full=full, form=form)
        click.get_current_context().exit(code)
    loaded = loaded_of(config)
    now = SystemClock().now()
    first = day_of(chosen, now=now, timezone=loaded.settings.timezone)
    planned = forecast(loaded, first=first, days=days, campaign=campaign)
    if form == _ICS:
        write_raw(calendar_lines(planned.runs(), stamp=now), end="\r\n")
    elif form == JSON:
        write_json_list(
            plan_row(run.run, assignment) for run in planned.runs() for assignment in run.assignments
        )
    else:
        # Who names a date asks for its plan, whenever that is; `today` is a question about now.
        _show_runs(planned, full=full, over_at=None if isinstance(chosen, date) else now)
        _show_quieted(planned, full=full)
        _show_rests(planned)
    _complain_of_errors(loaded)
    click.get_current_context().exit(1 if loaded.broken else 0)


def _show_runs(planned: Forecast, *, full: bool, over_at: Instant | None) -> None:
    total_runs = total_assignments = total_over = 0
    for day, of_day in groupby(planned.runs(), key=lambda run: run.run.day):
        runs = sorted(of_day, key=lambda run: run.run.opens)
        total_runs += len(runs)
        total_assignments += sum(len(run.assignments) for run in runs)
        total_over += sum(over_at is not None and run.run.closes <= over_at for run in runs)
        heading(day_in_words(day))
        if full:
            for run in runs:
                _show_assignments(run)
        else:
            print_table(_RUN_COLUMNS, [_run_cells(run, day=day) for run in runs])
            say()
    if total_runs:
        over = f"; {how_many(total_over, 'window')} over already" if total_over else ""
        say(f"{how_many(total_assignments, 'assignment')} in {how_many(total_runs, 'run')}{over}")
    else:
        say("Nothing is planned.")


def _run_cells(planned: PlannedRun, *, day: date) -> Sequence[str]:
    run = planned.run
    dues = [assignment.due for assignment in planned.assignments]
    return (
        run.window,
        _run_in_words(run),
        str(len(dues)),
        clock_time(min(dues), timezone=run.timezone, day=day),
        clock_time(max(dues), timezone=run.timezone, day=day),
    )


def _run_in_words(run: Run) -> str:
    return " ".join(filter(None, (f"{run.campaign}/{run.script}", in_words(run))))


def _show_assignments(planned: PlannedRun) -> None:
    run = planned.run
    say(f"{run.window} {_run_in_words(run)}: {run.order.script_name}")
    rows = [
        (
            clock_time(assignment.due, timezone=run.timezone, day=run.day),
            assignment.target.name,
            assignment.target.host,
            assignment.group,
            assignment.key,
        )
        for assignment in sorted(planned.assignments, key=lambda assignment: assignment.due)
    ]
    print_table(_ASSIGNMENT_COLUMNS, rows)
    say()


def _show_quieted(planned: Forecast, *, full: bool) -> None:
    if planned.quiet_hours is None:
        return
    rows: dict[tuple[str, ...], int] = {}
    for one in planned.quieted():
        run = one.planned.run
        what = f"{run.campaign}/{run.script}"
        if one.goes_at is None:
            becomes = "skipped: its window closes in them"
        else:
            becomes = f"goes at {clock_time(one.goes_at, timezone=run.timezone, day=run.day)}"
        which = (one.assignment.target.name, one.assignment.key) if full else ()
        row = (str(run.day), run.window, what, *which, becomes)
        rows[row] = rows.get(row, 0) + 1
    if not rows:
        return
    say()
    heading(f"In the quiet hours {planned.quiet_hours.label}")
    columns = [Column("date"), Column("window"), Column("campaign/script", folds=True)]
    columns += [Column("target"), Column("key")] if full else []
    cells = [(*row, str(count)) for row, count in rows.items()]
    print_table((*columns, Column("what becomes of it", folds=True), Column("targets", right=True)), cells)


def _show_rests(planned: Forecast) -> None:
    rows = [(str(rest.rest.day), rest.campaign.name, rest.rest.reason) for rest in planned.rests()]
    if rows:
        say()
        heading("Not running")
        print_table((Column("date"), Column("campaign"), Column("why", folds=True)), rows)


def _complain_of_errors(loaded: Loaded) -> None:
    if not loaded.broken:
        return
    complain("Not planned, because these files do not check:")
    for problem in loaded.problems:
        if problem.severity is Severity.ERROR:
            complain(str(problem))
