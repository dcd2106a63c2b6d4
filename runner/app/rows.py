"""Say facts in the words of `--format json` and of the web API: names that users' scripts rely on.

Times are ISO 8601 with the offset of the campaign's zone, or of the config's where no campaign is meant.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from runner.model.campaign import TargetKind
from runner.model.halt import Fate, HaltScope
from runner.model.instant import SECOND, shown
from runner.model.record import HoldScope, HostState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from runner.adapters.ledger import StoredEvent
    from runner.app.report import CampaignStanding, Life, Status
    from runner.app.resolve_day import UnknownOfDay
    from runner.app.trigger import Triggering
    from runner.app.why import Occurrence
    from runner.core.edit import Step
    from runner.errors import Problem
    from runner.model.content import Row
    from runner.model.halt import HaltStanding
    from runner.model.history import DailySum
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, Run
    from runner.model.record import (
        AssignmentRecord,
        BoundTask,
        Hold,
        HostRecord,
        IntentRecord,
        RunRecord,
    )
    from runner.model.settings import Host, Settings

_RUNS_AT_ONCE = 1_000
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
        "repeats": None if step.repeats is None else step.repeats.assignment.key,
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


def halt_row(standing: HaltStanding, *, timezone: str) -> dict[str, Any]:
    """Return a halt with how far it is."""
    halt = standing.halt
    zone = ZoneInfo(timezone)
    return {
        "number": halt.id,
        "depth": halt.depth.value,
        "scope": halt.scope.value,
        "campaign": halt.subject if halt.scope is HaltScope.CAMPAIGN else None,
        "host": halt.subject if halt.scope is HaltScope.HOST else None,
        "key": halt.subject if halt.scope is HaltScope.ASSIGNMENT else None,
        "owner": halt.owner,
        "reason": halt.reason,
        "at": shown(halt.at, zone=zone),
        **{fate.value: standing.fates.get(fate, 0) for fate in Fate},
        "open": standing.open,
    }


def trigger_row(asked: Triggering, outcome: str | None, *, most: int | None = None) -> dict[str, Any]:
    """Return what was triggered and what has become of it; at most `most` assignments are named."""
    keys = [assignment.key for run in asked.runs for assignment in run.assignments]
    return {
        "campaign": asked.wish.campaign,
        "script": asked.wish.script,
        "target": asked.wish.target,
        "assignments": len(keys),
        "keys": keys[:most],
        "outcome": outcome,
        "until": shown(asked.closes),
        "obstacles": list(asked.obstacles),
    }


def occurrence_row(one: Occurrence) -> dict[str, Any]:
    """Return an occurrence with how it went, or why it did not."""
    state = None if one.state is None else one.state.value
    return plan_row(one.run, one.assignment) | {"state": state, "ran": one.ran, "reason": one.reason or None}


def resolved_day_row(
    found: UnknownOfDay, outcomes: Mapping[str | None, int] | None, *, most: int | None = None
) -> dict[str, Any]:
    """Return what a decision about a campaign's day would do, and with `outcomes` what it has done.

    At most `most` assignments are named.
    """
    return {
        "campaign": found.campaign,
        "date": found.day.isoformat(),
        "act": found.act.value,
        "able": len(found.able),
        "items": [result_row(record) for record in found.able[:most]],
        "left": [{"reason": why, "count": count} for why, count in found.left.items()],
        "done": None
        if outcomes is None
        else [{"outcome": outcome, "count": count} for outcome, count in outcomes.items()],
    }


def event_row(stored: StoredEvent, *, zone: tzinfo) -> dict[str, Any]:
    """Return an event of the audit log with its fields, whose names are those of the log."""
    event = stored.event
    row = {"id": stored.id, "at": shown(event.at, zone=zone), "event": event.name}
    return row | {name: value for name, value in event.fields.items() if name not in row}


def status_row(status: Status, *, settings: Settings) -> dict[str, Any]:
    """Return how things stand."""
    zone = ZoneInfo(settings.timezone)
    beat = status.last_beat
    return {
        "now": shown(status.now, zone=zone),
        "date": status.today.isoformat(),
        "daemon": {
            "alive": status.alive,
            "stuck": status.stuck,
            "last_beat": _shown(beat, zone=zone),
            "age_seconds": None if beat is None else round((status.now - beat) / SECOND, 3),
        },
        "states": {state.value: count for state, count in status.counts.items()},
        "pauses": [hold_row(hold, timezone=settings.timezone) for hold in status.holds],
        "hosts": [
            host_row(host, record, zone=zone)
            for host, record in zip(settings.hosts.values(), status.hosts, strict=True)
        ],
        "campaigns": [_standing_row(known, zone=zone) for known in status.campaigns],
        "running": [result_row(record) for record in status.running],
        "next": [result_row(record) for record in status.coming],
        "failed": [result_row(record) for record in status.faults],
    }


def host_row(host: Host, record: HostRecord | None, *, zone: tzinfo) -> dict[str, Any]:
    """Return a host as it answered last; None where it has not been asked yet."""
    return {
        "host": host.name,
        "url": host.url,
        "state": record.state.value if record else HostState.UNKNOWN.value,
        "detail": record and record.detail,
        "plan_name": record and record.plan_name,
        "device_limit": record and record.device_limit,
        "since": record and shown(record.at, zone=zone),
    }


def life_row(life: Life) -> dict[str, Any]:
    """Return an assignment with its whole life."""
    run = life.record.run
    zone = ZoneInfo(run.timezone)
    return result_row(life.record) | {
        "window": run.window,
        "group": life.record.assignment.group,
        "index": life.record.assignment.index,
        "row": content_row(life.record.assignment.row),
        "tasks": [task_row(task, zone=zone) for task in life.record.tasks],
        "intents": [intent_row(intent, zone=zone) for intent in life.intents],
        "events": [event_row(stored, zone=zone) for stored in life.events],
    }


def _standing_row(known: CampaignStanding, *, zone: tzinfo) -> dict[str, Any]:
    return {
        "campaign": known.campaign or None,
        "file": known.file,
        "in_force": known.in_force,
        "rejected": known.rejected,
        "standing": known.standing,
        "accepted_at": _shown(known.accepted_at, zone=zone),
    }


def _times(run: Run, assignment: Assignment) -> dict[str, str]:
    opens, closes = _window_shown(run.opens, run.closes, run.timezone)
    return {
        "opens": opens,
        "due": shown(assignment.due, zone=ZoneInfo(run.timezone)),
        "closes": closes,
    }


@lru_cache(maxsize=_RUNS_AT_ONCE)
def _window_shown(opens: Instant, closes: Instant, timezone: str) -> tuple[str, str]:
    # All assignments of a run have the same: there may be thousands.
    zone = ZoneInfo(timezone)
    return shown(opens, zone=zone), shown(closes, zone=zone)


def _shown(at: Instant | None, *, zone: tzinfo) -> str | None:
    return None if at is None else shown(at, zone=zone)


def _task_id(task_id: str) -> int | str:
    digits = task_id.isascii() and task_id.isdigit() and len(task_id) <= _MOST_DIGITS
    return int(task_id) if digits and str(int(task_id)) == task_id else task_id
