"""What follows from looking at an assignment's tasks on the host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from runner.core.progress import Progress, progress
from runner.core.transition import may_become
from runner.model.campaign import TargetKind
from runner.model.record import TaskObserved
from runner.model.state import TERMINAL, State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.model.campaign import Target
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, BoundTask
    from runner.model.tikmatrix import Task, TaskId


FORGOTTEN = "the host shows other work under its number: its list was cleared, and the result is not known"


_ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED})
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at an assignment's tasks has shown."""

    observed: tuple[TaskObserved, ...]
    """Only what differs from the last look."""
    mismatched: tuple[TaskId, ...]
    """Tasks under whose number the host shows other work: ours are gone."""
    becomes: Progress | None
    """The assignment's new state, None where it stays as it is."""


def look(
    record: AssignmentRecord,
    *,
    shown: Mapping[TaskId, Task | None],
    at: Instant,
    withdrawing: Mapping[TaskId, str] = NOTHING,
    stopped: Mapping[TaskId, str] = NOTHING,
) -> Look:
    """Compare what a host shows with what was last known of an assignment's tasks.

    `shown` holds the tasks that were looked at: a task as the host shows it, None where the host has none.
    Tasks that are not in it were not looked at and stay as they are. `withdrawing` names tasks that we have
    asked the host to delete, with the remark for it: one that had not ended and is gone was withdrawn,
    whatever the answer was. `stopped` names those that were stopped for a person, with the words for that:
    what fails then is cancelled.
    """
    observed: list[TaskObserved] = []
    mismatched: list[TaskId] = []
    host = record.assignment.target.host
    tasks: list[BoundTask] = []
    for task in record.tasks:
        known = task
        if task.task_id in shown and not task.gone:
            seen = shown[task.task_id]
            if seen is not None and not is_ours(seen, record):
                # A host has one task under a number: ours is not there any more. To go on as if it were
                # would one day stop or delete the other one (promise 6).
                mismatched.append(task.task_id)
                change: TaskObserved | None = no_longer(task, host=host, remark=FORGOTTEN, at=at)
            elif seen is None and task.task_id in withdrawing and task.status not in _ENDED:
                change = no_longer(task, host=host, remark=withdrawing[task.task_id], at=at)
            else:
                change = _difference(task, seen, host=host, at=at)
            if change is not None:
                observed.append(change)
                known = replace(task, status=change.status, gone=change.gone, remark=change.remark)
        tasks.append(known)
    if mismatched and may_become(record.state, becomes=State.UNKNOWN):
        return Look(tuple(observed), tuple(mismatched), Progress(State.UNKNOWN, FORGOTTEN))
    # What has no tasks was never accepted: nothing that a host shows changes it.
    becomes = _becomes(record, progress(tasks, expected=record.run.order.expected_tasks)) if tasks else None
    return Look(tuple(observed), tuple(mismatched), _by_a_person(becomes, tasks, stopped))


def is_ours(seen: Task, record: AssignmentRecord) -> bool:
    """Tell whether what the host shows under the number of an assignment's task can be that task."""
    # Numbers start again after "clear all": a status counts only if device and script are the expected ones.
    return in_lane(seen, record.assignment.target, script_name=record.run.order.script_name)


def in_lane(seen: Task, target: Target, *, script_name: str) -> bool:
    """Tell whether a task can be one of a script for a target that was made by the API.

    What the host does not show counts as right; in account mode the host chooses the device.
    """
    if seen.source is not None and seen.source != "api":
        return False
    if seen.script_name is not None and seen.script_name != script_name:
        return False
    if target.kind is TargetKind.SERIAL:
        return seen.serial is None or seen.serial == target.name
    return seen.username is None or seen.username == target.name


def is_another(seen: Task, known: BoundTask, *, record: AssignmentRecord) -> bool:
    """Tell whether a task surely is not the one known under its number: numbers have started again."""
    if not is_ours(seen, record):
        return True
    if known.status not in _ENDED:
        return False
    # A host puts a task back only by a retry, which it counts; and an ended one keeps its times.
    if (seen.retry_count or 0) > (known.retry_count or 0):
        return False
    if known.status is TaskStatus.COMPLETED and seen.status is not TaskStatus.COMPLETED:
        return True
    return None not in {known.start_time, seen.start_time} and known.start_time != seen.start_time


def _difference(task: BoundTask, seen: Task | None, *, host: str, at: Instant) -> TaskObserved | None:
    if seen is None:
        return no_longer(task, host=host, remark=task.remark, at=at)
    status = task.status if seen.status is None else seen.status
    before = (task.status, task.remark, task.retry_count, task.start_time, task.end_time)
    after = (status, seen.remark, seen.retry_count, seen.start_time, seen.end_time)
    if before == after:
        return None
    return TaskObserved(
        host,
        task.task_id,
        status,
        gone=False,
        remark=seen.remark,
        retry_count=seen.retry_count,
        start_time=seen.start_time,
        end_time=seen.end_time,
        at=at,
    )


def no_longer(task: BoundTask, *, host: str, remark: str | None, at: Instant) -> TaskObserved:
    """Return what is recorded of a task that the host no longer has: it keeps its last status."""
    return TaskObserved(
        host,
        task.task_id,
        task.status,
        gone=True,
        remark=remark,
        retry_count=task.retry_count,
        start_time=task.start_time,
        end_time=task.end_time,
        at=at,
    )


def _by_a_person(
    becomes: Progress | None, tasks: Sequence[BoundTask], stopped: Mapping[TaskId, str]
) -> Progress | None:
    """Return how far an assignment is, where a failure of it may be that it was stopped for a person."""
    words = next((stopped[task.task_id] for task in tasks if task.task_id in stopped), None)
    if becomes is None or becomes.state is not State.FAILED or words is None:
        return becomes
    return Progress(State.CANCELLED, words + (f" ({becomes.reason})" if becomes.reason else ""))


def _becomes(record: AssignmentRecord, now: Progress) -> Progress | None:
    if now.state is record.state or not may_become(record.state, becomes=now.state):
        return None
    # A result that was recorded is not taken back because the host has forgotten the task.
    if record.state in TERMINAL and now.state in TERMINAL and now.reason is not None:
        return None
    return now
