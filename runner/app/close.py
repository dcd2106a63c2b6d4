"""Close windows: tell what was missed, and take back what campaigns do not leave on a host."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from runner.app.gate import skipped
from runner.app.journal import about, event
from runner.app.poll import state_changes
from runner.app.restraints import held_words
from runner.core.admit import Circumstances, Refused, Times, admit
from runner.core.after import needed_by, unmet_in_words
from runner.core.ahead import waits_on_host
from runner.core.limits import Exhausted
from runner.core.observe import no_longer
from runner.core.progress import WITHDRAWN, progress
from runner.core.transition import may_become
from runner.errors import HostError, HostRefused, HostUnreached, LedgerConflict
from runner.model.campaign import AtClose
from runner.model.halt import Depth
from runner.model.record import (
    Act,
    HostState,
    IntentClosed,
    IntentOpened,
    Outcome,
    StateChanged,
)
from runner.model.state import ON_HOST, TERMINAL, State
from runner.model.tikmatrix import Code, TaskStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.poll import Poller
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, BoundTask, Change

_States: TypeAlias = "Mapping[AssignmentKey, tuple[State, str | None]]"
PAGE = 2_000
"""Missed assignments that are written at once."""
AT_ONCE = 4
"""So many are taken back at once: a host whose answers take a second has hundreds of ours."""
FAILING_IN_A_ROW = 6
"""After so many failing requests in a row it is the host that fails, and not some of its tasks."""
MOST_CONFLICTS = 5
"""A conflict that comes more often with the very same assignments is no coincidence."""


async def tell_missed(
    ledger: Ledger, *, journal: Journal, sessions: Mapping[str, HostSession], now: Instant
) -> int:
    """Record as missed or skipped what is planned in windows that have closed; return how many there were.

    Raises:
        LedgerError: the store could not be read or written; what was told before that stands.
    """
    told = conflicts = 0
    seen: list[AssignmentKey] = []
    while records := await ledger.closing(now=now, limit=PAGE, states=(State.PLANNED,)):
        records, needed = await _needed_first(records, ledger=ledger)
        hosts = {record.assignment.target.host for record in records}
        there = [record for host in sorted(hosts) for record in await ledger.on_host(host)]
        doubtful = [record for host in sorted(hosts) for record in await ledger.submitting(host)]
        changes: list[Change] = []
        for record in records:
            session = sessions.get(record.assignment.target.host)
            why = None if session is None else _why_skipped(record, session, needed=needed, now=now)
            if why is not None:
                changes += skipped(record, reason=why, at=now)
                continue
            reason = _why_missed(record, sessions, there=there, doubtful=doubtful, now=now)
            key, due = record.assignment.key, record.assignment.due
            told_so = event(
                "assignment.missed", at=now, **about(record), state=State.MISSED, reason=reason, due=due
            )
            changes += [
                StateChanged(key, State.PLANNED, State.MISSED, reason=reason, finished_at=now),
                told_so,
            ]
        try:
            await journal.record(changes)
        except LedgerConflict:
            # An edit or the submitter was quicker with some of them, which are then others at the next look;
            # it may be so with each of hundreds after the clock was set.
            before, seen = seen, [record.assignment.key for record in records]
            conflicts = conflicts + 1 if before == seen else 1
            if conflicts == MOST_CONFLICTS:
                raise
            continue
        told += len(records)
    return told


async def _needed_first(
    records: list[AssignmentRecord], *, ledger: Ledger
) -> tuple[list[AssignmentRecord], _States]:
    """Return what does not wait for others among the records, and what became of all that they need.

    What waits comes with a later look, when it is told already what became of those others.
    """
    needs = {
        record.assignment.key: needed_by(record.run, record.assignment.target)
        for record in records
        if record.run.order.after
    }
    if not needs:
        return records, {}
    keys = {record.assignment.key for record in records}
    first = [record for record in records if keys.isdisjoint(needs.get(record.assignment.key, ()))]
    needed = await ledger.states({key for of_one in needs.values() for key in of_one})
    return first or records, needed


def _why_skipped(
    record: AssignmentRecord, session: HostSession, *, needed: _States, now: Instant
) -> str | None:
    restraints = session.restraints
    hold = restraints.hold_on(campaign=record.run.campaign, host=session.name, now=now)
    if hold is not None:
        return held_words(hold)
    unmet = _unmet(record, session, needed=needed)
    if unmet is not None:
        return unmet
    quiet = restraints.quiet(
        now=record.assignment.due,
        deadline_us=session.timeout_us,
        last_moment=record.run.closes - session.timeout_us,
    )
    return quiet.reason if isinstance(quiet, Exhausted) else None


def _unmet(record: AssignmentRecord, session: HostSession, *, needed: _States) -> str | None:
    was_away = session.awake_since >= record.run.closes - session.timeout_us
    for key, script in needed_by(record.run, record.assignment.target).items():
        state, reason = needed.get(key, (None, None))
        # What became of it while nobody looked is not known: then that is the reason.
        open_still = state is not None and state not in TERMINAL
        if state is not State.COMPLETED and not (open_still and was_away):
            return unmet_in_words(script, state=state, reason=reason)
    return None


def _why_missed(
    record: AssignmentRecord,
    sessions: Mapping[str, HostSession],
    *,
    there: Sequence[AssignmentRecord],
    doubtful: Sequence[AssignmentRecord],
    now: Instant,
) -> str:
    target = record.assignment.target
    session = sessions.get(target.host)
    if session is None:
        return f"the config has no host {target.host} any more"
    refused = admit(
        Times(record.assignment.due, record.run.opens, record.run.closes),
        now=now,
        deadline_us=session.timeout_us,
        circumstances=Circumstances(
            session.state,
            lane_unsettled=any(other.assignment.target == target for other in doubtful),
            target_busy=any(
                other.assignment.target == target and not waits_on_host(other, now=now) for other in there
            ),
            in_flight=sum(other.assignment.target.host == target.host for other in there),
            in_flight_limit=session.host.in_flight,
        ),
        awake_since=session.awake_since,
    )
    reason = refused.reason if isinstance(refused, Refused) else "its window has closed"
    not_ready = session.detail if session.state is not HostState.READY else session.unreadable
    return f"{reason} ({not_ready})" if not_ready else reason


class _Cause(NamedTuple):
    """Why something is taken back, and how far."""

    stops: bool
    """Is what runs stopped, too?"""
    remark: str
    """What is remembered of a task that was deleted."""
    words: str | None
    """The reason of what is stopped for a person; None where the window has closed."""


class Closer:
    """Withdraws or stops, on one host, what is ours and is to go: its window closes, or a person says so."""

    def __init__(
        self, session: HostSession, *, ledger: Ledger, journal: Journal, clock: Clock, poller: Poller
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._poller = poller
        self._stopped: set[str] = set()
        self._numbers = count(1)
        """Two withdrawals of one assignment may begin at one instant."""

    async def remember(self) -> None:
        """Learn of deletions before a stop whose answers may have been lost; before anybody looks."""
        name = self._session.name
        tried = await self._ledger.tasks_in_doubt(name)
        self._session.withdrawing |= {task_id: remark or WITHDRAWN for task_id, remark in tried.items()}
        self._session.stopped |= await self._ledger.stopped_tasks(name)

    async def run(self) -> None:
        """Close for ever, each time the `close` event is set."""
        while True:
            await self._session.close.wait()
            self._session.close.clear()
            if self._session.state is HostState.READY:
                await self.close()

    async def close(self) -> None:
        """Look at what has to go, then take it back; errors leave it for later, and hold no other up."""
        failed: list[HostError] = []
        # All that waits first: of what is stopped, the host gives the place to the next in line.
        in_a_row = 0
        for act in (self._withdraw, self._stop):
            to_do = await self._to_take_back()
            while to_do and in_a_row < FAILING_IN_A_ROW:
                some, to_do = to_do[:AT_ONCE], to_do[AT_ONCE:]
                async with self._session.looking:
                    results = await asyncio.gather(
                        *(self._look_and(act, record) for record in some), return_exceptions=True
                    )
                for result in results:
                    if isinstance(result, BaseException) and not isinstance(result, HostError):
                        raise result
                errors = [result for result in results if isinstance(result, HostError)]
                failed += errors
                in_a_row = in_a_row + len(errors) if len(errors) == len(results) else 0
                if any(isinstance(error, HostUnreached) for error in errors):
                    in_a_row = FAILING_IN_A_ROW
        if failed:
            at = self._clock.now()
            reason = f"{failed[0].request}: {failed[0]}"
            await self._journal.record(
                [event("task.withdrawal_failed", at=at, host=self._session.name, reason=reason)]
            )

    async def _to_take_back(self) -> list[AssignmentRecord]:
        now = self._clock.now()
        return [
            record
            for record in await self._ledger.on_host(self._session.name)
            if record.state in ON_HOST
            and (cause := self._cause(record, now=now)) is not None
            and (_pending(record) or self._has_to_stop(record, cause))
        ]

    def _cause(self, record: AssignmentRecord, *, now: Instant) -> _Cause | None:
        """Return why something has to go; None where it may stay."""
        at_close = record.run.order.at_close
        past = record.run.closes <= now and at_close is not AtClose.LEAVE
        stops = past and at_close is AtClose.STOP
        halt = self._session.halted.get(record.assignment.key)
        if halt is not None:
            return _Cause(stops or halt.depth is Depth.STOP, halt.remark, halt.stop_words)
        return _Cause(stops, WITHDRAWN, None) if past else None

    def _has_to_stop(self, record: AssignmentRecord, cause: _Cause) -> bool:
        return cause.stops and any(task.task_id not in self._stopped for task in _running(record))

    async def _look_and(
        self, act: Callable[[AssignmentRecord], Awaitable[None]], record: AssignmentRecord
    ) -> None:
        await act(await self._looked_at(record))

    async def _looked_at(self, past: AssignmentRecord) -> AssignmentRecord:
        # As fresh as can be: what the host has begun in time, or what is no longer ours, is not withdrawn.
        key = past.assignment.key
        await self._poller.look_at([await self._ledger.assignment(key)])
        return await self._ledger.assignment(key)

    async def _withdraw(self, record: AssignmentRecord) -> None:
        pending, cause = _pending(record), self._cause(record, now=self._clock.now())
        if cause is None or not pending or record.state not in ON_HOST:
            return
        intent = await self._open(record, Act.DELETE, pending, remark=cause.words and cause.remark)
        self._session.withdrawing.update((task.task_id, cause.remark) for task in pending)
        for task in pending:
            try:
                await self._session.client.delete(task.task_id)
            except HostRefused as error:
                # Gone already is gone.
                if error.code != Code.NO_SUCH_RESOURCE:
                    self._session.withdrawing.pop(task.task_id, None)
                    await self._leave(intent, error)
                    raise
            except HostError as error:
                await self._leave(intent, error)
                raise
        at = self._clock.now()
        changes: list[Change] = [IntentClosed(intent.intent_id, Outcome.ACCEPTED, None, at)]
        changes += [no_longer(task, host=self._session.name, remark=cause.remark, at=at) for task in pending]
        ids = [task.task_id for task in pending]
        reason = cause.words and cause.remark
        changes.append(event("task.withdrawn", at=at, **about(record), task_ids=ids, reason=reason))
        left = progress(
            [
                replace(task, gone=True, remark=cause.remark) if task in pending else task
                for task in record.tasks
            ],
            expected=record.run.order.expected_tasks,
        )
        if left.state in TERMINAL and may_become(record.state, becomes=left.state):
            changes += state_changes(record, left.state, reason=left.reason, at=at)
        await self._at_last(changes)
        for task_id in ids:
            self._session.withdrawing.pop(task_id, None)
        self._session.due.set()

    async def _stop(self, record: AssignmentRecord) -> None:
        cause = self._cause(record, now=self._clock.now())
        if cause is None or not self._has_to_stop(record, cause) or record.state not in ON_HOST:
            return
        running = _running(record)
        intent = await self._open(record, Act.STOP, running, remark=cause.words)
        if cause.words is not None:
            self._session.stopped.update((task.task_id, cause.words) for task in running)
        for task in running:
            try:
                await self._session.client.stop(task.task_id)
            except HostRefused as error:
                # It has ended meanwhile, and the next look says how; but not without a licence.
                if error.code == Code.NO_API_ACCESS:
                    await self._leave(intent, error)
                    raise
            except HostError as error:
                await self._leave(intent, error)
                raise
        at = self._clock.now()
        ids = [task.task_id for task in running]
        self._stopped.update(ids)
        await self._at_last(
            [
                IntentClosed(intent.intent_id, Outcome.ACCEPTED, None, at),
                event("task.stopped", at=at, **about(record), task_ids=ids, reason=cause.words),
            ]
        )
        self._session.poll.set()

    async def _open(
        self, record: AssignmentRecord, act: Act, tasks: list[BoundTask], *, remark: str | None
    ) -> IntentOpened:
        at = self._clock.now()
        key = record.assignment.key
        told = {"task_ids": [task.task_id for task in tasks]}
        body = json.dumps(told if remark is None else {**told, "remark": remark})
        intent = IntentOpened(
            f"{at}.{key}.{act}.{next(self._numbers)}",
            key,
            self._session.name,
            act,
            record.attempts,
            body,
            "",
            at,
        )
        await self._journal.record([intent])
        return intent

    async def _leave(self, intent: IntentOpened, error: HostError) -> None:
        at = self._clock.now()
        await self._at_last([IntentClosed(intent.intent_id, Outcome.UNSETTLED, str(error), at)])

    async def _at_last(self, changes: list[Change]) -> None:
        # It has happened on the host: it must get on disk, however long the store does not work.
        await asyncio.shield(self._journal.note(changes))
        self._session.touch()


def _pending(record: AssignmentRecord) -> list[BoundTask]:
    # A task that was never looked at has not been seen to begin.
    return [task for task in record.tasks if not task.gone and task.status in {None, TaskStatus.PENDING}]


def _running(record: AssignmentRecord) -> list[BoundTask]:
    return [task for task in record.tasks if not task.gone and task.status is TaskStatus.RUNNING]
