"""How each kind of change is written: its SQL, compiled once, and its row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import bindparam, case, false, func, insert, literal_column, null, select, update

from runner.adapters.ledger import schema
from runner.adapters.ledger.alarm_rows import FURTHER_ROWS, further_statements
from runner.adapters.ledger.dialect import insert_or_add, insert_or_replace
from runner.model.record import (
    DecisionApplied,
    EchoSeen,
    Event,
    HoldTold,
    HostObserved,
    IntentClosed,
    IntentOpened,
    Outcome,
    Postponed,
    StateChanged,
    TaskBound,
    TaskObserved,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect, ScalarSelect, Table
    from sqlalchemy.sql.dml import Delete, Insert, Update

    from runner.model.record import Change, Snapshot

Row: TypeAlias = dict[str, Any]
"""Values by the names that the statement gives its parameters."""

_PLANNED_COLUMNS = ["key", "run_id", "host", "kind", "target", "grp", "idx", "due", "ready_at", "content_row"]
_to_json = json.JSONEncoder(separators=(",", ":"), default=dict).encode


class Statements:
    """The SQL of every kind of change, in the words of one database.

    The compiled text goes straight to the driver: handing over statement objects took 2.0 to 2.5 times the
    CPU for the same rows, whether there were 1 or 20 of them (docs/adr/0003).
    """

    def __init__(self, dialect: Dialect) -> None:
        def compiled(statement: Insert | Update | Delete) -> str:
            return str(statement.compile(dialect=dialect))

        self.of_kind: dict[type[Change], str] = {
            IntentOpened: compiled(_insert(schema.intents, outcome=Outcome.OPEN)),
            IntentClosed: compiled(_close_intent()),
            TaskBound: compiled(_bind_task()),
            TaskObserved: compiled(_observe_task()),
            StateChanged: compiled(_change_state()),
            Postponed: compiled(_postpone()),
            EchoSeen: compiled(
                insert_or_add(schema.echoes, dialect=dialect.name, added=("faithful", "altered"))
            ),
            HoldTold: compiled(_tell_hold()),
            DecisionApplied: compiled(_apply_decision()),
            **{kind: compiled(one) for kind, one in further_statements(dialect.name).items()},
            HostObserved: compiled(insert_or_replace(schema.hosts, dialect=dialect.name)),
            Event: compiled(_insert_event()),
        }
        """In the order in which the kinds of one wave are written."""
        self.observation = compiled(_insert(schema.observations))
        self.assignment = compiled(_insert_planned())
        self.chain_end = compiled(_move_chain_end())
        self.planned_anew = compiled(_plan_anew())


def storable(text: str | None) -> str | None:
    """Return a text of the outside world without what a database refuses: half surrogates and NUL.

    A host's remark must never be the reason for which a result cannot be kept.
    """
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def row_of(change: Change) -> Row:
    """Return a change's parameters; enumerations as plain values, which drivers are quick at."""
    row: Row = _ROWS[type(change)](change)
    return row


def _insert(table: Table, **constants: str) -> Insert:
    values: dict[str, Any] = {
        column.name: _number() if column.name == "number" else bindparam(column.name)
        for column in table.columns
        if column is not table.autoincrement_column
    }
    values |= {name: literal_column(f"'{value}'") for name, value in constants.items()}
    return insert(table).values(values).inline()


def _number() -> ScalarSelect[int]:
    """Return the number of the assignment whose key is among the values."""
    row = schema.assignments.c
    return select(row.number).where(row.key == bindparam("key")).scalar_subquery()


def _insert_event() -> Insert:
    # With its number, which its hash holds.
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in schema.events.columns}
    return insert(schema.events).values(values).inline()


def _move_chain_end() -> Update:
    ends = ("head_id", "head_hash")
    return update(schema.chain).values({name: bindparam(name) for name in ends})


def _insert_planned() -> Insert:
    values: dict[str, Any] = {name: bindparam(name) for name in _PLANNED_COLUMNS}
    values |= {"state": literal_column("'planned'"), "attempts": literal_column("0")}
    return insert(schema.assignments).values(values).inline()


