"""Whether the answer to a create proves what it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.model.tikmatrix import Created, TaskId


@dataclass(frozen=True, slots=True)
class Accepted:
    """The host has made these tasks, and they are ours."""

    task_ids: tuple[TaskId, ...]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The host said yes, but not so that its tasks could be bound: look before anything else is done."""

    detail: str


Settlement: TypeAlias = Accepted | Doubtful


def settle_create(
    created: Created, *, expected: int | None, already_there: Callable[[TaskId], bool]
) -> Settlement:
    """Decide whether a successful answer is beyond doubt.

    `expected` is how many tasks the submission makes, None where only the host knows; then the host's own
    count has to vouch for the list. `already_there` tells whether the host had a task of that number before
    the request: then it is not a new one.
    """
    doubts = _doubts(created, expected=expected, already_there=already_there)
    first = next(doubts, None)
    return Accepted(created.task_ids) if first is None else Doubtful(first)


def _doubts(
    created: Created, *, expected: int | None, already_there: Callable[[TaskId], bool]
) -> Iterator[str]:
    ids, counted = created.task_ids, created.created_count
    if not ids:
        yield "the answer names no task"
    if len(set(ids)) != len(ids):
        yield f"the answer names a task twice: {', '.join(ids)}"
    if counted is not None and counted != len(ids):
        yield f"the answer names {len(ids)} tasks and counts {counted}"
    if expected is not None and expected != len(ids):
        yield f"the answer names {len(ids)} tasks where {expected} were expected"
    if expected is None and counted is None:
        yield f"the answer names {len(ids)} tasks, and nothing tells whether that is all"
    known = [task_id for task_id in ids if already_there(task_id)]
    if known:
        yield f"the answer names tasks that were there before: {', '.join(known)}"
