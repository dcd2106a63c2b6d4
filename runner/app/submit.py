"""Submit what is due on one host: intent on disk, one request, and what became of it on disk (ADR 0007)."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from runner.app.backlog import spread_backlog
from runner.app.gate import Gate
from runner.app.host_session import CREATES_AT_ONCE
from runner.app.journal import about, event
from runner.app.restraints import use_of
from runner.core.admit import LEAD_US, Admitted, Circumstances, Refused, Times, admit
from runner.core.body import create_and_shown_body
from runner.core.host_state import host_state
from runner.core.outcome import Doubtful, settle_create
from runner.errors import (
    HostRefused,
    HostUnclear,
    HostUnreached,
    LedgerConflict,
    LedgerError,
    SecretMissing,
)
from runner.model.record import (
    Act,
    HostState,
    IntentClosed,
    IntentOpened,
    Outcome,
    StateChanged,
    TaskBound,
)
from runner.model.state import State
from runner.model.tikmatrix import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.scheduler import Scheduler
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.probe import Prober
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, Change
    from runner.model.tikmatrix import Created

WORKERS = 2 * CREATES_AT_ONCE
"""Half of them have their intent on disk already when a place becomes free."""
NOT_TEXT = "its script_config, with secrets put in, is not text that can be sent"
AGAIN_SECONDS = 1.0
"""How long after a failure of the store it is tried again."""
FIRST_LOOK = WORKERS
LATER_LOOK = 400
"""How many due assignments are read at once: few at first, so that the first goes out at once."""


class Submitter:
    """Takes one host's due assignments out of the ledger and through their submission."""

    def __init__(
        self,
        session: HostSession,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        scheduler: Scheduler,
        prober: Prober,
        secret: Callable[[str], str],
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._scheduler = scheduler
        self._prober = prober
        self._secret = secret
        self._gate = Gate(session, journal=journal)
        self._waiting: asyncio.Queue[AssignmentRecord] = asyncio.Queue(maxsize=2 * WORKERS)
        self._taken: dict[AssignmentKey, AssignmentRecord] = {}
        self._places = asyncio.Semaphore(CREATES_AT_ONCE)
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Submit for ever; a set `due` event makes it look."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())
            while True:
                await self._session.due.wait()
                self._session.due.clear()
                try:
                    await self._dispatch()
                except LedgerError as error:
                    # The requests under way go on: cut off, their effect would not be known.
                    self._journal.failure("submit", error)
                    await asyncio.sleep(AGAIN_SECONDS)
                    self._session.due.set()

    async def idle(self) -> None:
        """Return once nothing that was taken is under way any more."""
        await self._idle.wait()

    async def _dispatch(self) -> None:
        look = FIRST_LOOK
        while not self._session.stopping:
            if self._session.state is not HostState.READY:
                self._session.probe.set()
                return
            now = self._clock.now()
            held = self._session.restraints.held_campaigns(host=self._session.name, now=now)
            if held is None:
                return
            if self._session.lost_since is not None:
                await spread_backlog(
                    self._session, ledger=self._ledger, journal=self._journal, held=held, now=now
                )
            room = await self._room()
            limit = look if room is None else min(look, room)
            fresh = [] if limit == 0 else await self._look(limit, held=held, now=now)
            if not fresh:
                await self._set_alarm(held=held, after=now)
                return
            for record in fresh:
                self._taken[record.assignment.key] = record
                self._idle.clear()
                await self._waiting.put(record)
            look = LATER_LOOK

    async def _room(self) -> int | None:
        limit = self._session.host.in_flight
        if limit is None:
            return None
        # Counted before the ledger is asked: what is submitted meanwhile counts twice rather than never.
        taken = len(self._taken)
        return max(0, limit - await self._ledger.under_way(self._session.name) - taken)

    async def _look(self, limit: int, *, held: frozenset[str], now: Instant) -> list[AssignmentRecord]:
        # Before the ledger is asked: by its answer, what was taken may already be on its device.
        busy = {record.assignment.target for record in self._taken.values()}
        found = await self._ledger.due(
            self._session.name,
            now=now,
            limit=limit + len(self._taken),
            closing_by=now + self._session.timeout_us + LEAD_US,
            without=held,
        )
        fresh = []
        for record in found:
            if record.assignment.target not in busy:
                busy.add(record.assignment.target)
                fresh.append(record)
        return fresh[:limit]

    async def _set_alarm(self, *, held: frozenset[str], after: Instant) -> None:
        """Set the alarm for what comes after the instant of the last look: what fell due since must ring."""
        session = self._session
        due = await self._ledger.next_due(hosts=[session.name], after=after, without=held)
        margin = session.timeout_us + LEAD_US
        closes = await self._ledger.next_close(after=after + margin)
        times = [*due.values(), *([] if closes is None else [closes - margin])]
        if times and not session.stopping:
            self._scheduler.at(f"due:{session.name}", min(times), session.due.set)

    async def _work(self) -> None:
        while True:
            record = await self._waiting.get()
            try:
                await self._submit(record)
            except LedgerConflict:
                # An edit was quicker: the assignment is no longer planned, and nothing was sent.
                continue
            except LedgerError as error:
                # No intent on disk, no request. The store is tried again with the next look.
                self._journal.failure("submit", error)
                await asyncio.sleep(AGAIN_SECONDS)
            finally:
                self._taken.pop(record.assignment.key, None)
                if not self._taken:
                    self._idle.set()
                    self._session.due.set()

    async def _submit(self, record: AssignmentRecord) -> None:
        if self._session.stopping:
            return
        now = self._clock.now()
        match self._admission(record, now=now):
            case Admitted():
                pass
            case Refused(becomes, reason):
                await self._refuse(record, becomes=becomes, reason=reason, at=now)
                return
            case _:
                return
        try:
            body, shown = create_and_shown_body(record.run, record.assignment, secret=self._secret)
        except SecretMissing as error:
            await self._refuse(record, becomes=State.FAILED, reason=str(error), at=now)
            return
        except UnicodeError:
            # Not the error's own words, which quote the text.
            await self._refuse(record, becomes=State.FAILED, reason=NOT_TEXT, at=now)
            return
        intent = self._intent(record, body=body, shown=shown, at=now)
        begun: list[Change] = [
            intent,
            StateChanged(intent.key, State.PLANNED, State.SUBMITTING),
            event("assignment.submitting", at=now, **about(record), due=record.assignment.due),
        ]
        if not await self._gate.open(record, begun, at=now):
            return
        async with self._places:
            await self._send(record, intent=intent, body=body)

    def _admission(self, record: AssignmentRecord, *, now: Instant) -> object:
        run = record.run
        session = self._session
        return admit(
            Times(record.assignment.due, run.opens, run.closes),
            now=now,
            deadline_us=session.timeout_us,
            circumstances=Circumstances(
                session.state, lane_unsettled=False, target_busy=False, in_flight=0, in_flight_limit=None
            ),
            awake_since=session.awake_since,
        )

    def _intent(self, record: AssignmentRecord, *, body: bytes, shown: str, at: Instant) -> IntentOpened:
        key = record.assignment.key
        return IntentOpened(
            intent_id=f"{key}.{at}",
            key=key,
            host=self._session.name,
            act=Act.CREATE,
            attempt=record.attempts + 1,
            body=shown,
            body_sha256=hashlib.sha256(body).hexdigest(),
            at=at,
            use=use_of(record),
            reservations=self._session.restraints.reservations(record, now=at),
        )

    async def _refuse(self, record: AssignmentRecord, *, becomes: State, reason: str, at: Instant) -> None:
        key = record.assignment.key
        await self._journal.record(
            [
                StateChanged(key, State.PLANNED, becomes, reason=reason, finished_at=at),
                event(f"assignment.{becomes}", at=at, **about(record), state=becomes, reason=reason),
            ]
        )

    async def _send(self, record: AssignmentRecord, *, intent: IntentOpened, body: bytes) -> None:
        """Make the request, unless waiting for its turn has taken too long; record what became of it."""
        session = self._session
        now, deadline_us = self._clock.now(), session.timeout_us
        is_quiet = session.restraints.quiet_until(now=now, deadline_us=deadline_us) is not None
        if session.stopping or now + deadline_us >= record.run.closes or is_quiet:
            self._note(self._unsent(record, intent=intent, detail="its turn came too late"))
            return
        try:
            created = await session.client.create(body)
        except HostUnreached as error:
            self._note(self._unsent(record, intent=intent, detail=str(error)))
            self._prober.note(host_state(error), str(error))
        except HostRefused as error:
            self._note(self._refused(record, intent=intent, error=error))
            if error.code == Code.NO_API_ACCESS:
                self._prober.note(host_state(error), str(error))
        except HostUnclear as error:
            self._note(self._unsettled(record, intent=intent, detail=str(error)))
            session.probe.set()
        except asyncio.CancelledError:
            self._note(self._unsettled(record, intent=intent, detail="cut off: the runner was stopping"))
            raise
        else:
            await self._answered(record, intent=intent, created=created)

    async def _answered(self, record: AssignmentRecord, *, intent: IntentOpened, created: Created) -> None:
        # Whether a number is known already is the ledger's to say: binding it twice is a conflict.
        settled = settle_create(
            created, expected=record.run.order.expected_tasks, already_bound=lambda _task_id: False
        )
        if isinstance(settled, Doubtful):
            self._note(self._unsettled(record, intent=intent, detail=settled.detail))
            return
        session = self._session
        session.tracking = True
        noted = self._note(self._accepted(record, intent=intent, created=created))
        noted.add_done_callback(lambda done: self._bound(done, record, intent))

    def _bound(self, done: asyncio.Future[None], record: AssignmentRecord, intent: IntentOpened) -> None:
        # Again, now that the ledger has it: a poll in between may have seen nothing there.
        self._session.tracking = True
        if not done.cancelled() and isinstance(done.exception(), LedgerConflict):
            detail = "the answer names tasks that are ours already"
            self._note(self._unsettled(record, intent=intent, detail=detail))

    def _note(self, changes: list[Change]) -> asyncio.Future[None]:
        return self._journal.note(changes)

    def _accepted(self, record: AssignmentRecord, *, intent: IntentOpened, created: Created) -> list[Change]:
        at = self._clock.now()
        named = about(record)
        tasks = list(created.task_ids)
        return [
            IntentClosed(intent.intent_id, Outcome.ACCEPTED, None, at),
            *(TaskBound(intent.host, task_id, intent.key, intent.intent_id, at) for task_id in tasks),
            StateChanged(
                intent.key, State.SUBMITTING, State.SUBMITTED, attempts=intent.attempt, submitted_at=intent.at
            ),
            event("submission.accepted", at=at, **named, task_ids=tasks),
            event("assignment.submitted", at=at, **named, task_ids=tasks, state=State.SUBMITTED),
        ]

    def _unsent(self, record: AssignmentRecord, *, intent: IntentOpened, detail: str) -> list[Change]:
        at = self._clock.now()
        return [
            IntentClosed(intent.intent_id, Outcome.NOT_SENT, detail, at),
            StateChanged(intent.key, State.SUBMITTING, State.PLANNED),
            event("submission.not_sent", at=at, **about(record), reason=detail),
            event("assignment.planned", at=at, **about(record), state=State.PLANNED, reason=detail),
        ]

    def _refused(self, record: AssignmentRecord, *, intent: IntentOpened, error: HostRefused) -> list[Change]:
        at = self._clock.now()
        held = error.code == Code.NO_API_ACCESS
        becomes = State.PLANNED if held else State.FAILED
        reason = str(error)
        return [
            IntentClosed(intent.intent_id, Outcome.REFUSED, reason, at),
            StateChanged(
                intent.key, State.SUBMITTING, becomes, reason=None if held else reason,
                attempts=None if held else intent.attempt, finished_at=None if held else at,
            ),
            event("submission.refused", at=at, **about(record), code=error.code, reason=reason),
            event(f"assignment.{becomes}", at=at, **about(record), state=becomes, reason=reason),
        ]  # fmt: skip

    def _unsettled(self, record: AssignmentRecord, *, intent: IntentOpened, detail: str) -> list[Change]:
        at = self._clock.now()
        return unsettled_changes(
            record, intent_id=intent.intent_id, attempt=intent.attempt, detail=detail, at=at
        )


def unsettled_changes(
    record: AssignmentRecord, *, intent_id: str, attempt: int, detail: str, at: Instant
) -> list[Change]:
    """Return the changes by which an assignment whose request is in doubt becomes unknown."""
    key = record.assignment.key
    reason = f"it is not known what the request did: {detail}"
    return [
        IntentClosed(intent_id, Outcome.UNSETTLED, detail, at),
        StateChanged(key, State.SUBMITTING, State.UNKNOWN, reason=reason, attempts=attempt, finished_at=at),
        event("submission.unsettled", at=at, **about(record), reason=detail),
        event("assignment.unknown", at=at, **about(record), state=State.UNKNOWN, reason=reason),
    ]
