"""Poll one host: read its task lists, and record what has changed of ours."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from runner.app.host_lists import MOST_PAGES, PAGE_SIZE
from runner.app.host_session import READS_AT_ONCE
from runner.app.journal import about, event
from runner.core.body import shown_fields
from runner.core.host_state import host_state
from runner.core.likeness import Likeness, likeness
from runner.core.observe import is_ours, look
from runner.core.settle import ENOUGH_ECHOES
from runner.errors import HostError, HostRefused, HostUnclear, HostUnreached
from runner.model.instant import SECOND
from runner.model.record import EchoRecord, EchoSeen, StateChanged
from runner.model.state import TERMINAL, State
from runner.model.tikmatrix import Task, TaskFilter, TaskStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.host_lists import HostLists
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.probe import Prober
    from runner.app.retry import Retrier
    from runner.core.observe import Look
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, Change
    from runner.model.tikmatrix import Stats, TaskId

WATCH_FAILED_US = 26 * 3_600 * SECOND
"""How far back failed assignments are read: no window, and so no retry, is further away than that."""
RISES_WITHIN_US = 3_600 * SECOND
"""How long after a failure, if its window closes earlier, the lists are watched: a person may retry it."""
FAILURE_STANDS_US = 90 * SECOND
"""A host that retries by itself does so within 60 s (its user guide); after that a failure stands."""
LOOK_ANYWAY_US = 600 * SECOND
"""How often the ledger is asked what is on the host where nothing seems to change."""
LIST_ANYWAY_US = 600 * SECOND
"""How often the lists are read although nothing seems to change."""
FAILING_READS = 6
"""After so many failing reads in a row it is the host that fails, and not some of its tasks."""


class Poller:
    """Looks at our tasks on one host. One list of a hundred costs what one task costs: lists are read."""

    def __init__(
        self,
        session: HostSession,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        prober: Prober,
        retrier: Retrier,
        lists: HostLists,
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._prober = prober
        self._retrier = retrier
        self._lists = lists
        self._stats: Stats | None = None
        self._listed_at: Instant = 0
        self._failing = self._ended = False
        """Did the last poll fail, and has anything ended by the last sweep?"""
        self._look_by: Instant = 0
        """When something is to be done although the host's counts stay the same."""
        self._standing: set[tuple[AssignmentKey, Instant | None]] = set()
        """Failures that were looked at once they had stood for long enough, by when they were recorded."""
        self._unreadable: set[AssignmentKey] = set()
        """Whose tasks could not be read when they were asked for last: the others go before them."""

    async def run(self) -> None:
        """Poll for ever, each time the `poll` event is set."""
        while True:
            await self._session.poll.wait()
            self._session.poll.clear()
            await self.poll()

    async def poll(self) -> None:
        """Look once; where nothing of ours is on the host, nothing is asked."""
        if not self._session.tracking:
            return
        # Before the question: what is accepted meanwhile sets them again.
        self._session.tracking = False
        touched, self._session.touched = self._session.touched, False
        try:
            on_host = await self._look_and_retry(touched=touched)
            self._session.tracking = on_host or self._session.tracking
        except HostError as error:
            self._session.touch()
            await self._failed(error)
        except BaseException:
            self._session.touch()
            raise
        else:
            self._failing = False

    async def _look_and_retry(self, *, touched: bool) -> bool:
        """Look, and retry what is due for it; tell whether anything of ours is on the host."""
        async with self._session.looking:
            # The ledger is asked only where the host's counts have changed: thousands of records are slow.
            stale = touched or self._clock.now() >= self._look_by
            if not stale and not await self._anything_new(touched=False):
                return True
            records = await self._tracked()
            if records and (not stale or await self._anything_new(touched=touched)):
                await self._sweep(records, growing=touched)
                # The host may have put back by itself what had failed. Thousands of records are slow.
                if self._ended or any(record.state is State.FAILED for record in records):
                    records = await self._tracked()
            self._session.foreign = _foreign(self._stats, records)
            await self._retrier.retry(records)
            self._look_by = self._next_look(records)
        return bool(records)

    def _next_look(self, records: Sequence[AssignmentRecord]) -> Instant:
        """Return when a failure stands, or is to be retried, whatever the host's counts say."""
        times = []
        for record in records:
            if record.state is not State.FAILED or record.finished_at is None:
                continue
            retry = record.run.order.retry
            if (record.assignment.key, record.finished_at) not in self._standing:
                times.append(record.finished_at + FAILURE_STANDS_US)
            if retry is not None and record.attempts <= retry.attempts:
                times.append(record.finished_at + round(retry.delay.total_seconds() * SECOND))
        return min(times, default=self._clock.now() + LOOK_ANYWAY_US)

    async def _tracked(self) -> list[AssignmentRecord]:
        now = self._clock.now()
        found = await self._ledger.on_host(self._session.name, failed_since=now - WATCH_FAILED_US)
        return [record for record in found if _may_change(record, now=now)]

    async def look_at(self, records: Sequence[AssignmentRecord]) -> None:
        """Look at some assignments' tasks one by one, now.

        Raises:
            HostError: a task could not be read; what was read before is recorded.
        """
        await self._read(records, seen={})

    async def _anything_new(self, *, touched: bool) -> bool:
        # Counts may stay the same while tasks change places, so now and then the lists are read anyway.
        stats = await self._session.client.stats()
        since = self._clock.now() - self._listed_at
        same = not touched and stats == self._stats and 0 <= since < LIST_ANYWAY_US
        if _fewer_failed(stats, self._stats):
            # One rose, and may have ended again already: it need not be in any list.
            self._standing.clear()
        self._stats = stats
        return not same

    async def _sweep(self, records: Sequence[AssignmentRecord], *, growing: bool) -> None:
        stats, self._listed_at = self._stats, self._clock.now()
        self._ended = False
        self._unreadable &= {record.assignment.key for record in records}
        active: dict[TaskId, Task] = {}
        try:
            # Of what the host counts none, there is no list. Begun ones last: what begins between the two
            # lists is then in the second.
            ours = sum(len(record.tasks) for record in records if record.state not in TERMINAL)
            for status in (TaskStatus.PENDING, TaskStatus.RUNNING):
                counted = _counted(stats, status)
                if counted != 0:
                    expected = ours if counted is None else min(counted, ours)
                    active |= await self._list(status, expected=expected, growing=growing)
            await self._read(records, seen=active)
        except BaseException:
            # Not all of it was seen or recorded: the next look is a whole one.
            self._stats = None
            raise

    async def _list(self, status: TaskStatus, *, expected: int, growing: bool) -> dict[TaskId, Task]:
        """Read a list whose length is about known, its last page first, or its first one where it grows.

        A task that ends meanwhile moves those behind it to the page before, and one that is made, where the
        newest stand first, to the page after it: that one is still to be read.
        """
        found: dict[TaskId, Task] = {}
        wanted = TaskFilter(status=status, source="api")
        last = max(1, ceil(expected / PAGE_SIZE))
        goes_on = True
        known = range(1, last + 1)
        for page in (*(known if growing else reversed(known)), *range(last + 1, MOST_PAGES + 1)):
            if page > last and not goes_on:
                break
            shown = await self._session.client.tasks(wanted, page=page, page_size=PAGE_SIZE)
            fresh = {task.task_id: task for task in shown.tasks}
            if fresh and not fresh.keys() - found.keys():
                # The host turns no pages.
                break
            found |= fresh
            if page >= last:
                ends = shown.total is not None and shown.total <= page * PAGE_SIZE
                goes_on = len(shown.tasks) >= PAGE_SIZE and not ends
        return {task_id: task for task_id, task in found.items() if task.status is status}

    async def _read(self, records: Sequence[AssignmentRecord], *, seen: Mapping[TaskId, Task]) -> None:
        """Record what the lists have shown; read each task that has left them once, and record it at once."""
        stands = self._clock.now() - FAILURE_STANDS_US
        unread = [(record, self._unread(record, seen)) for record in records]
        await self._record([record for record, left in unread if not left], shown=seen)
        waiting = [(record, left) for record, left in unread if left]
        queue = iter(sorted(waiting, key=lambda one: one[0].assignment.key in self._unreadable))
        failed: list[HostError] = []
        in_a_row = 0

        async def read() -> None:
            nonlocal in_a_row
            for record, left in queue:
                try:
                    shown = {task_id: await self._lists.one(task_id) for task_id in left}
                except (HostUnclear, HostRefused) as error:
                    failed.append(error)
                    self._unreadable.add(record.assignment.key)
                    in_a_row += 1
                    if in_a_row == FAILING_READS:
                        raise
                    continue
                in_a_row = 0
                self._unreadable.discard(record.assignment.key)
                known = {task.task_id: seen[task.task_id] for task in record.tasks if task.task_id in seen}
                await self._record([record], shown={**known, **shown})
                if (record.finished_at or 0) <= stands:
                    self._standing.add((record.assignment.key, record.finished_at))

        # An error of one must not leave the others running behind our back.
        results = await asyncio.gather(*(read() for _ in range(READS_AT_ONCE)), return_exceptions=True)
        for result in (*results, *failed):
            if isinstance(result, BaseException):
                raise result

    def _unread(self, record: AssignmentRecord, seen: Mapping[TaskId, Task]) -> list[TaskId]:
        """Return the tasks that no list has shown and whose end is not certain.

        A failure is certain once a look has found it FAILURE_STANDS_US after it was recorded: before, the
        host may have put the task back, and it may have ended otherwise while nobody looked.
        """
        ended = {TaskStatus.COMPLETED}
        if record.state is State.FAILED and (record.assignment.key, record.finished_at) in self._standing:
            ended.add(TaskStatus.FAILED)
        return [
            task.task_id
            for task in record.tasks
            if not task.gone and task.task_id not in seen and task.status not in ended
        ]

    async def _record(
        self, records: Sequence[AssignmentRecord], *, shown: Mapping[TaskId, Task | None]
    ) -> None:
        at = self._clock.now()
        changes: list[Change] = []
        gone: set[TaskId] = set()
        ended = False
        for record in records:
            session = self._session
            seen = look(record, shown=shown, at=at, withdrawing=session.withdrawing, stopped=session.stopped)
            changes += observed_changes(record, seen, at=at)
            changes += self._echoes(record, shown, at=at)
            if seen.becomes is not None and seen.becomes.state in TERMINAL:
                ended = True
                gone.update(task.task_id for task in record.tasks)
            gone.update(observed.task_id for observed in seen.observed if observed.gone)
        if changes:
            await self._journal.record(changes)
        # Numbers may start again: what is told of the next task under one is not for this one to say.
        for task_id in gone:
            self._session.withdrawing.pop(task_id, None)
            self._session.stopped.pop(task_id, None)
        if ended:
            self._ended = True
            # A device is free for its next assignment.
            self._session.due.set()

    def _echoes(
        self, record: AssignmentRecord, shown: Mapping[TaskId, Task | None], *, at: Instant
    ) -> list[Change]:
        """Compare what the host shows of tasks at first sight with what was sent, until it is known."""
        known = self._session.echoes
        script_name = record.run.order.script_name
        changes: list[Change] = []
        for task in record.tasks:
            seen = shown.get(task.task_id)
            so_far = known.get(script_name) or EchoRecord(self._session.name, script_name, 0, 0)
            if seen is None or task.status is not None or not is_ours(seen, record):
                continue
            like = likeness(shown_fields(record.run, record.assignment), seen)
            if like is Likeness.UNTOLD or (like is Likeness.SAME and so_far.faithful >= ENOUGH_ECHOES):
                continue
            faithful = like is Likeness.SAME
            known[script_name] = replace(
                so_far, faithful=so_far.faithful + faithful, altered=so_far.altered + (not faithful)
            )
            changes.append(EchoSeen(self._session.name, script_name, faithful=faithful, at=at))
        return changes

    async def _failed(self, error: HostError) -> None:
        if isinstance(error, HostUnreached):
            self._prober.note(host_state(error), str(error))
        self._session.probe.set()
        # Nobody looks for a while: what had stood may rise and end unseen.
        self._standing.clear()
        if not self._failing:
            self._failing = True
            at = self._clock.now()
            reason = f"{error.request}: {error}"
            await self._journal.record([event("poll.failed", at=at, host=self._session.name, reason=reason)])


