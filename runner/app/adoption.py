"""Carry out what settling has told: take tasks as ours, ask for the rest, go again, or call a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from runner.app.ahead import start_of
from runner.app.courier import sent_body
from runner.app.host_lists import bound_to
from runner.app.journal import about, event
from runner.app.poll import observed_changes
from runner.core.admit import may_begin
from runner.core.ahead import Ahead
from runner.core.likeness import sent_targets
from runner.core.observe import is_ours, look, no_longer
from runner.errors import SecretMissing, WorkHalted, WorkHeld
from runner.model.campaign import OnUnsettled
from runner.model.record import IntentClosed, Outcome, Snapshot, StateChanged, TaskBound
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.courier import Courier
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.core.settle import Adopt, AdoptSome, Reading
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Change, IntentRecord
    from runner.model.tikmatrix import Task, TaskId

HELD = "it made nothing, and the campaign says `on_unsettled: hold`"
TOO_LATE = "its request was lost, and that it made nothing was known only when its window had closed"


class _Rest(NamedTuple):
    """What is still to be asked for of an assignment, and what is recorded together with its intent."""

    targets: tuple[str, ...]
    snapshot: Snapshot
    intent: IntentRecord
    """The create that was to make it."""
    found: tuple[TaskId, ...]
    """What that create has made."""
    changes: list[Change]


class Adoption:
    """Records what became of one host's unsettled creates, and acts upon it."""

    def __init__(
        self, session: HostSession, *, ledger: Ledger, journal: Journal, clock: Clock, courier: Courier
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._courier = courier

    async def adopt(
        self,
        intent: IntentRecord,
        record: AssignmentRecord,
        found: Adopt,
        *,
        shown: Mapping[TaskId, Task],
    ) -> None:
        """Take tasks as what a create has made."""
        at = self._clock.now()
        fields: dict[str, Any] = {"surplus": list(found.surplus) or None, "probable": found.probable or None}
        # A poll that began before would take the new task under a number for the earlier one.
        async with self._session.looking:
            await self._journal.record(
                [
                    *await self._freed(found.task_ids, shown=shown, at=at),
                    IntentClosed(intent.intent_id, Outcome.ADOPTED, intent.detail, at),
                    *_bound(found.task_ids, intent, at=at),
                    *_submitted(intent, record, found.task_ids, at=at),
                    event("submission.adopted", at=at, **about(record), task_ids=found.task_ids, **fields),
                ]
            )
        self._accepted(found.task_ids)

    async def adopt_some(
        self,
        intent: IntentRecord,
        record: AssignmentRecord,
        found: AdoptSome,
        *,
        shown: Mapping[TaskId, Task],
    ) -> None:
        """Take tasks as part of what a create was to make, and ask for the rest where that is known."""
        at = self._clock.now()
        changes = [
            *await self._freed(found.task_ids, shown=shown, at=at),
            IntentClosed(intent.intent_id, Outcome.PARTIAL, intent.detail, at),
            *_bound(found.task_ids, intent, at=at),
            event("submission.partial", at=at, **about(record), task_ids=found.task_ids, rest=found.rest),
        ]
        if not found.rest or not self._may_go_again(record, at=at):
            await self._go_on(intent, record, changes, task_ids=found.task_ids, at=at)
            return
        snapshot = Snapshot(frozenset(shown) | _before(intent), found.task_ids[0])
        await self._ask_for(_Rest(found.rest, snapshot, intent, found.task_ids, changes), record, at=at)

    async def absent(self, intent: IntentRecord, record: AssignmentRecord, *, reading: Reading) -> None:
        """Let an assignment whose create has made nothing go again, where it may."""
        at = self._clock.now()
        closed = IntentClosed(intent.intent_id, Outcome.ABSENT, intent.detail, at)
        told = event("submission.absent", at=at, **about(record))
        if record.tasks:
            await self._rest_absent(intent, record, [closed, told], reading=reading, at=at)
            return
        becomes, reason = State.PLANNED, None
        if record.run.order.on_unsettled is OnUnsettled.HOLD:
            becomes, reason = State.UNKNOWN, HELD
        elif not may_begin(record.run, now=at, deadline_us=self._session.timeout_us):
            becomes, reason = State.MISSED, TOO_LATE
        finished_at = None if becomes is State.PLANNED else at
        await self._journal.record(
            [
                closed,
                told,
                StateChanged(intent.key, State.SUBMITTING, becomes, reason=reason, finished_at=finished_at),
                event(f"assignment.{becomes}", at=at, **about(record), state=becomes, reason=reason),
            ]
        )
        self._session.due.set()

    async def give_up(self, intent: IntentRecord, record: AssignmentRecord, *, reason: str) -> None:
        """Call for a person: nothing is repeated."""
        await self._journal.record(given_up(intent, record, reason=reason, at=self._clock.now()))
        self._accepted(())

    async def _rest_absent(
        self,
        intent: IntentRecord,
        record: AssignmentRecord,
        changes: list[Change],
        *,
        reading: Reading,
        at: Instant,
    ) -> None:
        if self._may_go_again(record, at=at):
            seen = frozenset(task.task_id for task in reading.candidates)
            snapshot = Snapshot(seen | _before(intent), record.tasks[0].task_id)
            targets = sent_targets(sent_body(intent.body))
            await self._ask_for(_Rest(targets, snapshot, intent, (), changes), record, at=at)
            return
        await self._go_on(intent, record, changes, task_ids=(), at=at)

    async def _ask_for(self, rest: _Rest, record: AssignmentRecord, *, at: Instant) -> None:
        """Ask for some of an assignment's targets: the intent is on disk together with what led to it."""
        try:
            # Where it cannot wait on the host for its time, it begins now: its window is open.
            start = start_of(record, self._session, now=at)
            ahead = start if isinstance(start, Ahead) else None
            intent, body = self._courier.prepare(
                record, snapshot=rest.snapshot, at=at, targets=rest.targets, ahead=ahead
            )
        except (SecretMissing, UnicodeError):
            # It was there for the first request: the part that was made goes on alone.
            await self._go_on(rest.intent, record, rest.changes, task_ids=rest.found, at=at)
            return
        try:
            await self._journal.record([*rest.changes, intent])
        except WorkHeld as error:
            # Paused in this very moment: the part that was made goes on alone.
            self._session.restraints.learn(error.hold)
            await self._go_on(rest.intent, record, rest.changes, task_ids=rest.found, at=at)
            return
        except WorkHalted:
            await self._go_on(rest.intent, record, rest.changes, task_ids=rest.found, at=at)
            return
        # As it is now: with the tasks that were found.
        await self._courier.send(await self._ledger.assignment(intent.key), intent=intent, body=body)

    async def _go_on(
        self,
        intent: IntentRecord,
        record: AssignmentRecord,
        changes: Iterable[Change],
        *,
        task_ids: tuple[TaskId, ...],
        at: Instant,
    ) -> None:
        await self._journal.record([*changes, *_submitted(intent, record, task_ids, at=at)])
        self._accepted(task_ids)

    async def _freed(
        self, task_ids: Iterable[TaskId], *, shown: Mapping[TaskId, Task], at: Instant
    ) -> list[Change]:
        """Return the changes by which earlier owners of some numbers, which started again, give them up."""
        changes: list[Change] = []
        owners = await self._ledger.bound_tasks(self._session.name, list(task_ids))
        for task_id, owner in owners.items():
            if is_ours(shown[task_id], owner):
                known = bound_to(owner, task_id)
                changes.append(no_longer(known, host=self._session.name, remark=known.remark, at=at))
            else:
                seen = look(owner, shown={task_id: shown[task_id]}, at=at)
                changes += observed_changes(owner, seen, at=at)
        return changes

    def _may_go_again(self, record: AssignmentRecord, *, at: Instant) -> bool:
        session = self._session
        deadline_us = session.timeout_us
        hold = session.restraints.hold_on(campaign=record.run.campaign, host=session.name, now=at)
        return (
            record.run.order.on_unsettled is not OnUnsettled.HOLD
            and record.assignment.key not in session.halted
            and may_begin(record.run, now=at, deadline_us=deadline_us)
            and hold is None
            and session.restraints.quiet_until(now=at, deadline_us=deadline_us) is None
        )

    def _accepted(self, task_ids: tuple[TaskId, ...]) -> None:
        session = self._session
        if task_ids:
            session.sentinel, session.sentinel_seen_at = task_ids[-1], self._clock.now()
        session.touch()
        for due in (session.poll, session.due, session.close):
            due.set()


def given_up(intent: IntentRecord, record: AssignmentRecord, *, reason: str, at: Instant) -> list[Change]:
    """Return the changes by which a create in doubt is left to a person; what is known of it goes on."""
    closed = IntentClosed(intent.intent_id, Outcome.GIVEN_UP, reason, at)
    told = event("submission.given_up", at=at, **about(record), reason=reason)
    if record.tasks:
        # That the rest is missing is told in the end.
        return [closed, *_submitted(intent, record, (), at=at), told]
    unknown = f"it is not known what its request did ({intent.detail}): {reason}"
    return [
        closed,
        StateChanged(
            intent.key,
            State.SUBMITTING,
            State.UNKNOWN,
            reason=unknown,
            attempts=intent.attempt,
            finished_at=at,
        ),
        told,
        event("assignment.unknown", at=at, **about(record), state=State.UNKNOWN, reason=unknown),
    ]


def _bound(task_ids: Iterable[TaskId], intent: IntentRecord, *, at: Instant) -> list[Change]:
    return [TaskBound(intent.host, task_id, intent.key, intent.intent_id, at) for task_id in task_ids]


def _submitted(
    intent: IntentRecord, record: AssignmentRecord, task_ids: Iterable[TaskId], *, at: Instant
) -> list[Change]:
    tasks = [*(task.task_id for task in record.tasks), *task_ids]
    submitted_at = record.submitted_at or intent.at
    return [
        StateChanged(
            intent.key,
            State.SUBMITTING,
            State.SUBMITTED,
            attempts=intent.attempt,
            submitted_at=submitted_at,
        ),
        event("assignment.submitted", at=at, **about(record), task_ids=tasks, state=State.SUBMITTED),
    ]


def _before(intent: IntentRecord) -> frozenset[TaskId]:
    return frozenset() if intent.snapshot is None else intent.snapshot.task_ids
