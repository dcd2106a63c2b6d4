"""Deletes old history piece by piece, and keeps sums of it and what later decisions need.

Each piece is one short transaction, so that what the daemon submits meanwhile hardly waits. Nothing is
deleted that has not ended, that a person has still to decide of, or whose request is not settled, nor the
tasks by which the daemon tells that a host's list is still the same one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, delete, exists, func, insert, select, update

from runner.adapters.ledger import long_kept, schema
from runner.adapters.ledger.dialect import insert_or_add
from runner.model.instant import SECOND
from runner.model.state import TERMINAL, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import Column, Connection, Dialect

    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey

_DAY_US = 86_400 * SECOND
_FOR_EVER: Instant = 2**62
WITNESSES_KEPT = 20
"""Tasks of each host, the newest ones, that stay however old they are."""

_assigned = schema.assignments.c
_run = schema.runs.c
_intent = schema.intents.c
_task = schema.tasks.c

_unsettled = exists().where(_intent.number == _assigned.number, schema.is_not_settled)
_used = exists().where(_intent.number == _assigned.number, schema.is_use)
_has_row = _assigned.content_row.is_not(None)
_ENDED = (
    select(
        _assigned.number,
        _assigned.key,
        _assigned.host,
        _assigned.state,
        _assigned.due,
        case((and_(_has_row, _used), _assigned.content_row)).label("used_row"),
    )
    .where(
        _assigned.run_id == bindparam("run_id"),
        schema.is_one_of(_assigned.state, TERMINAL - {State.UNKNOWN}),
        ~_unsettled,
        _assigned.key.not_in(bindparam("kept", expanding=True)),
    )
    .limit(bindparam("most", type_=Integer))
)
_NEXT_RUN = (
    select(_run.id, _run.closes, _run.campaign, _run.script, _run.script_name, _run.day)
    .where(_run.closes < bindparam("before"))
    .order_by(_run.closes, _run.id)
    .limit(1)
)
_RARE = {table: select(exists(select(table.c.key))) for table in (schema.needs, schema.halted)}
"""Tables that hang on the key; most stores have next to nothing in them."""
_DELETE_BY_KEY = {table: delete(table).where(table.c.key == bindparam("of")) for table in _RARE}


class Place(NamedTuple):
    """A run in the order in which runs are gone through."""

    closes: Instant
    run_id: int


COMPACTION_START = Place(-1, 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """What was deleted in one transaction."""

    deleted: int
    at: Place = COMPACTION_START
    """Where the next piece of assignments begins."""
    ended: bool = False
    """Is there nothing more of the kind?"""


def witnesses(connection: Connection) -> frozenset[AssignmentKey]:
    """Return the assignments of the newest tasks of each host."""
    kept: set[AssignmentKey] = set()
    host = ""
    # From one host to the next by the index: a DISTINCT would go through all tasks.
    following = select(func.min(_task.host)).where(_task.host > bindparam("host"))
    newest = (
        select(_task.key)
        .where(_task.host == bindparam("host"), ~_task.gone)
        .order_by(_task.bound_at.desc())
        .limit(WITNESSES_KEPT)
    )
    while found := connection.execute(following, {"host": host}).scalar():
        host = found
        kept.update(connection.execute(newest, {"host": host}).scalars())
    return frozenset(kept)


def worked_since(connection: Connection, *, days: int) -> Instant | None:
    """Return when the first of the last days (UTC) began on which requests for work were made."""
    before = select(func.max(_intent.at)).where(schema.is_use, _intent.at < bindparam("before"))
    began: Instant | None = None
    for _ in range(days):
        last = connection.execute(before, {"before": _FOR_EVER if began is None else began}).scalar()
        if last is None:
            break
        began = last - last % _DAY_US
    return began


def compact_assignments(
    connection: Connection, *, before: Instant, at: Place, kept: Collection[AssignmentKey], most: int
) -> Piece:
    """Delete some assignments of runs that closed before an instant, with all that hangs on them.

    Args:
        connection: in a transaction.
        before: what closed at this instant or later stays.
        at: where the piece before has ended.
        kept: assignments that stay whatever they are.
        most: at most so many.
    """
    run = _run_at(connection, before=before, at=at)
    if run is None:
        return Piece(0, ended=True)
    place = Place(run.closes, run.id)
    rows = connection.execute(_ENDED, {"run_id": run.id, "kept": sorted(kept), "most": most}).all()
    if rows:
        _sum_up(connection, run, rows)
        _keep_used_rows(connection, run, rows)
        _delete(connection, rows)
    if len(rows) == most:
        return Piece(len(rows), place)
    _delete_run(connection, run.id)
    return Piece(len(rows), Place(run.closes, run.id + 1))


def compact_events(connection: Connection, *, before: Instant, most: int) -> Piece:
    """Delete the oldest events, up to the last one of a piece of the log that is older than an instant.

    The chain then begins behind them.
    """
    event = schema.events.c
    some = select(event.id, event.at).order_by(event.id).limit(most).subquery()
    last = connection.execute(select(func.max(some.c.id)).where(some.c.at < before)).scalar()
    if last is None:
        return Piece(0, ended=True)
    last_hash = connection.execute(select(event.hash).where(event.id == last)).scalar()
    if last_hash is not None:
        connection.execute(update(schema.chain).values(anchor_id=last, anchor_hash=last_hash))
    return Piece(connection.execute(delete(schema.events).where(event.id <= last)).rowcount)


def compact_observations(connection: Connection, *, before: Instant, most: int) -> Piece:
    """Delete the oldest observations, as `compact_events` does."""
    seen = schema.observations.c
    some = select(seen.id, seen.at).order_by(seen.id).limit(most).subquery()
    last = connection.execute(select(func.max(some.c.id)).where(some.c.at < before)).scalar()
    if last is None:
        return Piece(0, ended=True)
    return Piece(connection.execute(delete(schema.observations).where(seen.id <= last)).rowcount)


def compact_plans(connection: Connection, *, before: date) -> Piece:
    """Forget which versions days before one were planned in."""
    old = schema.plans.c.day < before.isoformat()
    return Piece(connection.execute(delete(schema.plans).where(old)).rowcount, ended=True)


def _run_at(connection: Connection, *, before: Instant, at: Place) -> Any:
    """Return the run at a place, or the next one behind it."""
    same = _NEXT_RUN.where(_run.closes == bindparam("closes"), _run.id >= bindparam("run_id"))
    later = _NEXT_RUN.where(_run.closes > bindparam("closes"))
    values = {"before": before, "closes": at.closes, "run_id": at.run_id}
    return connection.execute(same, values).first() or connection.execute(later, values).first()


def _sum_up(connection: Connection, run: Any, rows: Sequence[Any]) -> None:
    of_run = {"day": run.day, "campaign": run.campaign, "script": run.script, "script_name": run.script_name}
    counts = Counter((row.host, row.state) for row in rows)
    add = insert_or_add(long_kept.daily_sums, dialect=connection.dialect.name, added=("count",))
    sums = [{**of_run, "host": host, "state": state, "count": n} for (host, state), n in counts.items()]
    connection.execute(add, sums)


def _keep_used_rows(connection: Connection, run: Any, rows: Sequence[Any]) -> None:
    of_run = {"day": run.day, "campaign": run.campaign, "script": run.script}
    used = [
        {**of_run, "key": row.key, "due": row.due, "content_row": row.used_row}
        for row in rows
        if row.used_row is not None
    ]
    if used:
        connection.execute(insert(long_kept.used_rows), used)


def _delete(connection: Connection, rows: Sequence[Any]) -> None:
    stretches = [{"first": first, "last": last} for first, last in _stretches(row.number for row in rows)]
    for table in (schema.tasks, schema.intents, schema.assignments):
        connection.exec_driver_sql(_delete_between(table.c.number, connection.dialect), stretches)
    for table, is_used in _RARE.items():
        if connection.execute(is_used).scalar():
            connection.execute(_DELETE_BY_KEY[table], [{"of": row.key} for row in rows])


def _stretches(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of numbers that follow each other without a gap."""
    for _, stretch in groupby(enumerate(sorted(numbers)), key=lambda one: one[1] - one[0]):
        of_it = [number for _, number in stretch]
        yield of_it[0], of_it[-1]


@lru_cache
def _delete_between(column: Column[Any], dialect: Dialect) -> str:
    """Return the text that deletes rows from a number to another one, both included, for the driver.

    What was planned together was numbered together: a stretch takes a tenth of the time that its rows take
    one by one.
    """
    statement = delete(column.table).where(column.between(bindparam("first"), bindparam("last")))
    return str(statement.compile(dialect=dialect))


def _delete_run(connection: Connection, run_id: int) -> None:
    # The newest one stays: a database may give its number to another run, and readers remember runs by them.
    newest = select(func.max(_run.id)).scalar_subquery()
    empty = ~exists().where(_assigned.run_id == run_id)
    connection.execute(delete(schema.runs).where(_run.id == run_id, _run.id < newest, empty))
