"""Rows as the records that leave the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.run_rows import row_of, run_of
from runner.model.campaign import Target, TargetKind
from runner.model.plan import Assignment, Run
from runner.model.record import (
    Act,
    AssignmentRecord,
    BoundTask,
    Decision,
    EchoRecord,
    Event,
    HostRecord,
    HostState,
    IntentRecord,
    Outcome,
    Resolution,
    Snapshot,
)
from runner.model.reload import ReloadWish
from runner.model.state import State
from runner.model.tikmatrix import TaskStatus
from runner.model.trigger import TriggerWish

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from runner.model.instant import Instant

_MOST_KEYS = 1_000
"""In one question; SQLite takes 32,766 parameters, older ones 999."""
_MOST_RUNS = 1_000
"""Remembered at once."""

_INTENT_FIELDS = tuple(field.name for field in fields(IntentRecord))
_STATES = {state.value: state for state in State}
_KINDS = {kind.value: kind for kind in TargetKind}
_STATUSES = {status.value: status for status in TaskStatus}
_assigned = schema.assignments.c

ASSIGNMENT_COLUMNS = (
    _assigned.key,
    _assigned.run_id,
    _assigned.host,
    _assigned.kind,
    _assigned.target,
    _assigned.grp,
    _assigned.idx,
    _assigned.due,
    _assigned.state,
    _assigned.reason,
    _assigned.attempts,
    _assigned.submitted_at,
    _assigned.finished_at,
    _assigned.content_row,
    _assigned.number,
)
_task = schema.tasks.c
_TASK_COLUMNS = (
    _task.number,
    _task.task_id,
    _task.status,
    _task.gone,
    _task.remark,
    _task.retry_count,
    _task.start_time,
    _task.end_time,
    _task.observed_at,
)
# Made once: they go with every question for assignments.
_TASKS = (
    select(*_TASK_COLUMNS)
    .where(_task.number.in_(bindparam("numbers", expanding=True)))
    .order_by(_task.bound_at, _task.task_id)
)
_RUNS = select(schema.runs).where(schema.runs.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the log; ids grow."""

    id: int
    event: Event


REMOVED = ""
"""The version of a campaign whose file is gone."""


@dataclass(frozen=True, slots=True)
class AcceptedVersion:
    """A campaign file's text that was accepted, so that the last good one survives a restart."""

    campaign: str
    file: str
    version: str
    text: str
    accepted_at: Instant
    contents: Mapping[str, str] | None = None
    """The texts of its content files, by the names that the campaign gives them."""


class Records:
    """Makes records of rows; remembers runs, which never change once they are written."""

    def __init__(self) -> None:
        self._runs: dict[int, Run] = {}

    def assignments(self, connection: Connection, rows: Sequence[Any]) -> list[AssignmentRecord]:
        """Return the records of rows of `ASSIGNMENT_COLUMNS`, in their order."""
        runs = self.runs(connection, {row[1] for row in rows})
        tasks = _tasks(connection, [row[-1] for row in rows])
        return [
            AssignmentRecord(
                Assignment(key, Target(host, _KINDS[kind], target), group, index, due, row_of(row)),
                runs[run_id],
                _STATES[state],
                reason,
                attempts,
                submitted_at,
                finished_at,
                tuple(tasks.get(number, ())),
            )
            for (
                key,
                run_id,
                host,
                kind,
                target,
                group,
                index,
                due,
                state,
                reason,
                attempts,
                submitted_at,
                finished_at,
                row,
                number,
            ) in rows
        ]

    def runs(self, connection: Connection, ids: set[int]) -> dict[int, Run]:
        """Return runs by their ids."""
        known = self._runs
        missing = [run_id for run_id in ids if run_id not in known]
        if missing:
            read = {
                row["id"]: run_of(row)
                for some in pieces(missing)
                for row in connection.execute(_RUNS, {"ids": some}).mappings()
            }
            # A new dictionary each time: two threads read here.
            known = {**known, **read}
            self._runs = known if len(known) <= _MOST_RUNS else read
        return known


def intent_record(row: RowMapping) -> IntentRecord:
    """Return the record of a row of intents."""
    shown = None if row["snapshot"] is None else json.loads(row["snapshot"])
    snapshot = None if shown is None else Snapshot(frozenset(shown["task_ids"]), shown["sentinel"])
    told = {name: row[name] for name in _INTENT_FIELDS}
    return IntentRecord(
        **told | {"act": Act(row["act"]), "outcome": Outcome(row["outcome"]), "snapshot": snapshot}
    )


def decision_record(row: RowMapping) -> Decision:
    """Return the record of a row of decisions."""
    return Decision(**{**row, "act": Resolution(row["act"])})


def reload_wish(row: RowMapping) -> ReloadWish:
    """Return the record of a row of decisions that is of no assignment."""
    return ReloadWish(row["id"], row["at"], row["owner"], row["applied_at"], row["outcome"])


def trigger_wish(row: RowMapping) -> TriggerWish:
    """Return the record of a row of decisions that is a wish for work now."""
    wanted = json.loads(row["reason"])
    return TriggerWish(
        row["id"], row["at"], row["owner"], **wanted, applied_at=row["applied_at"], outcome=row["outcome"]
    )


def echo_record(row: RowMapping) -> EchoRecord:
    """Return the record of a row of echoes."""
    return EchoRecord(row["host"], row["script_name"], row["faithful"], row["altered"])


def host_record(row: RowMapping) -> HostRecord:
    """Return the record of a row of hosts."""
    return HostRecord(**{**row, "state": HostState(row["state"])})


def stored_event(row: RowMapping) -> StoredEvent:
    """Return the record of a row of events."""
    columns = {name: row[name] for name in schema.EVENT_COLUMNS if row[name] is not None}
    return StoredEvent(row["id"], Event(row["at"], row["name"], columns | json.loads(row["fields"])))


def accepted_version(row: RowMapping) -> AcceptedVersion:
    """Return the record of a row of campaign versions."""
    kept = {name: value for name, value in row.items() if name != "id"}
    return AcceptedVersion(**kept | {"contents": json.loads(row["contents"] or "{}")})


def _tasks(connection: Connection, numbers: Sequence[int]) -> dict[int, list[BoundTask]]:
    """Return the tasks of assignments by number, in the order in which they were bound."""
    tasks: dict[int, list[BoundTask]] = {}
    for some in pieces(numbers):
        # Taken over at once: one by one costs as much as to ask.
        for number, task_id, status, *shown in connection.execute(_TASKS, {"numbers": some}).all():
            known = None if status is None else _STATUSES[status]
            tasks.setdefault(number, []).append(BoundTask(task_id, known, *shown))
    return tasks


def pieces(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Return some items in as many parts as it takes for each to be named in one question."""
    for start in range(0, len(items), _MOST_KEYS):
        yield items[start : start + _MOST_KEYS]
