"""Batches of changes, brought into as few statements as their meaning allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from runner.adapters.ledger.statements import observation_of, row_of
from runner.errors import LedgerConflict
from runner.model.record import (
    Event,
    IntentClosed,
    IntentOpened,
    StateChanged,
    TaskBound,
    TaskObserved,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from runner.adapters.ledger.chain import ChainEnd
    from runner.adapters.ledger.statements import Row, Statements
    from runner.model.record import Change

Wave: TypeAlias = "dict[type[Change], list[Row]]"

_COUNTED: dict[type[Change], str] = {
    IntentClosed: "an intent that was to be closed is not there or is settled already",
    TaskObserved: "a task that was observed is not bound",
    StateChanged: "an assignment was not in the state that the change expected",
}
"""Updates, each of which must find exactly one row."""


def waves(changes: Iterable[Change]) -> list[Wave]:
    """Sort changes by kind, keeping the meaning that they have one after the other.

    Kinds write to tables of their own, and rows of one kind keep their order, so sorting changes nothing but
    for the two tables with an insert and an update: there a wave inserts first. An insert that comes after an
    update of the same row therefore begins a new wave.
    """
    current: Wave = {}
    result = [current]
    updated: set[object] = set()
    for change in changes:
        match change:
            case IntentClosed():
                updated.add(change.intent_id)
            case TaskObserved():
                updated.add((change.host, change.task_id))
            case IntentOpened() if change.intent_id in updated:
                current, updated = _next_wave(result)
            case TaskBound() if (change.host, change.task_id) in updated:
                current, updated = _next_wave(result)
        kind = type(change)
        rows = current.get(kind)
        if rows is None:
            rows = current[kind] = []
        rows.append(row_of(change))
    return result


def write(
    connection: Connection, changes: Iterable[Change], *, statements: Statements, chain: ChainEnd
) -> None:
    """Write changes in the transaction that is under way, events behind the end of the chain.

    Raises LedgerConflict where an update does not find its row; the transaction must then be rolled back.
    """
    for wave in waves(changes):
        for kind, sql in statements.of_kind.items():
            rows = wave.get(kind)
            if rows is None:
                continue
            if kind is Event:
                chain.add(rows)
            result = connection.exec_driver_sql(sql, rows)
            if kind in _COUNTED and result.rowcount != len(rows):
                raise LedgerConflict(_COUNTED[kind])
            if kind is TaskObserved:
                connection.exec_driver_sql(statements.observation, [observation_of(row) for row in rows])


def _next_wave(so_far: list[Wave]) -> tuple[Wave, set[object]]:
    so_far.append({})
    return so_far[-1], set()
