"""What the daemon asks the ledger about one host."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, and_, bindparam, exists, func, or_, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.asking import Asker, with_run
from runner.adapters.ledger.conditions import named, not_of
from runner.adapters.ledger.records import ASSIGNMENT_COLUMNS, echo_record, pieces
from runner.model.campaign import Target, TargetKind
from runner.model.record import Act, FinishedTask
from runner.model.state import UNDER_WAY, State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, Select

    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, EchoRecord
    from runner.model.tikmatrix import TaskId

_assigned = schema.assignments.c
_run = schema.runs.c

# Questions that are asked all day are made once: SQLAlchemy takes longer to make one than SQLite to answer.
_of_host = select(*ASSIGNMENT_COLUMNS).where(_assigned.host == bindparam("host"))
_ON_HOST = _of_host.where(schema.is_on_host)
_FAILED = _of_host.where(schema.is_failed, _assigned.finished_at >= bindparam("since"))
_SUBMITTING = _of_host.where(schema.is_under_way, _assigned.state == State.SUBMITTING.value).order_by(
    _assigned.key
)
_UNDER_WAY = (
    select(func.count())
    .select_from(schema.assignments)
    .where(_assigned.host == bindparam("host"), schema.is_under_way)
)
_COUNT_UNDER_WAY = (
    select(_assigned.host, _assigned.state, func.count())
    .where(schema.is_under_way)
    .group_by(_assigned.host, _assigned.state)
)
_COUNT_DUE = (
    select(func.count())
    .select_from(schema.assignments)
    .where(
        schema.is_planned,
        _assigned.host == bindparam("host"),
        _assigned.ready_at <= bindparam("now", type_=BigInteger),
    )
)

_PLANNED_BEFORE = (
    select(func.count())
    .select_from(schema.assignments)
    .where(schema.is_planned, _assigned.due < bindparam("instant", type_=BigInteger))
)

_task = schema.tasks.c
_FINISHED = (
    select(
        _assigned.kind, _assigned.target, _run.script_name, _run.order_json, _task.start_time, _task.end_time
    )
    .select_from(schema.tasks)
    .join(schema.assignments, _assigned.number == _task.number)
    .join(schema.runs, _run.id == _assigned.run_id)
    .where(
        _task.host == bindparam("host"),
        _task.bound_at >= bindparam("since", type_=BigInteger),
        _task.status == TaskStatus.COMPLETED.value,
        _task.start_time.is_not(None),
        _task.end_time.is_not(None),
    )
    .order_by(_task.bound_at.desc())
    .limit(bindparam("limit", type_=Integer))
)


class HostQuestions(Asker):
    """Answers what is due, under way and known on a host."""

    def due(
        self,
        host: str,
        *,
        now: Instant,
        limit: int,
        closing_by: Instant | None = None,
        without: Collection[str] = (),
    ) -> list[AssignmentRecord]:
        """Return what is planned for a host, due, and free to go, the most overdue first.

        What waits for its target, on which something else of ours is under way, is left out, and so is what
        needs another assignment to be completed first.

        Args:
            host: its name.
            now: due at this instant or earlier, and not postponed beyond it.
            limit: at most so many.
            closing_by: adds what is not due yet and not postponed, but whose window closes by this instant.
            without: leaves out these campaigns.
        """
        query = _due(closing=closing_by is not None, without=bool(without))
        values: dict[str, Any] = {"host": host, "now": now, "limit": limit}
        if closing_by is not None:
            values |= {"closing_by": closing_by, "until": max(now, closing_by)}
        return self._assignments(query, **values, **named(without))

    def coming(self, host: str, *, limit: int) -> list[AssignmentRecord]:
        """Return what is planned for a host, whatever it waits for, the next due first."""
        return self._assignments(
            select(*ASSIGNMENT_COLUMNS)
            .where(schema.is_planned, _assigned.host == host)
            .order_by(_assigned.ready_at, _assigned.due, _assigned.key)
            .limit(limit)
        )

    def next_due(
        self, *, hosts: Iterable[str], after: Instant | None = None, without: Collection[str] = ()
    ) -> dict[str, Instant]:
        """Return when the next planned assignment of each host may go; hosts with none are left out.

        Args:
            hosts: their names.
            after: leaves out what may go at this instant or earlier.
            without: as for `due`.
        """
        query = _next_due(later=after is not None, without=bool(without))
        values = named(without) if after is None else {"after": after, **named(without)}
        with self._connection() as connection:
            found = {host: connection.execute(query, {"host": host, **values}).scalar_one() for host in hosts}
        return {host: due for host, due in found.items() if due is not None}

    def under_way(self, host: str) -> int:
        """Return how many of our assignments are being submitted to a host or are on it."""
        return self._number(_UNDER_WAY, host=host) or 0

    def planned_before(self, instant: Instant) -> int:
        """Return how many assignments are planned that fall due before an instant."""
        return self._number(_PLANNED_BEFORE, instant=instant) or 0

    def count_under_way(self) -> dict[tuple[str, str], int]:
        """Return how many of our assignments are in each state that is under way, by host and state."""
        with self._connection() as connection:
            return {(host, state): count for host, state, count in connection.execute(_COUNT_UNDER_WAY)}

    def count_due(self, host: str, *, now: Instant) -> int:
        """Return how many planned assignments of a host may go by their time now."""
        return self._number(_COUNT_DUE, host=host, now=now) or 0

    def submitting(self, host: str) -> list[AssignmentRecord]:
        """Return the assignments of a host whose request is under way or in doubt."""
        return self._assignments(_SUBMITTING, host=host)

    def on_host(
        self, host: str, *, failed_since: Instant | None = None, limit: int | None = None
    ) -> list[AssignmentRecord]:
        """Return what a host has accepted and not ended, by due instant.

        Args:
            host: its name.
            failed_since: adds what failed at this instant or later, since the host may try that again.
            limit: at most so many of what has not ended; None: all.
        """
        on_host = _ON_HOST if limit is None else _ON_HOST.order_by(_assigned.due, _assigned.key).limit(limit)
        with self._connection() as connection:
            rows = list(connection.execute(on_host, {"host": host}))
            if failed_since is not None:
                rows += connection.execute(_FAILED, {"host": host, "since": failed_since})
            rows.sort(key=lambda row: (row.due, row.key))
            return self._records.assignments(connection, rows)

    def newest_tasks(self, host: str, *, limit: int, not_after: TaskId | None = None) -> list[TaskId]:
        """Return the tasks that were bound last on a host and are not known to be gone, the newest first.

        Args:
            host: its name.
            limit: at most so many.
            not_after: leaves out what was bound after the first task of that number.
        """
        task = schema.tasks.c
        query = select(task.task_id).where(task.host == host, ~task.gone)
        if not_after is not None:
            other = schema.tasks.alias().c
            first = select(func.min(other.bound_at)).where(other.host == host, other.task_id == not_after)
            query = query.where(task.bound_at <= first.scalar_subquery())
        with self._connection() as connection:
            return list(connection.execute(query.order_by(task.bound_at.desc()).limit(limit)).scalars())

    def bound_tasks(self, host: str, task_ids: Collection[TaskId]) -> dict[TaskId, AssignmentRecord]:
        """Return the assignments of a host's tasks, by task; tasks that are gone are left out."""
        task = schema.tasks.c
        owned = select(task.task_id, task.key).where(task.host == host, ~task.gone)
        of_key = select(*ASSIGNMENT_COLUMNS)
        with self._connection() as connection:
            keys: dict[TaskId, AssignmentKey] = {}
            for some in pieces(list(task_ids)):
                found = connection.execute(owned.where(task.task_id.in_(some)))
                keys |= {row.task_id: row.key for row in found}
            rows: list[Any] = []
            for some in pieces(sorted(set(keys.values()))):
                rows += connection.execute(of_key.where(_assigned.key.in_(some)))
            records = self._records.assignments(connection, rows)
        by_key = {record.assignment.key: record for record in records}
        return {task_id: by_key[key] for task_id, key in keys.items()}

    def finished_tasks(self, host: str, *, since: Instant, limit: int) -> list[FinishedTask]:
        """Return completed tasks of a host that has told both their times, those bound last first.

        Args:
            host: its name.
            since: leaves out what was bound before this instant.
            limit: at most so many.
        """
        with self._connection() as connection:
            rows = connection.execute(_FINISHED, {"host": host, "since": since, "limit": limit}).all()
        configs = {row.order_json: json.loads(row.order_json)["script_config"] for row in rows}
        return [
            FinishedTask(
                Target(host, TargetKind(row.kind), row.target),
                row.script_name,
                configs[row.order_json],
                row.start_time,
                row.end_time,
            )
            for row in rows
        ]

    def tasks_in_doubt(self, host: str) -> dict[TaskId, str | None]:
        """Return the tasks of what is on a host whose deletion was tried, and its effect is not known.

        With each the remark that it gets, None where its window had closed.
        """
        return self._tried(host, Act.DELETE, schema.is_not_settled)

    def stopped_tasks(self, host: str) -> dict[TaskId, str]:
        """Return the tasks of what is on a host that a person has let us stop, with the words for it."""
        tried = self._tried(host, Act.STOP)
        return {task_id: words for task_id, words in tried.items() if words is not None}

    def _tried(self, host: str, act: Act, *conditions: ColumnElement[bool]) -> dict[TaskId, str | None]:
        intent = schema.intents.c
        query = (
            select(intent.body)
            .join(schema.assignments, _assigned.number == intent.number)
            .where(schema.is_on_host, _assigned.host == host, intent.act == act.value, *conditions)
            .order_by(intent.at, intent.intent_id)
        )
        with self._connection() as connection:
            bodies = [json.loads(body) for body in connection.execute(query).scalars()]
        return {task_id: body.get("remark") for body in bodies for task_id in body["task_ids"]}

    def echoes(self, host: str) -> list[EchoRecord]:
        """Return how a host has shown the arguments of our tasks so far, by script."""
        query = select(schema.echoes).where(schema.echoes.c.host == host)
        return [echo_record(row) for row in self._mappings(query)]


