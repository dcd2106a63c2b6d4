"""Makes what is still planned of a campaign's day equal to a new plan, and touches nothing that went on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, and_, bindparam, delete, insert, literal, or_, select, update

from runner.adapters.ledger import schema
from runner.adapters.ledger.dialect import insert_or_replace
from runner.adapters.ledger.restored import doubt
from runner.adapters.ledger.run_rows import row_json, run_row
from runner.model.campaign import Deliver
from runner.model.instant import moment
from runner.model.state import CLOCK_AHEAD, EDITED, State, is_withdrawn
from runner.model.trigger import TRIGGERED_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Dialect, RowMapping

    from runner.adapters.ledger.statements import Row, Statements
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, AssignmentKey, PlannedRun, Run

_T = TypeVar("_T")

_CHUNK_ROWS = 2_000
_assigned = schema.assignments.c


@dataclass(frozen=True, slots=True)
class PlanStored:
    """How a new plan differs from what was still planned."""

    added: int = 0
    moved: int = 0
    """Planned before and now, but due at another time, in another order or by other instructions."""
    removed: int = 0
    """Cancelled, because the plan no longer has them."""
    restored: int = 0
    """Cancelled by an earlier edit, or by `plan_again`, and planned again."""
    doubted: int = 0
    """Unknown from the start: the store was restored, and they may have been submitted before."""
    unchanged: bool = False
    """The day is planned in this version already; nothing was done."""


def store_plan(
    connection: Connection,
    plan: Iterable[PlannedRun],
    *,
    campaign: str,
    day: date,
    version: str,
    now: Instant,
    statements: Statements,
) -> PlanStored:
    """Store the plan of one day of one campaign; see `Ledger.store_plan`."""
    of_day = and_(schema.plans.c.campaign == campaign, schema.plans.c.day == day.isoformat())
    if connection.execute(select(schema.plans.c.version).where(of_day)).scalar() == version:
        return PlanStored(unchanged=True)
    replan = _Replan(connection, statements, reason=f"{EDITED}not in version {version[:12]}", now=now)
    replan.read_runs(campaign=campaign, day=day)
    for planned in plan:
        replan.store(planned)
    replan.remove_runs_not_stored()
    # In this transaction: nobody may submit it in between.
    doubted = doubt(connection, now=now, campaign=campaign, day=day)
    connection.execute(
        insert_or_replace(schema.plans, dialect=connection.dialect.name),
        {"campaign": campaign, "day": day.isoformat(), "version": version, "planned_at": now},
    )
    return PlanStored(
        added=replan.added,
        moved=replan.moved,
        removed=replan.removed,
        restored=replan.restored,
        doubted=doubted,
    )


def add_runs(connection: Connection, runs: Iterable[PlannedRun], *, statements: Statements) -> None:
    """Add runs beside the schedule; see `Ledger.add_runs`."""
    for planned in runs:
        run = planned.run
        same = and_(
            schema.runs.c.campaign == run.campaign,
            schema.runs.c.script == run.script,
            schema.runs.c.day == run.day.isoformat(),
            schema.runs.c.window == run.window,
        )
        if connection.execute(select(schema.runs.c.id).where(same)).first() is not None:
            continue
        number = _add_run(connection, run_row(run))
        for some in _chunks(_new(each, run, number) for each in planned.assignments):
            connection.exec_driver_sql(statements.assignment, some)


def withdraw_plan(connection: Connection, *, campaign: str, reason: str, now: Instant) -> int:
    """Cancel all that is still planned of a campaign; see `Ledger.withdraw_plan`."""
    of_campaign = select(schema.runs.c.id).where(schema.runs.c.campaign == campaign)
    withdrawn = connection.execute(
        update(schema.assignments)
        .where(_assigned.run_id.in_(of_campaign), schema.is_planned)
        .values(state=State.CANCELLED.value, reason=EDITED + reason, finished_at=now)
    )
    # Should the file come back as it was, its days must be planned anew.
    connection.execute(delete(schema.plans).where(schema.plans.c.campaign == campaign))
    return withdrawn.rowcount


def plan_again(connection: Connection, *, now: Instant) -> None:
    """Let days be planned once more, since the clock was ahead; see `Ledger.plan_again`."""
    still_open = (
        select(schema.runs.c.id)
        .where(schema.runs.c.closes > now)
        # What a person has triggered is in no plan that could bring it back.
        .where(schema.runs.c.window.not_like(TRIGGERED_LABELS))
    )
    given_up = schema.is_one_of(_assigned.state, {State.MISSED, State.SKIPPED})
    connection.execute(
        update(schema.assignments)
        .where(_assigned.run_id.in_(still_open), given_up, _assigned.finished_at > now)
        .values(state=State.CANCELLED.value, reason=CLOCK_AHEAD, finished_at=now)
    )
    plan = schema.plans.c
    # In some zone the day before may still have windows.
    yesterday = (moment(now, zone=UTC).date() - timedelta(days=1)).isoformat()
    connection.execute(delete(schema.plans).where(or_(plan.planned_at > now, plan.day >= yesterday)))


def recall(connection: Connection, *, campaign: str, now: Instant) -> int:
    """Take back what was put off of a campaign; see `Ledger.recall`."""
    run = schema.runs.c
    found = connection.execute(
        select(run.id, run.opens, run.order_json).where(run.campaign == campaign, run.closes > now)
    ).all()
    # What goes ahead is looked at when its window opens, all else when it is due.
    runs_by_opening: dict[Instant | None, list[int]] = {}
    for row in found:
        goes_ahead = json.loads(row.order_json).get("deliver") == Deliver.AHEAD
        runs_by_opening.setdefault(row.opens if goes_ahead else None, []).append(row.id)
    recalled = 0
    for opens, run_ids in runs_by_opening.items():
        ready_at = _assigned.due if opens is None else literal(opens, BigInteger)
        for some in _chunks(run_ids):
            recalled += connection.execute(
                update(schema.assignments)
                .where(_assigned.run_id.in_(some), schema.is_planned, _assigned.ready_at > now)
                .where(_assigned.ready_at != ready_at)
                .values(ready_at=ready_at)
            ).rowcount
    return recalled


@dataclass(slots=True)
class _Replan:
    """One day of one campaign while it is planned anew.

    A key names entry and window among other things, so it can only ever stand in runs of the same entry and
    window: one entry and window is compared at a time, and a plan of any size passes through in small pieces.
    """

    connection: Connection
    statements: Statements
    reason: str
    now: Instant
    added: int = 0
    moved: int = 0
    removed: int = 0
    restored: int = 0
    earlier: dict[tuple[str, str], list[RowMapping]] = field(default_factory=dict)
    """Runs of the day by entry and window, oldest first; those already compared are taken out."""

    def read_runs(self, *, campaign: str, day: date) -> None:
        """Find the runs that the day has so far."""
        runs = schema.runs
        found = self.connection.execute(
            select(runs)
            .where(runs.c.day == day.isoformat(), runs.c.campaign == campaign)
            # What a person has triggered is in no file, and no edit of one takes it back.
            .where(runs.c.window.not_like(TRIGGERED_LABELS))
            .order_by(runs.c.id)
        )
        for row in found.mappings():
            self.earlier.setdefault((row["script"], row["window"]), []).append(row)

    def store(self, planned: PlannedRun) -> None:
        """Make what is planned of one entry and window equal to this run."""
        earlier = self.earlier.pop((planned.run.script, planned.run.window), [])
        run_id = self._run_id(planned.run, earlier=earlier)
        if not earlier:
            self.added += self._add(planned.assignments, planned.run, run_id)
            self._need(planned.needs)
            return
        wanted = {assignment.key: assignment for assignment in planned.assignments}
        moved: list[Assignment] = []
        restored: list[Assignment] = []
        no_longer: list[str] = []
        for key, state, reason, *place in self._rows([row["id"] for row in earlier]):
            assignment = wanted.pop(key, None)
            if state == State.PLANNED.value:
                if assignment is None:
                    no_longer.append(key)
                elif place != _place(assignment, run_id):
                    moved.append(assignment)
            elif assignment is not None and is_withdrawn(state, reason):
                restored.append(assignment)
        self.added += self._add(wanted.values(), planned.run, run_id)
        self.moved += self._plan_anew(moved, planned.run, run_id, was=State.PLANNED)
        self.restored += self._plan_anew(restored, planned.run, run_id, was=State.CANCELLED)
        if planned.needs or any(_has_needs(row) for row in earlier):
            anew = {assignment.key for assignment in (*wanted.values(), *moved, *restored)}
            self._forget_needs(anew)
            self._need(pair for pair in planned.needs if pair[0] in anew)
        for keys in _chunks(no_longer):
            self._cancel(_assigned.key.in_(keys))

    def remove_runs_not_stored(self) -> None:
        """Cancel what is still planned of entries and windows that the plan no longer has."""
        for rows in self.earlier.values():
            self._cancel(_assigned.run_id.in_([row["id"] for row in rows]))

    def _run_id(self, run: Run, *, earlier: list[RowMapping]) -> int:
        """Return the row that says what this run says, by whichever version; write one if there is none."""
        wanted = run_row(run)
        for row in reversed(earlier):
            if all(row[name] == value for name, value in wanted.items() if name != "version"):
                return int(row["id"])
        return _add_run(self.connection, wanted)

    def _rows(self, run_ids: list[int]) -> Iterator[Any]:
        columns = (_assigned.key, _assigned.state, _assigned.reason)
        place = (_assigned.run_id, _assigned.grp, _assigned.idx, _assigned.due, _assigned.content_row)
        found = self.connection.execute(select(*columns, *place).where(_assigned.run_id.in_(run_ids)))
        return iter(found.yield_per(_CHUNK_ROWS))

    def _add(self, assignments: Iterable[Assignment], run: Run, run_id: int) -> int:
        return self._execute(self.statements.assignment, (_new(each, run, run_id) for each in assignments))

    def _plan_anew(self, assignments: Iterable[Assignment], run: Run, run_id: int, *, was: State) -> int:
        rows = (_anew(assignment, run, run_id, was=was) for assignment in assignments)
        return self._execute(self.statements.planned_anew, rows)

    def _forget_needs(self, keys: Iterable[AssignmentKey]) -> None:
        for some in _chunks(sorted(keys)):
            self.connection.execute(delete(schema.needs).where(schema.needs.c.key.in_(some)))

    def _need(self, pairs: Iterable[tuple[AssignmentKey, AssignmentKey]]) -> None:
        for some in _chunks(pairs):
            rows = [{"key": key, "needed_key": needed_key} for key, needed_key in some]
            self.connection.execute(insert(schema.needs), rows)

    def _execute(self, sql: str, rows: Iterable[Row]) -> int:
        count = 0
        for chunk in _chunks(rows):
            self.connection.exec_driver_sql(sql, chunk)
            count += len(chunk)
        return count

    def _cancel(self, condition: ColumnElement[bool]) -> None:
        cancelled = self.connection.execute(
            update(schema.assignments)
            .where(condition, schema.is_planned)
            .values(state=State.CANCELLED.value, reason=self.reason, finished_at=self.now)
        )
        self.removed += cancelled.rowcount


def _add_run(connection: Connection, row: Row) -> int:
    statement = _add_run_sql(connection.dialect)
    return int(connection.exec_driver_sql(statement, row).scalar_one())


@cache
def _add_run_sql(dialect: Dialect) -> str:
    # As text for the driver, as all that is written very often: a day may have thousands of runs.
    columns = [column for column in schema.runs.columns if not column.primary_key]
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in columns}
    statement = insert(schema.runs).values(values).returning(schema.runs.c.id).inline()
    return str(statement.compile(dialect=dialect))


def _place(assignment: Assignment, run_id: int) -> list[Any]:
    return [run_id, assignment.group, assignment.index, assignment.due, row_json(assignment.row)]


def _has_needs(row: RowMapping) -> bool:
    # Most have none, and reading all of an order takes longer than a look for the word.
    return '"after"' in row["order_json"] and bool(json.loads(row["order_json"]).get("after"))


def _ready_at(assignment: Assignment, run: Run) -> Instant:
    return run.opens if run.order.deliver is Deliver.AHEAD else assignment.due


def _new(assignment: Assignment, run: Run, run_id: int) -> Row:
    return {
        "key": assignment.key,
        "run_id": run_id,
        "host": assignment.target.host,
        "kind": assignment.target.kind.value,
        "target": assignment.target.name,
        "grp": assignment.group,
        "idx": assignment.index,
        "due": assignment.due,
        "ready_at": _ready_at(assignment, run),
        "content_row": row_json(assignment.row),
    }


def _anew(assignment: Assignment, run: Run, run_id: int, *, was: State) -> Row:
    return {
        "of_key": assignment.key,
        "was": was.value,
        "new_run_id": run_id,
        "new_grp": assignment.group,
        "new_idx": assignment.index,
        "new_due": assignment.due,
        "new_ready_at": _ready_at(assignment, run),
        "new_row": row_json(assignment.row),
    }


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK_ROWS)):
        yield chunk