def _change_state() -> Update:
    row = schema.assignments.c
    return (
        update(schema.assignments)
        .where(row.key == bindparam("of_key"), row.state == bindparam("was"))
        .values(
            state=bindparam("becomes"),
            reason=bindparam("why"),
            attempts=func.coalesce(bindparam("new_attempts"), row.attempts),
            submitted_at=func.coalesce(bindparam("new_submitted_at"), row.submitted_at),
            finished_at=func.coalesce(bindparam("new_finished_at"), row.finished_at),
        )
    )


def _postpone() -> Update:
    row = schema.assignments.c
    return (
        update(schema.assignments)
        .where(row.key == bindparam("of_key"), schema.is_planned)
        .values(ready_at=bindparam("until"))
    )


def _tell_hold() -> Update:
    row = schema.holds.c
    return (
        update(schema.holds)
        .where(row.id == bindparam("of_id"))
        .values(
            told_at=func.coalesce(row.told_at, bindparam("at")),
            end_told_at=bindparam("new_end_told_at"),
            released_at=func.coalesce(row.released_at, bindparam("expired_at")),
        )
    )


def _apply_decision() -> Update:
    decision = schema.decisions.c
    return (
        update(schema.decisions)
        .where(decision.id == bindparam("of_id"), decision.applied_at.is_(None))
        .values(applied_at=bindparam("at"), outcome=bindparam("words"))
    )


def _close_intent() -> Update:
    # What is settled stays as it is: the row count tells when somebody tries to settle it again.
    return (
        update(schema.intents)
        .where(schema.intents.c.intent_id == bindparam("of_intent_id"), schema.is_not_settled)
        .values(outcome=bindparam("becomes"), detail=bindparam("why"), closed_at=bindparam("at"))
    )


def _bind_task() -> Insert:
    # The new epoch is the one after the last binding of this id, whose earlier ones may be deleted. While
    # that one lives, it is its own epoch, so the primary key refuses to bind a living task twice.
    table = schema.tasks
    earlier = table.alias()
    next_epoch = case((earlier.c.gone, earlier.c.epoch + literal_column("1")), else_=earlier.c.epoch)
    source = select(
        bindparam("host", type_=table.c.host.type),
        bindparam("task_id", type_=table.c.task_id.type),
        func.coalesce(func.max(next_epoch), literal_column("0")),
        bindparam("key", type_=table.c.key.type),
        bindparam("intent_id", type_=table.c.intent_id.type),
        bindparam("at", type_=table.c.bound_at.type),
        false(),
        bindparam("at", type_=table.c.observed_at.type),
        _number(),
    ).where(earlier.c.host == bindparam("host"), earlier.c.task_id == bindparam("task_id"))
    columns = ["host", "task_id", "epoch", "key", "intent_id", "bound_at", "gone", "observed_at", "number"]
    return insert(table).from_select(columns, source, include_defaults=False)


def _observe_task() -> Update:
    # The last binding of an id is the one that the host shows.
    table = schema.tasks
    other = table.alias()
    last = (
        select(func.max(other.c.epoch))
        .where(other.c.host == bindparam("of_host"), other.c.task_id == bindparam("of_task_id"))
        .scalar_subquery()
    )
    return (
        update(table)
        .where(
            table.c.host == bindparam("of_host"),
            table.c.task_id == bindparam("of_task_id"),
            table.c.epoch == last,
        )
        .values(
            status=bindparam("new_status"),
            gone=bindparam("is_gone"),
            remark=bindparam("new_remark"),
            retry_count=bindparam("new_retry_count"),
            start_time=bindparam("new_start_time"),
            end_time=bindparam("new_end_time"),
            observed_at=bindparam("at"),
        )
    )


def _plan_anew() -> Update:
    """Put a row where the plan now wants it, unless it went on from the state in which it was read."""
    row = schema.assignments.c
    return (
        update(schema.assignments)
        .where(row.key == bindparam("of_key"), row.state == bindparam("was"))
        .values(
            run_id=bindparam("new_run_id"),
            grp=bindparam("new_grp"),
            idx=bindparam("new_idx"),
            due=bindparam("new_due"),
            ready_at=bindparam("new_ready_at"),
            content_row=bindparam("new_row"),
            state=literal_column("'planned'"),
            reason=null(),
            finished_at=null(),
        )
    )


