"""The ledger as the daemon uses it: one writer, a few readers, and nothing that blocks the event loop."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import and_, bindparam, insert, select, update

from runner.adapters.ledger import halts, planning, restored, schema
from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.compacting import Compaction
from runner.adapters.ledger.dialect import READER_CONNECTIONS, database_url
from runner.adapters.ledger.queries import Reader
from runner.adapters.ledger.records import REMOVED
from runner.adapters.ledger.upgrade import prepare, take_over
from runner.adapters.ledger.watching import watch_of
from runner.adapters.ledger.writer import Writer
from runner.model.state import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import URL, Connection

    from runner.adapters.ledger.halts import GivenHalt
    from runner.adapters.ledger.planning import PlanStored
    from runner.model.halt import Halt
    from runner.model.instant import Instant
    from runner.model.plan import PlannedRun
    from runner.model.record import Change

_BEAT = update(schema.heartbeat).values(at=bindparam("now"))
_P = ParamSpec("_P")
_T = TypeVar("_T")


def _in_a_thread(
    query: Callable[Concatenate[Reader, _P], _T],
) -> Callable[Concatenate[Ledger, _P], Coroutine[Any, Any, _T]]:
    """Return a reader's method as one that waits for the answer without blocking the loop."""

    @wraps(query)
    async def ask(ledger: Ledger, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        question = partial(query, ledger.reader, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(ledger.threads, question)

    return ask


class Ledger:
    """The only memory of the daemon. Used in one event loop at a time.

    Every method that writes returns once the facts are on disk, and raises LedgerUnavailable, LedgerConflict
    or another LedgerError where nothing of what it was given was written. The next call starts anew: a full
    disk that has space again needs no restart. Cancelling the one who waits neither stops nor tears a write.
    """

    def __init__(self, url: URL, *, generation: int, busy_timeout_seconds: float, durable: bool) -> None:
        self.reader = Reader(url, busy_timeout_seconds=busy_timeout_seconds)
        self.threads = ThreadPoolExecutor(READER_CONNECTIONS, thread_name_prefix="ledger-reader")
        self._watch = watch_of(url)
        self._writer = Writer(
            url, generation=generation, busy_timeout_seconds=busy_timeout_seconds, durable=durable
        )
        self.compaction = Compaction(url, self._writer)

    @classmethod
    def open(
        cls, url: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS, durable: bool = True
    ) -> Ledger:
        """Open the store at a database URL, made or upgraded where needed; blocks meanwhile.

        From here on the store is this ledger's: one that was opened earlier writes nothing any more and
        raises StoreInUse.

        Args:
            url: e.g. `sqlite:////var/lib/runner/runner.db`.
            busy_timeout_seconds: how long a lock of another process is waited for.
            durable: False gives up surviving a power cut; for simulations only.

        Raises StoreUnusable where the store is damaged, not ours or not writable, LedgerUnavailable where it
        is out of reach now, LedgerTooNew where a newer version of this program wrote it.
        """
        checked = database_url(url)
        prepare(checked, busy_timeout_seconds=busy_timeout_seconds)
        generation = take_over(checked, busy_timeout_seconds=busy_timeout_seconds)
        return cls(checked, generation=generation, busy_timeout_seconds=busy_timeout_seconds, durable=durable)

    async def close(self) -> None:
        """Write what was handed over, then end all threads; nothing can be written or read afterwards."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def commit(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        """Write a batch of changes that stand or fall together.

        The batch is on its way as soon as this is called, awaited or not; batches are written in the order
        of the calls. Raises LedgerConflict where a row is not as a change expects it: an assignment in
        another state, an intent settled already or never opened, a task not bound or bound already.
        """
        return self._writer.commit(changes)

    async def store_plan(
        self,
        campaign: str,
        day: date,
        version: str,
        runs: Iterable[PlannedRun],
        *,
        now: Instant,
    ) -> PlanStored:
        """Make what is still planned of a campaign's day equal to a plan, all of it or nothing.

        New keys are added, planned ones moved, planned ones that the plan lacks cancelled with a reason that
        begins with `edit: `, and ones cancelled so planned again. Nothing beyond `planned` is touched. A day
        that is planned in this version already costs next to nothing, and `runs` is not read.

        `runs` is read in the writer's thread; what it raises is raised here, and nothing is stored.
        """
        return await self._writer.run(
            partial(
                planning.store_plan,
                plan=runs,
                campaign=campaign,
                day=day,
                version=version,
                now=now,
                statements=self._writer.statements,
            )
        )

    async def add_runs(self, runs: Sequence[PlannedRun]) -> None:
        """Add runs beside the schedule, all or none of them; those that are there already stay so."""
        await self._writer.run(partial(planning.add_runs, runs=runs, statements=self._writer.statements))

    async def plan_again(self, *, now: Instant) -> None:
        """Let days be planned once more where the clock was ahead, and is right now.

        By it windows may have seemed to be over that are still to come: they were left out of their day's
        plan, or told as missed or skipped, which is taken back. Nothing of it was ever submitted.
        """
        await self._writer.run(partial(planning.plan_again, now=now))

    async def withdraw_plan(self, campaign: str, *, reason: str, now: Instant) -> int:
        """Cancel all that is still planned of a campaign whose file is gone or disabled; return how many.

        The reason is stored behind `edit: `, so that a later plan may bring them back.
        """
        return await self._writer.run(
            partial(planning.withdraw_plan, campaign=campaign, reason=reason, now=now)
        )

    async def recall(self, campaign: str, *, now: Instant) -> int:
        """Look anew at all of a campaign that was postponed beyond an instant; return how many there were."""
        return await self._writer.run(partial(planning.recall, campaign=campaign, now=now))

    async def accept_version(
        self,
        campaign: str,
        *,
        file: str,
        version: str,
        text: str,
        now: Instant,
        contents: Mapping[str, str] | None = None,
    ) -> None:
        """Keep a campaign file's text as the one in force; the same version again changes nothing.

        `contents` are the texts of its content files, by the names that it gives them.
        """
        row = {"campaign": campaign, "file": file, "version": version, "text": text, "accepted_at": now}
        row["contents"] = json.dumps(dict(contents)) if contents else None
        await self._writer.run(partial(_accept, row=row))

    async def end_campaign(self, campaign: str, *, now: Instant) -> None:
        """Note that a campaign's file is gone, so that no text of it is in force any more."""
        row = {"campaign": campaign, "file": "", "version": REMOVED, "text": "", "accepted_at": now}
        row["contents"] = None
        await self._writer.run(partial(_accept, row=row))

    async def doubt(self, *, now: Instant) -> int:
        """Make unknown what is planned and may have been submitted before a restore; return how many."""
        return await self._writer.run(partial(restored.doubt, now=now))

    async def note_restores(self, *, now: Instant) -> None:
        """Note that the daemon has seen to all restores."""
        await self._writer.run(partial(restored.note_applied, now=now))

    async def forget_numbers(self, host: str) -> int:
        """Note that a host's list was cleared: what has ended there gives up its numbers; return how many.

        A number can then be bound anew. Results stay as they are; what has not ended is for a look to tell.
        """
        return await self._writer.run(partial(_forget_numbers, host=host))

    async def give_halt(self, halt: Halt) -> GivenHalt:
        """Give a halt, whose `id` is told by what is returned."""
        return await self._writer.run(partial(halts.give, wanted=halt, pauses=False))

    async def drop_planned(self, halt: Halt, *, now: Instant) -> int:
        """Cancel what was planned for a halt only after it was given; return how many there were."""
        return await self._writer.run(partial(halts.drop_planned, halt=halt, now=now))

    async def was_written(self) -> bool:
        """Tell whether anybody has written since this was asked last; True also where that is not known.

        Of a file it waits for nobody, and costs less than a thread would.
        """
        if self._watch.is_at_once:
            return self._watch.look()
        return await asyncio.get_running_loop().run_in_executor(self.threads, self._watch.look)

    async def beat(self, now: Instant) -> None:
        """Note that the daemon is alive."""
        await self._writer.run(partial(_beat, now=now))

    due = _in_a_thread(Reader.due)
    next_due = _in_a_thread(Reader.next_due)
    under_way = _in_a_thread(Reader.under_way)
    planned_before = _in_a_thread(Reader.planned_before)
    submitting = _in_a_thread(Reader.submitting)
    on_host = _in_a_thread(Reader.on_host)
    closing = _in_a_thread(Reader.closing)
    next_close = _in_a_thread(Reader.next_close)
    assignments = _in_a_thread(Reader.assignments)
    assignment = _in_a_thread(Reader.assignment)
    plan_version = _in_a_thread(Reader.plan_version)
    states = _in_a_thread(Reader.states)
    runs = _in_a_thread(Reader.runs)
    planned_days = _in_a_thread(Reader.planned_days)
    events = _in_a_thread(Reader.events)
    last_event_id = _in_a_thread(Reader.last_event_id)
    restores = _in_a_thread(Reader.restores)
    chain_head = _in_a_thread(Reader.chain_head)
    intents = _in_a_thread(Reader.intents)
    newest_tasks = _in_a_thread(Reader.newest_tasks)
    bound_tasks = _in_a_thread(Reader.bound_tasks)
    echoes = _in_a_thread(Reader.echoes)
    tasks_in_doubt = _in_a_thread(Reader.tasks_in_doubt)
    wishes = _in_a_thread(Reader.wishes)
    anything_wished = _in_a_thread(Reader.anything_wished)
    open_intents = _in_a_thread(Reader.open_intents)
    given_up = _in_a_thread(Reader.given_up)
    hosts = _in_a_thread(Reader.hosts)
    holds = _in_a_thread(Reader.holds)
    held_rows = _in_a_thread(Reader.held_rows)
    accepted_version = _in_a_thread(Reader.accepted_version)
    accepted_versions = _in_a_thread(Reader.accepted_versions)
    last_beat = _in_a_thread(Reader.last_beat)
    open_triggers = _in_a_thread(Reader.open_triggers)
    open_halts = _in_a_thread(Reader.open_halts)
    left_of_halt = _in_a_thread(Reader.left_of_halt)
    untold_of_halt = _in_a_thread(Reader.untold_of_halt)
    halt_standing = _in_a_thread(Reader.halt_standing)
    stopped_tasks = _in_a_thread(Reader.stopped_tasks)
    alarms_seen = _in_a_thread(Reader.alarms_seen)
    waiting_messages = _in_a_thread(Reader.waiting_messages)
    events_named = _in_a_thread(Reader.events_named)

    def _close(self) -> None:
        self.threads.shutdown()
        self.reader.close()
        self._watch.close()
        # Last, so that SQLite finds nobody else there and folds its log into the file.
        self._writer.close()


def _accept(connection: Connection, *, row: dict[str, Any]) -> None:
    table = schema.campaign_versions
    newest = (
        select(table.c.file, table.c.version)
        .where(table.c.campaign == row["campaign"])
        .order_by(table.c.id.desc())
        .limit(1)
    )
    if connection.execute(newest).first() != (row["file"], row["version"]):
        connection.execute(insert(table), row)


def _forget_numbers(connection: Connection, *, host: str) -> int:
    task, assigned = schema.tasks.c, schema.assignments.c
    ended = select(assigned.key).where(schema.is_one_of(assigned.state, TERMINAL))
    of_host = and_(task.host == host, ~task.gone, task.key.in_(ended))
    return connection.execute(update(schema.tasks).where(of_host).values(gone=True)).rowcount


def _beat(connection: Connection, *, now: Instant) -> None:
    connection.execute(_BEAT, {"now": now})
