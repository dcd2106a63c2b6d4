"""The one thread that writes: all batches that wait at a moment share one transaction and one fsync."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import chain
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from runner.adapters.ledger.chain import ChainEnd
from runner.adapters.ledger.dialect import file_identity, transaction, without_sync, writing_engine
from runner.adapters.ledger.faults import ledger_errors
from runner.adapters.ledger.guards import check, waiting
from runner.adapters.ledger.merging import write
from runner.adapters.ledger.server import CommitUnclear, for_seconds, settled
from runner.adapters.ledger.statements import Statements
from runner.errors import LedgerError, LedgerUnavailable, StoreInUse
from runner.model.record import IntentOpened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import URL, Connection

    from runner.model.plan import AssignmentKey
    from runner.model.record import Change

_T = TypeVar("_T")

_GENERATION = (
    "SELECT generation, (SELECT count(*) FROM holds WHERE end_told_at IS NULL AND released_at IS NULL) + "
    "(SELECT count(*) FROM halted WHERE closed_at IS NULL AND fate IS NULL), "
    "EXISTS (SELECT 1 FROM needs), (SELECT max(id) FROM events), head_id, head_hash "
    "FROM heartbeat LEFT JOIN chain ON chain.id = 1"
)
_GROUP_SIZE = 500
"""At most so many batches share a transaction, so that the first of them need not wait for ever."""
_JOB_UNCLEAR_SECONDS = 5.0
"""So long a job waits to be told whether it was committed; after that it has failed, and may be done again. A
batch waits until the server is back: its intent would otherwise be taken for one that was never written."""
_CROWD = 4
_LINGER_SECONDS = 0.004
"""In a crowd, where so many batches shared the last transaction, the next one waits for more to join it: a
transaction costs as much as some submissions. It is about as long as a sync; a lone batch never waits."""


@dataclass(slots=True, eq=False)
class _Batch:
    changes: tuple[Change, ...]
    future: asyncio.Future[None]
    opened: tuple[IntentOpened, ...]
    """Intents among the changes that needs, limits, pauses and content rows look at."""


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    lazily: bool


class Writer:
    """Writes batches and jobs in the order in which they were handed over.

    Its methods are called in one event loop, its thread does the rest. The thread does not die of an error:
    what could not be written is reported to the one who waits, and the next one finds a new connection.
    """

    def __init__(self, url: URL, *, generation: int, busy_timeout_seconds: float, durable: bool) -> None:
        self._url = url
        self._generation = generation
        self._engine = writing_engine(url, busy_timeout_seconds=busy_timeout_seconds, durable=durable)
        self.statements = Statements(self._engine.dialect)
        self._identity = file_identity(url)
        self._connection: Connection | None = None
        self._queue: SimpleQueue[_Batch | _Job | None] = SimpleQueue()
        self._closed = False
        self._held = self._chained = False
        self._linger_seconds = _LINGER_SECONDS if durable else 0.0
        self._crowd_until = 0.0
        """By the monotonic clock: until then the next batch is probably not alone."""
        self._chain = ChainEnd(0, b"")
        """As the transaction under way has found and continued it."""
        # A daemon thread, so that a program that fails without closing the ledger still ends.
        self._thread = Thread(target=self._serve, name="ledger-writer", daemon=True)
        self._thread.start()

    def commit(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        """Hand a batch over; the future is done once it is on disk, or has failed as a whole.

        Cancelling the future changes nothing about the write.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        opened = tuple(each for each in changes if isinstance(each, IntentOpened) and each.use is not None)
        self._hand_over(_Batch(tuple(changes), future, opened))
        return future

    def run(self, work: Callable[[Connection], _T], *, lazily: bool = False) -> asyncio.Future[_T]:
        """Hand over work that gets a transaction of its own.

        What is written `lazily` is on disk with the next thing that is not: a power cut may take it back.
        """
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._hand_over(_Job(work, future, lazily))
        return future

    def close(self) -> None:
        """Write all that was handed over, then end the thread; waits for it. May be called twice."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _hand_over(self, item: _Batch | _Job) -> None:
        if self._closed:
            raise LedgerUnavailable("the ledger is closed")
        self._queue.put(item)

    def _serve(self) -> None:
        batches: list[_Batch] = []
        while True:
            for item in self._waiting():
                if isinstance(item, _Batch):
                    batches.append(item)
                    continue
                self._write(batches)
                batches = []
                if item is None:
                    self._disconnect()
                    return
                _settle([item], [self._done(item)])
            self._write(batches)
            batches = []

    def _waiting(self) -> list[_Batch | _Job | None]:
        """Wait for the next item; return it with all that is there by then."""
        items = [self._queue.get()]
        if monotonic() < self._crowd_until:
            sleep(self._linger_seconds)
        with suppress(Empty):
            while len(items) < _GROUP_SIZE:
                items.append(self._queue.get_nowait())
        return items

    def _write(self, batches: list[_Batch]) -> None:
        if not batches:
            return
        try:
            with self._transaction() as connection:
                outcomes = self._write_together(connection, batches)
        except (LedgerUnavailable, StoreInUse) as error:
            _settle(batches, [_Failed(_copy(error)) for _ in batches])
        except Exception as error:  # noqa: BLE001 - handed to the one who waits
            _settle(batches, [_Failed(error)] if len(batches) == 1 else self._write_each(batches))
        else:
            _settle(batches, outcomes)
        if len(batches) >= _CROWD:
            self._crowd_until = monotonic() + self._linger_seconds

    def _write_together(self, connection: Connection, batches: list[_Batch]) -> list[Any]:
        waits = self._waiting_among(connection, batches)
        if any(self._has_to_check(batch, waits) for batch in batches):
            # One by one, so that each finds what those before it have taken.
            return [self._write_alone(connection, batch, waits) for batch in batches]
        changes = chain.from_iterable(batch.changes for batch in batches)
        write(connection, changes, statements=self.statements, chain=self._chain)
        return [None] * len(batches)

    def _waiting_among(self, connection: Connection, batches: list[_Batch]) -> frozenset[AssignmentKey]:
        if not self._chained:
            return frozenset()
        return waiting(connection, chain.from_iterable(batch.opened for batch in batches))

    def _has_to_check(self, batch: _Batch, waits: frozenset[AssignmentKey]) -> bool:
        return any(
            self._held or intent.reservations or intent.row is not None or intent.key in waits
            for intent in batch.opened
        )

    def _write_each(self, batches: list[_Batch]) -> list[Any]:
        """Write batches one by one in one transaction, each behind a savepoint: only the guilty one fails."""
        outcomes: list[Any] = []
        try:
            with self._transaction() as connection:
                waits = self._waiting_among(connection, batches)
                outcomes.extend(self._write_alone(connection, batch, waits) for batch in batches)
        except (LedgerUnavailable, StoreInUse) as error:
            return [_Failed(_copy(error)) for _ in batches]
        return outcomes

    def _write_alone(
        self, connection: Connection, batch: _Batch, waits: frozenset[AssignmentKey]
    ) -> _Failed | None:
        end = self._chain.copy()
        try:
            with ledger_errors(), connection.begin_nested():
                if self._has_to_check(batch, waits):
                    check(connection, batch.opened)
                write(connection, batch.changes, statements=self.statements, chain=self._chain)
        except LedgerUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - handed to the one who waits
            self._chain = end
            return _Failed(error)
        return None

    def _done(self, job: _Job) -> Any:
        try:
            with self._transaction(lazily=job.lazily, unclear_seconds=_JOB_UNCLEAR_SECONDS) as connection:
                return job.work(connection)
        except Exception as error:  # noqa: BLE001 - handed to the one who waits
            return _Failed(error)

    @contextmanager
    def _transaction(
        self, *, lazily: bool = False, unclear_seconds: float | None = None
    ) -> Iterator[Connection]:
        """Open a transaction that is committed at the end, or rolled back whole with a ledger's error.

        After a fault of the store the connection is given up: the next transaction makes a new one. Where a
        server's answer to the COMMIT was lost, it is asked, for so many seconds or until the end.
        """
        try:
            with ledger_errors():
                self._refuse_another_file()
                if self._connection is None:
                    self._connection = self._engine.connect()
                unsynced = without_sync(self._connection) if lazily else nullcontext()
                with unsynced, transaction(self._connection):
                    self._refuse_stale(self._connection)
                    yield self._connection
                    self._chain.store(self._connection, self.statements.chain_end)
        except CommitUnclear as unclear:
            self._disconnect()
            if not self._was_committed(unclear, seconds=unclear_seconds):
                raise LedgerUnavailable(*unclear.args) from unclear
        except LedgerUnavailable:
            self._disconnect()
            raise

    def _was_committed(self, unclear: CommitUnclear, *, seconds: float | None) -> bool:
        in_time = None if seconds is None else for_seconds(seconds)

        def again() -> bool:
            self._refuse_waiting(unclear)
            return not self._closed and (in_time is None or in_time())

        return settled(self._engine, unclear, again=again)

    def _refuse_waiting(self, error: LedgerError) -> None:
        """Let what was handed over meanwhile fail as it does whenever the store is out of reach."""
        with suppress(Empty):
            while not self._closed:
                item = self._queue.get_nowait()
                if item is None:
                    self._queue.put(None)
                    return
                _settle([item], [_Failed(LedgerUnavailable(*error.args))])

    def _refuse_another_file(self) -> None:
        # SQLite goes on writing into a file that was deleted or replaced, and that is on no disk any more.
        if file_identity(self._url) != self._identity:
            raise LedgerUnavailable("the store was deleted or replaced: restart to use what is there now")

    def _refuse_stale(self, connection: Connection) -> None:
        # A daemon that was thought dead, or whose lock did not hold (a network disk, a copied container).
        generation, holds, needs, *end = connection.exec_driver_sql(_GENERATION).one()
        if generation != self._generation:
            raise StoreInUse("another daemon has taken over the store")
        # Asked for here, since a transaction may not begin without this question anyway.
        self._held, self._chained = holds > 0, bool(needs)
        self._chain = ChainEnd.found(connection, *end)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()


@dataclass(slots=True, eq=False)
class _Failed:
    error: Exception


def _copy(error: LedgerError) -> LedgerError:
    """Return an error of its own for one of several who wait: raising adds to an error's traceback."""
    copy = type(error)(*error.args)
    copy.__cause__ = error.__cause__
    return copy


def _settle(items: Sequence[_Batch | _Job], outcomes: Sequence[Any]) -> None:
    # One call for all that wait in a loop: each would cost a system call to wake it. There is one loop, but
    # for what was left behind by one that has ended.
    of_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for item, outcome in zip(items, outcomes, strict=True):
        of_loop.setdefault(item.future.get_loop(), []).append((item.future, outcome))
    for loop, outcomes_of_loop in of_loop.items():
        with suppress(RuntimeError):  # the loop was closed meanwhile, so that nobody waits any more
            loop.call_soon_threadsafe(_complete, outcomes_of_loop)


def _complete(settled: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in settled:
        if future.cancelled():
            continue
        if isinstance(outcome, _Failed):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome)
