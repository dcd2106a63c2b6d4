"""Whether a failed assignment is to be tried again now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from runner.model.state import State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord
    from runner.model.tikmatrix import TaskId


def retry_due(record: AssignmentRecord, *, now: Instant, deadline_us: int) -> tuple[TaskId, ...]:
    """Return the tasks of a failed assignment that are to be retried now; none where it is not due for it.

    It is due once its campaign's delay has passed since it failed, as long as attempts are left and the
    window stays open for the whole request (`deadline_us`, microseconds). The first attempt was the
    submission itself.
    """
    retry = record.run.order.retry
    if record.state is not State.FAILED or retry is None or record.finished_at is None:
        return ()
    if not 1 <= record.attempts <= retry.attempts:
        return ()
    ready = record.finished_at + retry.delay // timedelta(microseconds=1)
    if now < ready or now + deadline_us >= record.run.closes:
        return ()
    return tuple(task.task_id for task in record.tasks if task.status is TaskStatus.FAILED and not task.gone)
