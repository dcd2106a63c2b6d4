"""Submit what is due on one host: intent on disk, one request, and what became of it on disk (ADR 0007)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.app.ahead import start_of, times_of
from runner.app.backlog import spread_backlog
from runner.app.gate import Gate
from runner.app.host_session import CREATES_AT_ONCE
from runner.app.journal import about, event
from runner.core.admit import LEAD_US, Admitted, Circumstances, Refused, admit
from runner.core.ahead import NotAhead
from runner.errors import HostError, LedgerConflict, LedgerError, RowMissing, SecretMissing
from runner.model.record import HostState, Postponed, StateChanged
from runner.model.state import State

if TYPE_CHECKING:
    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.scheduler import Scheduler
    from runner.app.courier import Courier
    from runner.app.host_lists import HostLists
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, Change, IntentOpened, Snapshot

WORKERS = 2 * CREATES_AT_ONCE
"""Half of them have their intent on disk already when a place becomes free."""
NOT_TEXT = "its script_config, with secrets put in, is not text that can be sent"
AGAIN_SECONDS = 1.0
"""How long after a failure of the store it is tried again."""
FIRST_LOOK = WORKERS
LATER_LOOK = 1_000
LARGEST_LOOK = 4_000
"""How many due assignments are read at once: few at first, so that the first goes out at once; then twice as
many each time, since with each look all that the host has by then is read for their snapshots."""


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
        lists: HostLists,
        courier: Courier,
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._scheduler = scheduler
        self._lists = lists
        self._courier = courier
        self._failing = False
        self._gate = Gate(session, journal=journal)
        self._waiting: asyncio.Queue[tuple[AssignmentRecord, Snapshot]] = asyncio.Queue(maxsize=2 * WORKERS)
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
                except HostError as error:
                    await self._unreadable(error)
                else:
                    self._failing, self._session.unreadable = False, None
                    continue
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
            if fresh:
                fresh = await self._vouched(fresh)
            if not fresh:
                await self._set_alarm(held=held, after=now)
                return
            await self._take(fresh)
            look = min(max(LATER_LOOK, 2 * look), LARGEST_LOOK)

    async def _vouched(self, fresh: list[AssignmentRecord]) -> list[AssignmentRecord]:
        """Return what may go now: all, or one alone where no task of ours vouches for the host's list.

        Should the answer to that one be lost, it cannot be proved that it made nothing (ADR 0013).
        """
        await self._lists.find_sentinel()
        if self._session.sentinel is not None:
            return fresh
        if self._taken or await self._ledger.submitting(self._session.name):
            return []
        return fresh[:1]

    async def _take(self, fresh: list[AssignmentRecord]) -> None:
        """Hand assignments over to the workers, each with what its lane shows now."""
        snapshots = await self._lists.snapshots(fresh)
        for record in fresh:
            key = record.assignment.key
            self._taken[key] = record
            self._idle.clear()
            await self._waiting.put((record, snapshots[key]))

    async def _unreadable(self, error: HostError) -> None:
        """Tell, once, that nothing is submitted to a host that does not show what is on it."""
        self._session.probe.set()
        if self._failing:
            return
        self._failing = True
        reason = f"{error.request}: {error}"
        self._session.unreadable = reason
        told = event("submission.held", at=self._clock.now(), host=self._session.name, reason=reason)
        await self._journal.record([told])

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
            record, snapshot = await self._waiting.get()
            try:
                await self._submit(record, snapshot=snapshot)
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

    async def _submit(self, record: AssignmentRecord, *, snapshot: Snapshot) -> None:
        if self._session.stopping:
            return
        now = self._clock.now()
        restraints = self._session.restraints
        if restraints.hold_on(campaign=record.run.campaign, host=self._session.name, now=now) is not None:
            # Since it was taken out of the ledger: it waits there.
            return
        match self._admission(record, now=now):
            case Admitted():
                pass
            case Refused(becomes, reason):
                await self._refuse(record, becomes=becomes, reason=reason, at=now)
                return
            case _:
                return
        prepared = await self._prepared(record, snapshot=snapshot, now=now)
        if prepared is None:
            return
        intent, body = prepared
        begun: list[Change] = [
            intent,
            StateChanged(intent.key, State.PLANNED, State.SUBMITTING),
            event("assignment.submitting", at=now, **about(record), due=record.assignment.due),
        ]
        if not await self._gate.open(record, begun, at=now):
            return
        async with self._places:
            await self._courier.send(record, intent=intent, body=body)

    async def _prepared(
        self, record: AssignmentRecord, *, snapshot: Snapshot, now: Instant
    ) -> tuple[IntentOpened, bytes] | None:
        """Return what is to be sent now; None where that is nothing, and why is recorded."""
        start = start_of(record, self._session, now=now)
        if isinstance(start, NotAhead):
            await self._put_off(record, start, at=now)
            return None
        try:
            return self._courier.prepare(record, snapshot=snapshot, at=now, ahead=start)
        except (SecretMissing, RowMissing) as error:
            await self._refuse(record, becomes=State.FAILED, reason=str(error), at=now)
        except UnicodeError:
            # Not the error's own words, which quote the text.
            await self._refuse(record, becomes=State.FAILED, reason=NOT_TEXT, at=now)
        return None

    def _admission(self, record: AssignmentRecord, *, now: Instant) -> object:
        session = self._session
        return admit(
            times_of(record),
            now=now,
            deadline_us=session.timeout_us,
            circumstances=Circumstances(
                session.state, lane_unsettled=False, target_busy=False, in_flight=0, in_flight_limit=None
            ),
            awake_since=session.awake_since,
        )

    async def _put_off(self, record: AssignmentRecord, verdict: NotAhead, *, at: Instant) -> None:
        until, reason = verdict.until, verdict.reason
        told = event("submission.postponed", at=at, **about(record), until=until, reason=reason)
        await self._journal.record([Postponed(record.assignment.key, until), told])

    async def _refuse(self, record: AssignmentRecord, *, becomes: State, reason: str, at: Instant) -> None:
        key = record.assignment.key
        await self._journal.record(
            [
                StateChanged(key, State.PLANNED, becomes, reason=reason, finished_at=at),
                event(f"assignment.{becomes}", at=at, **about(record), state=becomes, reason=reason),
            ]
        )