def _state_changed(change: StateChanged) -> Row:
    return {
        "of_key": change.key,
        "was": change.was.value,
        "becomes": change.becomes.value,
        "why": storable(change.reason),
        "new_attempts": change.attempts,
        "new_submitted_at": change.submitted_at,
        "new_finished_at": change.finished_at,
    }


def _intent_opened(change: IntentOpened) -> Row:
    use = change.use
    target = None if use is None else use.target
    return {
        "campaign": None if use is None else use.campaign,
        "script": None if use is None else use.script,
        "script_name": None if use is None else use.script_name,
        "kind": None if target is None else target.kind.value,
        "target": None if target is None else target.name,
        "intent_id": change.intent_id,
        "key": change.key,
        "host": change.host,
        "act": change.act.value,
        "attempt": change.attempt,
        "body": storable(change.body),
        "body_sha256": change.body_sha256,
        "at": change.at,
        "detail": None,
        "closed_at": None,
        "snapshot": None if change.snapshot is None else _snapshot_text(change.snapshot),
    }


def _snapshot_text(snapshot: Snapshot) -> str:
    return _to_json({"task_ids": sorted(snapshot.task_ids), "sentinel": snapshot.sentinel})


def _postponed(change: Postponed) -> Row:
    return {"of_key": change.key, "until": change.until}


def _decision_applied(change: DecisionApplied) -> Row:
    return {"of_id": change.decision_id, "at": change.at, "words": storable(change.outcome)}


def _hold_told(change: HoldTold) -> Row:
    return {
        "of_id": change.id,
        "at": change.at,
        "new_end_told_at": change.at if change.ended else None,
        "expired_at": change.expired_at,
    }


def _echo_seen(change: EchoSeen) -> Row:
    return {
        "host": change.host,
        "script_name": change.script_name,
        "faithful": int(change.faithful),
        "altered": int(not change.faithful),
        "at": change.at,
    }


def _intent_closed(change: IntentClosed) -> Row:
    return {
        "of_intent_id": change.intent_id,
        "becomes": change.outcome.value,
        "why": storable(change.detail),
        "at": change.at,
    }


def _task_bound(change: TaskBound) -> Row:
    return {
        "host": change.host,
        "task_id": change.task_id,
        "key": change.key,
        "intent_id": change.intent_id,
        "at": change.at,
    }


def _task_observed(change: TaskObserved) -> Row:
    return {
        "of_host": change.host,
        "of_task_id": change.task_id,
        "new_status": None if change.status is None else change.status.value,
        "is_gone": change.gone,
        "new_remark": storable(change.remark),
        "new_retry_count": change.retry_count,
        "new_start_time": storable(change.start_time),
        "new_end_time": storable(change.end_time),
        "at": change.at,
    }


def observation_of(row: Row) -> Row:
    """Return the row that is appended for a task that was observed."""
    return {
        "host": row["of_host"],
        "task_id": row["of_task_id"],
        "status": row["new_status"],
        "gone": row["is_gone"],
        "remark": row["new_remark"],
        "retry_count": row["new_retry_count"],
        "start_time": row["new_start_time"],
        "end_time": row["new_end_time"],
        "at": row["at"],
    }


def _host_observed(change: HostObserved) -> Row:
    return {
        "host": change.host,
        "state": change.state.value,
        "detail": storable(change.detail),
        "plan_name": storable(change.plan_name),
        "device_limit": change.device_limit,
        "at": change.at,
    }


def _event(change: Event) -> Row:
    fields = dict(change.fields)
    row: Row = {"at": change.at, "name": change.name}
    for name in schema.EVENT_COLUMNS:
        row[name] = storable(fields.pop(name)) if isinstance(fields.get(name), str) else None
    row["fields"] = _to_json(fields)
    return row


_ROWS: dict[type[Change], Any] = {
    IntentOpened: _intent_opened,
    IntentClosed: _intent_closed,
    TaskBound: _task_bound,
    TaskObserved: _task_observed,
    StateChanged: _state_changed,
    Postponed: _postponed,
    EchoSeen: _echo_seen,
    HoldTold: _hold_told,
    DecisionApplied: _decision_applied,
    HostObserved: _host_observed,
    Event: _event,
    **FURTHER_ROWS,
}
