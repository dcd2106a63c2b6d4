"""A task on a simulated host, and how the API shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from runner.simulator.options import AnswerShape


@dataclass(slots=True, eq=False)
class SimulatedTask:
    """One task; changed only by the farm that holds it. Times are Unix seconds."""

    task_id: int
    number: int
    """Counts all tasks that the host ever made, from 1: unlike an id, it never comes again."""
    serial: str
    username: str | None
    target: str | None
    script_name: str
    script_args: Mapping[str, Any] | None
    source: str
    created_at: float
    planned_at: float | None = None
    """When a `start_time` lets it begin."""
    status: TaskStatus = TaskStatus.PENDING
    retry_count: int = 0
    runs: int = 0
    """How often it was started."""
    own_retries: int = 0
    """How often the host itself put it back."""
    started_at: float | None = None
    ended_at: float | None = None
    remark: str | None = None
    turn: int = 0
    """Grows with every change, so that what was set up for an earlier turn is void."""
    shown: str | None = None
    """The task as JSON, until it changes."""

    def named(self) -> dict[str, Any]:
        """Return what the history calls the task by."""
        return {"task_id": self.task_id, "number": self.number, "serial": self.serial}


def shown_id(task: SimulatedTask, *, shape: AnswerShape) -> int | str:
    """Return a task's id as this host shows it."""
    return str(task.task_id) if shape.ids_as_text else task.task_id


def shown(task: SimulatedTask, *, shape: AnswerShape, zone: ZoneInfo) -> str:
    """Return a task as JSON, with the fields that the vendor's own interface reads."""
    if task.shown is None:
        task.shown = json.dumps(_fields(task, shape=shape, zone=zone))
    return task.shown


def _fields(task: SimulatedTask, *, shape: AnswerShape, zone: ZoneInfo) -> dict[str, Any]:
    began_at = task.started_at
    if began_at is None and shape.shows_planned_start:
        began_at = task.planned_at
    fields: dict[str, Any] = {
        "id": shown_id(task, shape=shape),
        "serial": task.serial,
        "script_name": task.script_name,
        "status": str(int(task.status)) if shape.statuses_as_text else int(task.status),
        "start_time": _local(began_at, zone=zone),
        "end_time": _local(task.ended_at, zone=zone),
        "remark": task.remark,
        "source": task.source,
        "retry_count": task.retry_count,
    }
    if task.script_args is not None:
        fields["script_args"] = json.dumps(task.script_args) if shape.args_as_text else task.script_args
    return {name: value for name, value in fields.items() if name not in shape.leaves_out}


def _local(at: float | None, *, zone: ZoneInfo) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")
