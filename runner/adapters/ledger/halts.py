"""Halts to drop, withdraw and stop work: given in one short transaction, beside a daemon or without one.

What is planned is dropped by that transaction itself, so that no intent for it can be written afterwards.
What is under way is listed, and left to the daemon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, insert, literal, or_, select, update

from runner.adapters.ledger import schema
from runner.adapters.ledger.holds import insert_hold, transaction
from runner.adapters.ledger.records import pieces
from runner.adapters.ledger.run_rows import run_of
from runner.adapters.ledger.statements import storable
from runner.errors import NotFound
from runner.model.halt import Fate, Halt, HaltScope
from runner.model.instant import moment
from runner.model.record import Hold, HoldScope
from runner.model.state import State

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from runner.model.instant import Instant
    from runner.model.plan import Run

_assigned = schema.assignments.c
_run = schema.runs.c
_halted = schema.halted.c


@dataclass(frozen=True, slots=True)
class GivenHalt:
    """A halt that was given just now."""

    halt: Halt
    dropped: int
    """Assignments that were planned, or were to be tried again, and are cancelled now."""
    under_way: int
    """Assignments that are on a host, or on their way there: for the daemon to see to."""
    hold: Hold | None
    """The pause that was placed with it."""


def give_halt(url: str, wanted: Halt, *, pauses: bool) -> GivenHalt:
    """Give a halt, whose `id` is told by what is returned; `pauses` places a pause of everything with it.

    Raises NotFound where it is for one assignment that is over; LedgerUnavailable, or LedgerTooNew where a
    newer version of this program wrote the store.
    """
    with transaction(url) as connection:
        return give(connection, wanted, pauses=pauses)


def give(connection: Connection, wanted: Halt, *, pauses: bool) -> GivenHalt:
    """Give a halt in the transaction that is under way; see `give_halt`."""
    hold = None
    if pauses:
        hold = insert_hold(
            connection, Hold(0, HoldScope.ALL, "", wanted.owner, wanted.reason, wanted.at, until=None)
        )
    columns = ("at", "depth", "scope", "subject", "keeps_planned")
    row = {name: getattr(wanted, name) for name in columns}
    row |= {"owner": storable(wanted.owner), "reason": storable(wanted.reason)}
    number = connection.execute(insert(schema.halts).values(row).returning(schema.halts.c.id)).scalar_one()
    halt = replace(wanted, id=number)
    dropped = drop_planned(connection, halt, now=halt.at)
    under_way = _list(connection, halt, schema.is_under_way, _in_scope(halt), fate=None)
    if halt.scope is HaltScope.ASSIGNMENT and not dropped and not under_way:
        state = connection.execute(select(_assigned.state).where(_assigned.key == halt.subject)).scalar()
        raise NotFound(f"{halt.subject} is {state}: nothing of it is left to be taken back")
    return GivenHalt(halt, dropped, under_way, hold)


def drop_planned(connection: Connection, halt: Halt, *, now: Instant) -> int:
    """Cancel what a halt is for and what is planned, or to be tried again; return how many.

    Of everything, a host or a campaign that is the work of days up to the halt's own.
    """
    if halt.keeps_planned:
        return 0
    runs = _runs(connection, halt, now=now)
    listed = 0
    for some in pieces([number for number, _ in runs]):
        of_runs = _assigned.run_id.in_(some)
        listed += _list(connection, halt, schema.is_planned, of_runs, _in_scope(halt), fate=Fate.DROPPED)
    for number, run in runs:
        if run.order.retry is not None:
            left = and_(_assigned.run_id == number, _assigned.attempts <= run.order.retry.attempts)
            listed += _list(connection, halt, schema.is_failed, left, _in_scope(halt), fate=Fate.DROPPED)
    if listed:
        dropped = select(_halted.key).where(
            schema.is_left_to_do, _halted.halt_id == halt.id, _halted.fate == Fate.DROPPED.value
        )
        words = storable(halt.words)
        had_failed = literal(words) + literal(", after it had failed: ") + func.coalesce(_assigned.reason, "")
        for condition, reason in ((schema.is_planned, words), (schema.is_failed, had_failed)):
            connection.execute(
                update(schema.assignments)
                .where(condition, _assigned.key.in_(dropped))
                .values(state=State.CANCELLED.value, reason=reason, finished_at=now)
            )
    return listed


def _runs(connection: Connection, halt: Halt, *, now: Instant) -> list[tuple[int, Run]]:
    """Return the runs that have work to drop, with their numbers."""
    to_drop = or_(schema.is_planned, schema.is_failed)
    query = select(schema.runs)
    if halt.scope is HaltScope.ASSIGNMENT:
        query = query.join(schema.assignments, _assigned.run_id == _run.id).where(
            _assigned.key == halt.subject, to_drop
        )
    else:
        query = query.where(_run.closes > now, exists().where(_assigned.run_id == _run.id, to_drop))
    if halt.scope is HaltScope.CAMPAIGN:
        query = query.where(_run.campaign == halt.subject)
    found = [(row["id"], run_of(row)) for row in connection.execute(query).mappings()]
    if halt.scope is HaltScope.ASSIGNMENT:
        return found
    return [(number, run) for number, run in found if run.day <= _today(run, halt)]


def _today(run: Run, halt: Halt) -> date:
    return moment(halt.at, zone=ZoneInfo(run.timezone)).date()


def _in_scope(halt: Halt) -> ColumnElement[bool]:
    match halt.scope:
        case HaltScope.ALL:
            return literal(value=True)
        case HaltScope.HOST:
            return _assigned.host == halt.subject
        case HaltScope.CAMPAIGN:
            of_campaign = select(_run.id).where(_run.campaign == halt.subject)
            return _assigned.run_id.in_(of_campaign)
        case HaltScope.ASSIGNMENT:
            return _assigned.key == halt.subject


def _list(connection: Connection, halt: Halt, *conditions: ColumnElement[bool], fate: Fate | None) -> int:
    """Note that a halt is for some assignments that it does not have yet; return how many."""
    known = exists().where(_halted.halt_id == halt.id, _halted.key == _assigned.key)
    columns: list[Any] = [literal(halt.id), _assigned.key, literal(None if fate is None else fate.value)]
    source = select(*columns).where(*conditions, ~known)
    listed = insert(schema.halted).from_select(["halt_id", "key", "fate"], source)
    # Of an insertion that may return rows SQLAlchemy asks no server for their number unless it is told to.
    return connection.execute(listed, execution_options={"preserve_rowcount": True}).rowcount
