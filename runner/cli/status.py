"""`status`: show how things stand, from the ledger; works beside the daemon and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.report import status_of
from runner.app.rows import status_row
from runner.cli.days import age_in_words, clock_time, day_in_words
from runner.cli.files import loaded_of
from runner.cli.output import JSON, format_option, say, write_json
from runner.cli.tables import Column, counts_in_words, heading, print_table
from runner.core.after import in_words
from runner.core.pauses import hold_words
from runner.model.record import HostState
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.app.loaded import Loaded
    from runner.app.report import Status
    from runner.model.record import AssignmentRecord

_MOST_SHOWN = 10


@click.command(name="status")
@format_option
@click.pass_obj
def command(config: Path | None, *, form: str) -> None:
    """Show hosts, what is running, what is next and what failed today.

    It is read from the store, as the daemon saw things last; to ask the hosts themselves use `hosts`.
    """
    loaded = loaded_of(config)
    status = status_of(loaded, now=SystemClock().now())
    if form == JSON:
        write_json(status_row(status, settings=loaded.settings))
        return
    say(_daemon_in_words(status))
    counts = counts_in_words(status.counts) or "nothing is planned or done yet"
    say(f"{day_in_words(status.today)} ({loaded.settings.timezone}): {counts}")
    _show_holds(status, loaded=loaded)
    _show_hosts(status, loaded=loaded)
    _show_campaigns(status)
    _show_assignments("Running now", status.running, status=status)
    _show_assignments("Next", status.coming, status=status)
    _show_assignments("Went wrong today", status.faults, status=status)


def _daemon_in_words(status: Status) -> str:
    if status.last_beat is None:
        return "Nothing has run yet; `campaign-runner run` starts the daemon."
    ago = age_in_words(status.now - status.last_beat)
    if status.alive:
        return f"The daemon runs; its last sign of life was {ago} ago."
    if status.stuck:
        return (
            f"The daemon runs, but its last sign of life was {ago} ago: "
            "its store cannot be written, or it hangs; its log says which."
        )
    return f"The daemon does not run; its last sign of life was {ago} ago."


def _show_holds(status: Status, *, loaded: Loaded) -> None:
    if not status.holds:
        return
    timezone = loaded.settings.timezone
    rows = [
        (
            hold_words(hold),
            clock_time(hold.placed_at, timezone=timezone, day=status.today),
            "" if hold.until is None else clock_time(hold.until, timezone=timezone, day=status.today),
            hold.owner,
            hold.reason or "",
        )
        for hold in status.holds
    ]
    say()
    heading("Paused")
    columns = (Column("what"), Column("since"), Column("until"), Column("by"), Column("why", folds=True))
    print_table(columns, rows)


def _show_hosts(status: Status, *, loaded: Loaded) -> None:
    rows = []
    for name, record in zip(loaded.settings.hosts, status.hosts, strict=True):
        if record is None:
            rows.append((name, HostState.UNKNOWN, "", "", "", "not asked yet"))
            continue
        limit = "" if record.device_limit is None else str(record.device_limit)
        seen = clock_time(record.at, timezone=loaded.settings.timezone, day=status.today)
        # A host that is ready has nothing to explain.
        why = "" if record.state is HostState.READY else record.detail or ""
        rows.append((name, record.state, record.plan_name or "", limit, seen, why))
    say()
    heading("Hosts")
    columns = (
        Column("host"),
        Column("state"),
        Column("plan"),
        Column("device limit", right=True),
        Column("since"),
        Column("why", folds=True),
    )
    print_table(columns, rows)


def _show_campaigns(status: Status) -> None:
    rows = [(known.campaign, known.file, known.standing) for known in status.campaigns]
    say()
    heading("Campaigns")
    if rows:
        print_table((Column("campaign"), Column("file", folds=True), Column("standing", folds=True)), rows)
    else:
        say("There is no campaign file.")


def _show_assignments(title: str, records: Sequence[AssignmentRecord], *, status: Status) -> None:
    if not records:
        return
    rows = [
        (
            clock_time(record.assignment.due, timezone=record.run.timezone, day=status.today),
            record.state,
            record.assignment.target.name,
            record.assignment.key,
            _in_words(record),
        )
        for record in records[:_MOST_SHOWN]
    ]
    say()
    heading(title)
    columns = (Column("due"), Column("state"), Column("target"), Column("key"), Column("what", folds=True))
    print_table(columns, rows)
    if len(records) > _MOST_SHOWN:
        say(f"and {len(records) - _MOST_SHOWN} more; `campaign-runner results` shows all of them")


def _in_words(record: AssignmentRecord) -> str:
    waits = in_words(record.run) if record.state is State.PLANNED else ""
    more = record.reason or waits
    return f"{record.run.campaign}/{record.run.script}" + (f": {more}" if more else "")
