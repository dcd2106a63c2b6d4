"""Settle creates whose effect is not known, by looking at what their host shows (ADR 0013)."""

from __future__ import annotations

import asyncio
from collections import ChainMap, Counter
from typing import TYPE_CHECKING, NamedTuple

from runner.app.adoption import given_up
from runner.app.courier import expected_of, sent_body, unsettled_changes
from runner.app.host_lists import bound_to, lane_of
from runner.app.journal import about, event
from runner.core.observe import in_lane, is_another
from runner.core.progress import progress
from runner.core.settle import (
    LOOKS_APART_US,
    Absent,
    Adopt,
    AdoptSome,
    Doubt,
    GiveUp,
    LookAgain,
    Reading,
    Sentinel,
    is_earned,
    settle,
)
from runner.errors import HostError, HostUnclear, LedgerConflict, NotFound
from runner.model.instant import SECOND
from runner.model.record import Act, HostState, IntentClosed, Outcome, StateChanged
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.scheduler import Scheduler
    from runner.app.adoption import Adoption
    from runner.app.host_lists import HostLists
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.core.settle import Verdict
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Change, EchoRecord, IntentRecord
    from runner.model.tikmatrix import Task, TaskId

LOOK_EVERY_US = LOOKS_APART_US
GIVE_UP_AFTER_US = 300 * SECOND
"""How long after its window and the settle time a request is looked for on a host that does not show it."""
NOT_SHOWN = "the host did not show its tasks until long after the window had closed"
CONTEST_US = 86_400 * SECOND
"""So long one that was given up may have made what another one is looking for."""
_CUT_OFF = "the runner ended while the request was under way"


class _Proof(NamedTuple):
    """Since when whole looks after the settle time have seen the same candidates."""

    since: Instant
    candidates: frozenset[TaskId]


