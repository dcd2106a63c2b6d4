"""Retry failed tasks on their host, as often and as late as their campaign asks, inside the window."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.app.restraints import use_of
from runner.core.limits import frees_at
from runner.core.observe import is_ours
from runner.core.retry import retry_due
from runner.errors import HostError, HostRefused, HostUnreached, LimitReached, WorkHalted, WorkHeld
from runner.model.record import Act, IntentClosed, IntentOpened, Outcome, StateChanged, TaskObserved
from runner.model.state import State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.adapters.clock import Clock
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, Change
    from runner.model.tikmatrix import TaskId


class Retrier:
    """Asks one host to try failed tasks of ours again; never other people's, so never `retry-all`.

    A retry whose answer is lost counts as made: at worst a task is tried once less than the campaign allows.
    """

    def __init__(self, session: HostSession, *, journal: Journal, clock: Clock) -> None:
        self._session = session
        self._journal = journal
        self._clock = clock
        self._not_before: dict[AssignmentKey, Instant] = {}
        """Until when a limit holds a retry back; empty after a start, and then found out again."""

    async def retry(self, records: Sequence[AssignmentRecord]) -> None:
        """Retry what is due for it among assignments as they were last read."""
        now = self._clock.now()
        waiting = [one for one in records if retry_due(one, now=now, deadline_us=self._session.timeout_us)]
        for record in waiting:
            if self._session.stopping:
                return
            # Each takes a while on the host.
            now = self._clock.now()
            due = retry_due(record, now=now, deadline_us=self._session.timeout_us)
            if due and self._is_kept_back(record, now=now):
                continue
            failed = [task_id for task_id in due if await self._still_failed(record, task_id)]
            if failed:
                await self._retry(record, failed)

    def _is_kept_back(self, record: AssignmentRecord, *, now: Instant) -> bool:
        session = self._session
        if now < self._not_before.get(record.assignment.key, now):
            return True
        if session.restraints.quiet_until(now=now, deadline_us=session.timeout_us) is not None:
            return True
        return (
            session.restraints.hold_on(campaign=record.run.campaign, host=session.name, now=now) is not None
        )

    async def _still_failed(self, record: AssignmentRecord, task_id: TaskId) -> bool:
        # Its number may be somebody else's by now, or the host has retried it already.
        try:
            seen = await self._session.client.task(task_id)
        except HostRefused:
            return False
        return seen.status is TaskStatus.FAILED and is_ours(seen, record)

    async def _retry(self, record: AssignmentRecord, failed: Sequence[TaskId]) -> None:
        at = self._clock.now()
        key = record.assignment.key
        body = json.dumps({"task_ids": list(failed)})
        intent = IntentOpened(
            f"{at}.{key}",
            key,
            self._session.name,
            Act.RETRY,
            record.attempts + 1,
            body,
            "",
            at,
            use=use_of(record),
            reservations=self._session.restraints.reservations(record, now=at),
        )
        try:
            await self._journal.record([intent, StateChanged(key, State.FAILED, State.SUBMITTING)])
        except LimitReached as error:
            waiting = {known: until for known, until in self._not_before.items() if until > at}
            self._not_before = waiting | {key: max(frees_at(full) for full in error.full)}
            return
        except WorkHeld as error:
            self._session.restraints.learn(error.hold)
            return
        except WorkHalted:
            return
        self._not_before.pop(key, None)
        outcome, detail = await self._ask(failed)
        at = self._clock.now()
        accepted = outcome is Outcome.ACCEPTED
        becomes = State.SUBMITTED if accepted else State.FAILED
        name = "task.retried" if accepted else "task.retry_failed"
        fields = {**about(record), "task_ids": list(failed), "attempt": intent.attempt, "reason": detail}
        told: list[Change] = [event(name, at=at, **fields)]
        if accepted:
            # What was last seen of them is that they failed, which is over.
            told += [_waiting_again(self._session.name, task_id, at=at) for task_id in failed]
            told.append(event("assignment.submitted", at=at, **about(record), state=becomes))
        change = StateChanged(
            key,
            State.SUBMITTING,
            becomes,
            attempts=record.attempts if outcome is Outcome.NOT_SENT else intent.attempt,
            reason=None if accepted else record.reason,
            finished_at=None if accepted else at,
        )
        # It may have happened on the host: it must get on disk, however long the store does not work.
        noted = self._journal.note([IntentClosed(intent.intent_id, outcome, detail, at), change, *told])
        await asyncio.shield(noted)
        if accepted:
            self._session.touch()

    async def _ask(self, failed: Sequence[TaskId]) -> tuple[Outcome, str | None]:
        begun = False
        for task_id in failed:
            try:
                await self._session.client.retry(task_id)
            except HostUnreached as error:
                return (Outcome.ACCEPTED if begun else Outcome.NOT_SENT), str(error)
            except HostRefused as error:
                return (Outcome.ACCEPTED if begun else Outcome.REFUSED), str(error)
            except HostError as error:
                return Outcome.UNSETTLED, str(error)
            begun = True
        return Outcome.ACCEPTED, None


def _waiting_again(host: str, task_id: TaskId, *, at: Instant) -> TaskObserved:
    return TaskObserved(
        host,
        task_id,
        TaskStatus.PENDING,
        gone=False,
        remark=None,
        retry_count=None,
        start_time=None,
        end_time=None,
        at=at,
    )
