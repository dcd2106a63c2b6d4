"""Say facts in the words of `--format json` and of the web API: names that users' scripts rely on.

Times are ISO 8601 with the offset of the campaign's zone, or of the config's where no campaign is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from runner.model.campaign import TargetKind
from runner.model.instant import shown
from runner.model.record import HoldScope

if TYPE_CHECKING:
    from datetime import tzinfo

    from runner.adapters.ledger import StoredEvent
    from runner.core.edit import Step
    from runner.errors import Problem
    from runner.model.content import Row
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, Run
    from runner.model.record import AssignmentRecord, BoundTask, DailySum, Hold, IntentRecord, RunRecord

_MOST_DIGITS = 18
"""Longer numbers are no counters of tasks, and not every reader of JSON can hold them."""


def problem_row(problem: Problem) -> dict[str, Any]:
    """Return a problem of a file."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity.value,
        "message": problem.message,
        "rule": problem.rule.value,
    }


def plan_row(run: Run, assignment: Assignment) -> dict[str, Any]:
    """Return an assignment as it is planned."""
    target = assignment.target
    return {
        "key": assignment.key,
        "campaign": run.campaign,
        "script": run.script,
        "script_name": run.order.script_name,
        "host": target.host,
        "serial": target.name if target.kind is TargetKind.SERIAL else None,
        "username": target.name if target.kind is TargetKind.USERNAME else None,
        "date": run.day.isoformat(),
        **_times(run, assignment),
        "expected_tasks": run.order.expected_tasks,
    }


def step_row(step: Step) -> dict[str, Any]:
    """Return an assignment that an edit touches, as it will be, with how and as what it was."""
    planned, before = step.planned, step.before
    return {
        "change": step.kind,
        **plan_row(planned.run, planned.assignment),
        "was": None if before is None else _times(before.run, before.assignment),
    }


def result_row(record: AssignmentRecord) -> dict[str, Any]:
    """Return an assignment with what became of it."""
    zone = ZoneInfo(record.run.timezone)
    return plan_row(record.run, record.assignment) | {
        "state": record.state.value,
        "reason": record.reason,
        "task_ids": [_task_id(task.task_id) for task in record.tasks],
        "attempts": record.attempts,
        "submitted_at": _shown(record.submitted_at, zone=zone),
        "finished_at": _shown(record.finished_at, zone=zone),
    }


def content_row(row: Row | None) -> dict[str, Any] | None:
    """Return the row of a content file that an assignment has."""
    if row is None:
        return None
    return {"file": row.file, "number": row.number, "line": row.line, "values": dict(row.values)}


def run_row(record: RunRecord) -> dict[str, Any]:
    """Return a run with the number of its assignments in each state that occurs."""
    run = record.run
    zone = ZoneInfo(run.timezone)
    return {
        "campaign": run.campaign,
        "script": run.script,
        "script_name": run.order.script_name,
        "date": run.day.isoformat(),
        "window": run.window,
        "opens": shown(run.opens, zone=zone),
        "closes": shown(run.closes, zone=zone),
        "assignments": sum(record.counts.values()),
        "states": {state.value: count for state, count in record.counts.items()},
        "host": None,
    }


def sum_row(of_day: DailySum) -> dict[str, Any]:
    """Return what is left of a day's deleted assignments, in the words of a run."""
    return {
        "campaign": of_day.campaign,
        "script": of_day.script,
        "script_name": of_day.script_name,
        "date": of_day.day.isoformat(),
        "window": None,
        "opens": None,
        "closes": None,
        "assignments": sum(of_day.counts.values()),
        "states": {state.value: count for state, count in of_day.counts.items()},
        "host": of_day.host,
    }


def task_row(task: BoundTask, *, zone: tzinfo) -> dict[str, Any]:
    """Return a task as the host showed it last; its own times are the host's, as it writes them."""
    return {
        "task_id": _task_id(task.task_id),
        "status": None if task.status is None else task.status.name.lower(),
        "gone": task.gone,
        "remark": task.remark,
        "retry_count": task.retry_count,
        "start_time": task.start_time,
        "end_time": task.end_time,
        "observed_at": shown(task.observed_at, zone=zone),
    }


def intent_row(intent: IntentRecord, *, zone: tzinfo) -> dict[str, Any]:
    """Return a request that changes something on a host, with what became of it."""
    return {
        "intent_id": intent.intent_id,
        "act": intent.act.value,
        "host": intent.host,
        "attempt": intent.attempt,
        "at": shown(intent.at, zone=zone),
        "body": intent.body,
        "outcome": intent.outcome.value,
        "detail": intent.detail,
        "closed_at": _shown(intent.closed_at, zone=zone),
    }


def hold_row(hold: Hold, *, timezone: str) -> dict[str, Any]:
    """Return a pause, in force or just ended."""
    zone = ZoneInfo(timezone)
    return {
        "scope": hold.scope.value,
        "campaign": hold.subject if hold.scope is HoldScope.CAMPAIGN else None,
        "host": hold.subject if hold.scope is HoldScope.HOST else None,
        "owner": hold.owner,
        "reason": hold.reason,
        "placed_at": shown(hold.placed_at, zone=zone),
        "until": _shown(hold.until, zone=zone),
    }


def event_row(stored: StoredEvent, *, zone: tzinfo) -> dict[str, Any]:
    """Return an event of the audit log with its fields, whose names are those of the log."""
    event = stored.event
    row = {"id": stored.id, "at": shown(event.at, zone=zone), "event": event.name}
    return row | {name: value for name, value in event.fields.items() if name not in row}


def _times(run: Run, assignment: Assignment) -> dict[str, str]:
    zone = ZoneInfo(run.timezone)
    return {
        "opens": shown(run.opens, zone=zone),
        "due": shown(assignment.due, zone=zone),
        "closes": shown(run.closes, zone=zone),
    }


def _shown(at: Instant | None, *, zone: tzinfo) -> str | None:
    return None if at is None else shown(at, zone=zone)


def _task_id(task_id: str) -> int | str:
    digits = task_id.isascii() and task_id.isdigit() and len(task_id) <= _MOST_DIGITS
    return int(task_id) if digits and str(int(task_id)) == task_id else task_id