class Settler:
    """Looks for what unsettled creates of one host have made, until it is told or never will be."""

    def __init__(
        self,
        session: HostSession,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        scheduler: Scheduler,
        lists: HostLists,
        adoption: Adoption,
        settle_us: int,
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._scheduler = scheduler
        self._lists = lists
        self._adoption = adoption
        self._settle_us = settle_us
        self._proofs: dict[str, _Proof] = {}
        self._failing = False

    async def run(self) -> None:
        """Settle for ever; a set `settle` event makes it look."""
        session = self._session
        session.echoes = {echo.script_name: echo for echo in await self._ledger.echoes(session.name)}
        while True:
            await session.settle.wait()
            session.settle.clear()
            await self.settle()

    async def settle(self) -> None:
        """Look once at every create that is in doubt; what cannot be told yet is looked at again later."""
        doubtful = await self._doubtful()
        self._proofs = {key: proof for key, proof in self._proofs.items() if key in doubtful}
        if not doubtful:
            return
        try:
            if self._session.state is HostState.READY:
                await self._look(list(doubtful.values()))
                self._failing = False
        except HostError as error:
            await self._failed(error)
        await self._give_up_late()
        if not self._session.stopping:
            at = self._clock.now() + LOOK_EVERY_US
            self._scheduler.at(f"settle:{self._session.name}", at, self._session.settle.set)

    async def _doubtful(self) -> dict[str, tuple[IntentRecord, AssignmentRecord]]:
        found = {}
        for intent in await self._ledger.open_intents():
            if (intent.host, intent.act, intent.outcome) == (
                self._session.name,
                Act.CREATE,
                Outcome.UNSETTLED,
            ):
                record = await self._ledger.assignment(intent.key)
                if record.state is State.SUBMITTING:
                    found[intent.intent_id] = (intent, record)
        return found

    async def _look(self, doubtful: list[tuple[IntentRecord, AssignmentRecord]]) -> None:
        begun_at = self._clock.now()
        failed: list[HostError] = []
        shown = await self._lists.lanes({lane_of(record) for _, record in doubtful}, failed=failed)
        read = [(intent, record) for intent, record in doubtful if lane_of(record) in shown]
        sentinels = await self._sentinels({_sentinel_of(intent) for intent, _ in read}, failed=failed)
        echoes = {echo.script_name: echo for echo in await self._ledger.echoes(self._session.name)}
        found = {
            intent.intent_id: await self._candidates(intent, shown[lane_of(record)])
            for intent, record in read
        }
        contested = await self._contested(doubtful, found)
        for intent, record in read:
            sentinel = sentinels.get(_sentinel_of(intent))
            if sentinel is None:
                continue
            candidates = found[intent.intent_id]
            reading = Reading(begun_at, tuple(candidates.values()), sentinel, contested)
            verdict = self._verdict(intent, record, reading, echo=echoes.get(record.run.order.script_name))
            try:
                await self._act(intent, record, verdict, candidates=candidates, reading=reading)
            except LedgerConflict as error:
                # Somebody was quicker with one of the tasks or with the assignment: the next look is fresh.
                self._journal.failure("settle", error)
        if failed:
            # What could be read is not held up by what could not.
            raise failed[0]

    async def _sentinels(
        self, wanted: set[TaskId | None], *, failed: list[HostError]
    ) -> dict[TaskId | None, Sentinel]:
        """Look, after the lists, whether what was to vouch for them is still there."""
        found: dict[TaskId | None, Sentinel] = {}
        for task_id in wanted:
            if task_id is None:
                found[None] = Sentinel.NONE
                continue
            try:
                there = await self._lists.vouches(task_id)
            except HostUnclear as error:
                failed.append(error)
                continue
            found[task_id] = Sentinel.ALIVE if there else Sentinel.GONE
        return found

    async def _candidates(self, intent: IntentRecord, lane: Mapping[TaskId, Task]) -> dict[TaskId, Task]:
        """Return the lane's tasks that are new since the snapshot and belong to no other assignment."""
        before = intent.snapshot.task_ids if intent.snapshot is not None else frozenset()
        fresh = {task_id: task for task_id, task in lane.items() if task_id not in before}
        bound = await self._ledger.bound_tasks(self._session.name, fresh)
        for task_id, owner in bound.items():
            if not is_another(fresh[task_id], bound_to(owner, task_id), record=owner):
                del fresh[task_id]
        return fresh

    async def _contested(
        self,
        doubtful: Sequence[tuple[IntentRecord, AssignmentRecord]],
        found: Mapping[str, Mapping[TaskId, Task]],
    ) -> frozenset[TaskId]:
        """Return the candidates that more than one create may have made, one that was given up included.

        A device and an account on it are two targets, and a host may show their tasks alike.
        """
        given_up = await self._ledger.given_up(self._session.name, since=self._clock.now() - CONTEST_US)
        claims = Counter[str]()
        for intent, record in [*doubtful, *given_up]:
            before = frozenset[str]() if intent.snapshot is None else intent.snapshot.task_ids
            lane = lane_of(record)
            claims.update(
                task_id
                for task_id, task in ChainMap(*map(dict, found.values())).items()
                if task_id not in before and in_lane(task, lane.target, script_name=lane.script_name)
            )
        return frozenset(task_id for task_id, count in claims.items() if count > 1)

    def _verdict(
        self, intent: IntentRecord, record: AssignmentRecord, reading: Reading, *, echo: EchoRecord | None
    ) -> Verdict:
        # A clock that was set forward, or a machine that slept, has not waited.
        ended_at = max(intent.closed_at or intent.at, self._session.awake_since)
        seen = frozenset(task.task_id for task in reading.candidates)
        proof = self._proofs.get(intent.intent_id)
        holds = proof is not None and proof.candidates == seen and proof.since >= ended_at + self._settle_us
        since = proof.since if proof is not None and holds else None
        if since is None and reading.begun_at >= ended_at + self._settle_us:
            self._proofs[intent.intent_id] = _Proof(reading.begun_at, seen)
        return settle(
            Doubt(sent_body(intent.body), expected_of(record), ended_at),
            reading,
            proving_since=since,
            earned=echo is not None and is_earned(faithful=echo.faithful, altered=echo.altered),
            settle_us=self._settle_us,
        )

    async def _act(
        self,
        intent: IntentRecord,
        record: AssignmentRecord,
        verdict: Verdict,
        *,
        candidates: Mapping[TaskId, Task],
        reading: Reading,
    ) -> None:
        match verdict:
            case LookAgain():
                return
            case Adopt():
                await self._adoption.adopt(intent, record, verdict, shown=candidates)
            case AdoptSome():
                await self._adoption.adopt_some(intent, record, verdict, shown=candidates)
            case Absent():
                await self._adoption.absent(intent, record, reading=reading)
            case GiveUp(reason):
                await self._adoption.give_up(intent, record, reason=reason)

    async def _give_up_late(self) -> None:
        """Give up what the host does not show, long after its window."""
        now = self._clock.now()
        for intent, record in (await self._doubtful()).values():
            told_by = max(record.run.closes, (intent.closed_at or intent.at) + self._settle_us)
            if now >= told_by + GIVE_UP_AFTER_US:
                await self._adoption.give_up(intent, record, reason=NOT_SHOWN)

    async def _failed(self, error: HostError) -> None:
        # What was seen before stays seen: proof takes two whole looks, and this was none.
        self._session.probe.set()
        if not self._failing:
            self._failing = True
            reason = f"{error.request}: {error}"
            told = event("settling.failed", at=self._clock.now(), host=self._session.name, reason=reason)
            await self._journal.record([told])


def _sentinel_of(intent: IntentRecord) -> TaskId | None:
    return None if intent.snapshot is None else intent.snapshot.sentinel


async def settle_open_intents(
    ledger: Ledger, *, journal: Journal, clock: Clock, hosts: Collection[str]
) -> int:
    """Close every intent that was open when the runner ended, and return how many there were.

    An open create may or may not have made tasks: it is in doubt from now on, and settled by looking; on a
    host that is none of `hosts` nobody looks any more. An open retry counts as made. A delete or stop is
    repeated as long as the task is there.
    """
    intents = [intent for intent in await ledger.open_intents() if intent.outcome is Outcome.OPEN]
    for intent in intents:
        try:
            record = await ledger.assignment(intent.key)
        except NotFound:
            continue
        await journal.record(_cut_off(record, intent, at=clock.now()))
        # One by one: a thousand at once would hold up the loop.
        await asyncio.sleep(0)
    for intent in await ledger.open_intents():
        if intent.act is Act.CREATE and intent.host not in hosts:
            record = await ledger.assignment(intent.key)
            reason = f"the config has no host {intent.host} any more"
            await journal.record(given_up(intent, record, reason=reason, at=clock.now()))
    return len(intents)


def _cut_off(record: AssignmentRecord, intent: IntentRecord, *, at: Instant) -> list[Change]:
    closed = IntentClosed(intent.intent_id, Outcome.UNSETTLED, _CUT_OFF, at)
    if record.state is not State.SUBMITTING or intent.act in {Act.DELETE, Act.STOP}:
        return [closed]
    if intent.act is Act.CREATE:
        return unsettled_changes(record, intent_id=intent.intent_id, detail=_CUT_OFF, at=at)
    return [
        closed,
        StateChanged(
            intent.key,
            State.SUBMITTING,
            State.FAILED,
            attempts=intent.attempt,
            # The retry's intent has taken the reason of the failure away; its tasks still have it.
            reason=progress(record.tasks).reason or _CUT_OFF,
            finished_at=at,
        ),
        event("task.retry_failed", at=at, **about(record), attempt=intent.attempt, reason=_CUT_OFF),
    ]
