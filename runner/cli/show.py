"""`show`: show one assignment with its whole life."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from runner.adapters.ledger import Reader
from runner.app.report import life_of
from runner.app.rows import life_row
from runner.cli.days import clock_time, day_in_words
from runner.cli.events import fields_in_words
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, say, write_json
from runner.cli.tables import Column, heading, print_table
from runner.core.after import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.app.report import Life
    from runner.model.content import Row
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, BoundTask

_SAID_ABOVE = frozenset({"campaign", "script", "script_name", "host", "serial", "username", "key"})


@click.command(name="show")
@click.argument("key")
@format_option
@click.pass_obj
def command(config: Path | None, *, key: str, form: str) -> None:
    """Show one assignment with its whole life.

    A beginning of its KEY is enough where no other key begins so.
    """
    settings = settings_of(config)
    with closing(Reader.open(settings.store)) as reader:
        life = life_of(reader, key)
    if form == JSON:
        write_json(life_row(life))
        return
    _show_facts(life.record)
    if life.record.tasks:
        say()
        heading("Tasks on the host")
        _show_tasks(life.record)
    say()
    heading("What happened")
    timezone = life.record.run.timezone
    day = life.record.run.day
    rows = [(clock_time(at, timezone=timezone, day=day), what, more) for at, what, more in _happenings(life)]
    if rows:
        print_table((Column("time"), Column("what"), Column("more", folds=True)), rows)
    else:
        say("Nothing has happened yet.")


def _show_facts(record: AssignmentRecord) -> None:
    run = record.run
    assignment = record.assignment
    target = assignment.target
    window = f"{run.window} on {day_in_words(run.day)} ({run.timezone})"
    rows = [
        ("key", assignment.key),
        ("state", record.state),
        ("reason", record.reason),
        ("campaign/script", f"{run.campaign}/{run.script}: {run.order.script_name}"),
        (target.kind.value, f"{target.name} on {target.host}, of group {assignment.group}"),
        ("window", window),
        ("waits", in_words(run)),
        ("row", _row(assignment.row)),
        ("due", _time(record, assignment.due)),
        ("submitted", _time(record, record.submitted_at)),
        ("finished", _time(record, record.finished_at)),
        ("attempts", str(record.attempts)),
    ]
    print_table((Column(""), Column("", folds=True)), [(name, value) for name, value in rows if value])


def _row(row: Row | None) -> str | None:
    if row is None:
        return None
    values = ", ".join(f"{column}: {value}" for column, value in row.values.items() if value)
    return f"{row.number} of {row.file}, in line {row.line} of it then: {values}"


def _time(record: AssignmentRecord, at: Instant | None) -> str | None:
    return None if at is None else clock_time(at, timezone=record.run.timezone, day=record.run.day)


def _show_tasks(record: AssignmentRecord) -> None:
    columns = (
        Column("task"),
        Column("status"),
        Column("started (host)"),
        Column("ended (host)"),
        Column("remark", folds=True),
    )
    rows = [
        (task.task_id, _status(task), task.start_time or "", task.end_time or "", task.remark or "")
        for task in record.tasks
    ]
    print_table(columns, rows)


def _status(task: BoundTask) -> str:
    if task.gone:
        return "gone"
    return "not seen yet" if task.status is None else task.status.name.lower()


def _happenings(life: Life) -> list[tuple[Instant, str, str]]:
    """Return all that happened, in the order of time; what happened at one instant, in that of its cause."""
    return sorted(_unordered(life), key=lambda happening: happening[0])


def _unordered(life: Life) -> Iterator[tuple[Instant, str, str]]:
    for intent in life.intents:
        yield intent.at, f"{intent.act} intended", f"attempt {intent.attempt}: {intent.body}"
        if intent.closed_at is not None:
            yield intent.closed_at, f"{intent.act} {intent.outcome}", intent.detail or ""
    for stored in life.events:
        more = {name: value for name, value in stored.event.fields.items() if name not in _SAID_ABOVE}
        yield stored.event.at, stored.event.name, fields_in_words(more)
