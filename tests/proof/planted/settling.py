"""Wrong ways to settle what a lost answer did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proof.planted.grafting import grafted
from runner.app import settle
from runner.core.settle import Absent, Adopt, GiveUp

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def any_newest_adopted() -> AbstractContextManager[None]:
    """Take the newest tasks of the device for ours, whatever they are."""
    fitting = settle.settle

    def greedy(doubt: Any, reading: Any, **others: Any) -> Any:
        newest = sorted(reading.candidates, key=lambda task: int(task.task_id), reverse=True)
        if newest:
            return Adopt(tuple(task.task_id for task in newest[: doubt.expected or 1]))
        return fitting(doubt, reading, **others)

    return grafted((settle, "settle", greedy))


def absent_at_first_look() -> AbstractContextManager[None]:
    """Believe the first list that does not show it."""
    fitting = settle.settle

    def hasty(doubt: Any, reading: Any, **others: Any) -> Any:
        verdict = fitting(doubt, reading, **others)
        return verdict if reading.candidates or isinstance(verdict, GiveUp) else Absent()

    return grafted((settle, "settle", hasty))