@cache
def _due(*, closing: bool, without: bool) -> Select[Any]:
    now = bindparam("now", type_=BigInteger)
    conditions = [
        schema.is_planned,
        _assigned.host == bindparam("host"),
        ~_target_is_busy(),
        ~_needs_something(),
        *not_of(without=without),
    ]
    if closing:
        not_postponed = _assigned.ready_at == _assigned.due
        closes_soon = and_(_run.closes <= bindparam("closing_by"), _run.opens <= now, not_postponed)
        conditions += [
            _assigned.ready_at <= bindparam("until"),
            or_(_assigned.ready_at <= now, closes_soon),
        ]
    else:
        conditions.append(_assigned.ready_at <= now)
    query = with_run().where(*conditions).order_by(_assigned.ready_at, _assigned.due, _assigned.key)
    return query.limit(bindparam("limit", type_=Integer))


@cache
def _next_due(*, later: bool, without: bool) -> Select[Any]:
    query = select(func.min(_assigned.ready_at)).where(
        schema.is_planned, _assigned.host == bindparam("host"), *not_of(without=without)
    )
    return query.where(_assigned.ready_at > bindparam("after")) if later else query


@cache
def _target_is_busy() -> ColumnElement[bool]:
    other = schema.assignments.alias("other")
    same_target = and_(
        other.c.host == _assigned.host, other.c.target == _assigned.target, other.c.kind == _assigned.kind
    )
    # One that was handed over ahead of its due instant leaves its target free until then.
    waits = and_(
        other.c.state == State.SUBMITTED.value,
        other.c.ready_at < other.c.due,
        other.c.due > bindparam("now", type_=BigInteger),
    )
    return exists().where(same_target, schema.is_one_of(other.c.state, UNDER_WAY), ~waits)


@cache
def _needs_something() -> ColumnElement[bool]:
    return exists().where(schema.needs.c.key == _assigned.key, schema.is_unmet())
