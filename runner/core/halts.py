"""What a halt still has to do with one assignment, by what has become of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.halt import Depth, Fate
from runner.model.state import ON_HOST, State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.halt import Halt
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord

_NOT_BEGUN = frozenset({None, TaskStatus.PENDING})


@dataclass(frozen=True, slots=True)
class Cancel:
    """It is not on a host, and must not get there any more: it is to be cancelled."""

    reason: str


def fate_of(halt: Halt, record: AssignmentRecord, *, now: Instant, reachable: bool) -> Fate | Cancel | None:
    """Return what has become of an assignment that was under way when a halt was given; None: not known yet.

    `reachable` is False where the config no longer has its host, so that nobody can take it back.
    """
    state = record.state
    if state is State.PLANNED:
        # Its request was not sent, or has made nothing.
        return Cancel(halt.words)
    if state is State.SUBMITTING:
        return None
    if state in ON_HOST:
        return None if reachable and _has_to_go(halt, record) else Fate.LEFT
    if state is State.CANCELLED:
        by_hand = any(task.status is TaskStatus.FAILED for task in record.tasks)
        return Fate.STOPPED if by_hand else Fate.WITHDRAWN
    if state is State.FAILED and not halt.keeps_planned and _may_be_retried(record, now=now):
        return Cancel(f"{halt.words}, after it had failed: {record.reason}")
    return Fate.UNKNOWN if state is State.UNKNOWN else Fate.ENDED


def deepest(halts: Iterable[Halt]) -> Halt:
    """Return the halt that goes furthest, the latest of those."""
    return max(halts, key=lambda halt: (halt.depth is Depth.STOP, halt.id))


def _has_to_go(halt: Halt, record: AssignmentRecord) -> bool:
    if halt.depth is Depth.STOP:
        return True
    # Of no task of an adopted request is known yet whether it has begun.
    return not record.tasks or any(not task.gone and task.status in _NOT_BEGUN for task in record.tasks)


def _may_be_retried(record: AssignmentRecord, *, now: Instant) -> bool:
    retry = record.run.order.retry
    return retry is not None and record.attempts <= retry.attempts and record.run.closes > now