def _foreign(stats: Stats | None, records: Sequence[AssignmentRecord]) -> int | None:
    """Return how many tasks of others a host counts; for a moment, one that is being made is among them."""
    if stats is None or stats.pending is None or stats.running is None or not records:
        return None
    ended = {TaskStatus.COMPLETED, TaskStatus.FAILED}
    ours = sum(not task.gone and task.status not in ended for record in records for task in record.tasks)
    return max(stats.pending + stats.running - ours, 0)


def _counted(stats: Stats | None, status: TaskStatus) -> int | None:
    """Return how many tasks a host counts, others' among them; None where it does not tell."""
    if stats is None:
        return None
    return stats.pending if status is TaskStatus.PENDING else stats.running


def _fewer_failed(stats: Stats, before: Stats | None) -> bool:
    if before is None or before.failed is None or stats.failed is None:
        return False
    return stats.failed < before.failed


def observed_changes(record: AssignmentRecord, seen: Look, *, at: Instant) -> list[Change]:
    """Return the changes and events that one look at an assignment's tasks leads to."""
    named = about(record)
    changes: list[Change] = []
    for observed in seen.observed:
        changes.append(observed)
        if observed.gone:
            changes.append(event("task.gone", at=at, **named, task_ids=[observed.task_id]))
            continue
        status = None if observed.status is None else observed.status.name.lower()
        fields = {"status": status, "reason": observed.remark, "retry_count": observed.retry_count}
        changes.append(event("task.observed", at=at, **named, task_ids=[observed.task_id], **fields))
    changes += [event("task.mismatched", at=at, **named, task_ids=[task_id]) for task_id in seen.mismatched]
    if seen.becomes is not None:
        changes += state_changes(record, seen.becomes.state, reason=seen.becomes.reason, at=at)
    return changes


def state_changes(
    record: AssignmentRecord, becomes: State, *, reason: str | None, at: Instant
) -> list[Change]:
    """Return the change of an assignment's state, and the event that tells it."""
    ended = becomes in TERMINAL
    duration = None
    if ended and record.submitted_at is not None:
        duration = round((at - record.submitted_at) / SECOND, 3)
    change = StateChanged(
        record.assignment.key, record.state, becomes, reason=reason, finished_at=at if ended else None
    )
    told = event(
        f"assignment.{becomes}",
        at=at,
        **about(record),
        state=becomes,
        reason=reason,
        task_ids=[task.task_id for task in record.tasks],
        duration_seconds=duration,
    )
    return [change, told]


def _may_change(record: AssignmentRecord, *, now: Instant) -> bool:
    """Tell whether an assignment has not ended, may rise again, or is to be retried.

    As long as its window is open, somebody may put it back on the host; at the close it has to be taken back.
    """
    return (
        record.state is not State.FAILED
        or record.run.closes > now
        or (record.finished_at or 0) > now - RISES_WITHIN_US
    )
