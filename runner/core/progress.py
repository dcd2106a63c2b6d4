"""From what a host shows of an assignment's tasks to the assignment's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.halt import TAKEN_BACK
from runner.model.state import State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.record import BoundTask

WITHDRAWN = "withdrawn: its window had closed before the host began it"
"""The remark of a task that we took back ourselves."""
DELETED = "deleted on the host"
NO_REMARK = "failed on the host, which gives no reason"

_BEGUN = frozenset({TaskStatus.RUNNING, TaskStatus.COMPLETED, TaskStatus.FAILED})


@dataclass(frozen=True, slots=True)
class Progress:
    """The state that follows from an assignment's tasks; `failed`, `expired`, `cancelled` have a reason."""

    state: State
    reason: str | None = None


def progress(tasks: Sequence[BoundTask], *, expected: int | None = None) -> Progress:
    """Return how far an assignment is by its tasks.

    It is running as soon as one of its tasks has begun and until the last has ended, and completed only if
    all of them are. A task that is gone counts as it was last seen: one that had ended keeps its result, one
    that had not never will. A task that was never looked at, or an assignment of which no task is known yet,
    waits. What has not completed because we withdrew it has expired, or is cancelled where a person wanted
    that. `expected` is how many tasks there ought to be, None where only the host knows: where fewer are
    known of, the assignment cannot complete.
    """
    awaited = [task for task in tasks if not _ended(task)]
    if awaited or not tasks:
        begun = any(task.status in _BEGUN for task in tasks)
        return Progress(State.RUNNING if begun else State.SUBMITTED)
    failed = [task for task in tasks if task.status is not TaskStatus.COMPLETED]
    if not failed:
        if expected is not None and len(tasks) < expected:
            return Progress(
                State.FAILED, f"only {len(tasks)} of its {expected} tasks are known to have been made"
            )
        return Progress(State.COMPLETED)
    state = State.FAILED
    if all(_is_withdrawn(task) for task in failed):
        state = State.EXPIRED if all(task.remark == WITHDRAWN for task in failed) else State.CANCELLED
    reason = "; ".join(dict.fromkeys(_why(task) for task in failed))
    share = f"{len(failed)} of {len(tasks)} tasks: " if len(tasks) > 1 else ""
    return Progress(state, reason=share + reason)


def _ended(task: BoundTask) -> bool:
    return task.gone or task.status in {TaskStatus.COMPLETED, TaskStatus.FAILED}


def _why(task: BoundTask) -> str:
    if task.status is TaskStatus.FAILED:
        return task.remark or NO_REMARK
    return (task.remark or DELETED) if _is_withdrawn(task) else DELETED


def _is_withdrawn(task: BoundTask) -> bool:
    remark = task.remark or ""
    return task.gone and (remark == WITHDRAWN or remark.startswith(TAKEN_BACK))
