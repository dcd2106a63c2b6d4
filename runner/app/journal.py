"""Record what happened: first in the ledger, then in the log."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from runner.app.meter import Meter
from runner.errors import LedgerConflict, LedgerError, LedgerUnavailable
from runner.model.event_names import EVENT_NAMES
from runner.model.instant import shown
from runner.model.record import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from runner.adapters.ledger.ledger import Ledger
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, Run
    from runner.model.record import AssignmentRecord, Change


AGAIN_SECONDS = 1.0
"""How long after a failed write it is tried again."""


INSTANTS = frozenset({"due", "down_since", "until"})
"""Fields that hold an instant; they are told as ISO 8601."""


class Log(Protocol):
    """Where events go once they are on disk."""

    def write(self, event: Event) -> None:
        """Write one event."""
        ...

    def failure(self, what: str, error: BaseException) -> None:
        """Write an error that is ours."""
        ...

    def store_unavailable(self, reason: str) -> None:
        """Write that the store does not work, and that nothing is submitted meanwhile."""
        ...

    def store_available(self) -> None:
        """Write that the store works again."""
        ...


class Journal:
    """Writes batches of changes to the ledger, and their events to the log once they are on disk."""

    def __init__(self, ledger: Ledger, log: Log) -> None:
        self._ledger = ledger
        self._log = log
        self._under_way: set[asyncio.Future[None]] = set()
        self.meter = Meter()
        self._heard: Collection[str] = ()
        self._wake: Callable[[], None] | None = None
        self._trouble: str | None = None
        """Why the store did not work when it was used last, None where it did."""

    async def record(self, changes: Sequence[Change]) -> None:
        """Return once all changes are on disk, all or none of them, and their events in the log.

        Whoever is cancelled meanwhile stops waiting, not the write: what is on disk is told, too.

        Raises:
            LedgerError: none of them was written.
        """
        began = asyncio.get_running_loop().time()
        written = self._ledger.commit(changes)
        self._under_way.add(written)
        written.add_done_callback(partial(self._recorded, changes, began))
        # Who waits may be cancelled; what is on its way to the disk is told all the same.
        await asyncio.shield(written)

    def note(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        """Record what has happened already, where nothing has to wait for it.

        It comes before everything that is recorded later, so that an intent is closed before its worker opens
        the next. A store that cannot be written now is tried until it can: what was seen must not be lost.
        """
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way.add(noted)
        noted.add_done_callback(self._noted)
        self._hand_over(changes, noted)
        return noted

    async def settled(self) -> None:
        """Return once everything that was begun to be recorded or noted is on disk and in the log."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def abandon(self) -> None:
        """Give up what could not be written so far: the next start settles what is open in the store."""
        for under_way in tuple(self._under_way):
            under_way.cancel()

    def listen(self, names: Collection[str], wake: Callable[[], None]) -> None:
        """Call `wake`, which neither waits nor raises, whenever an event of one of these names is on disk."""
        self._heard, self._wake = names, wake

    @property
    def trouble(self) -> str | None:
        """Why the store did not work when it was used last, which was told; None where it did."""
        return self._trouble

    def failure(self, what: str, error: BaseException) -> None:
        """Log an error that is ours; a store that does not work once, however many wait for it."""
        if not isinstance(error, LedgerUnavailable):
            self.meter.stalled()
            self._log.failure(what, error)
            return
        self.meter.store_failed()
        if str(error) != self._trouble:
            self._trouble = str(error)
            self._log.store_unavailable(self._trouble)

    def store_works(self) -> None:
        """Note that the store has just been written, and log it where it could not be before."""
        if self._trouble is not None:
            self._trouble = None
            self._log.store_available()

    def _tell(self, changes: Sequence[Change], *, began: float) -> None:
        self.meter.recorded(changes, seconds=asyncio.get_running_loop().time() - began)
        for change in changes:
            if isinstance(change, Event):
                self._log.write(change)
                if self._wake is not None and change.name in self._heard:
                    self._wake()

    def _recorded(self, changes: Sequence[Change], began: float, written: asyncio.Future[None]) -> None:
        self._under_way.discard(written)
        if not written.cancelled() and written.exception() is None:
            self.store_works()
            self._tell(changes, began=began)

    def _hand_over(self, changes: Sequence[Change], noted: asyncio.Future[None]) -> None:
        # Callbacks, not a task: this is done for each of a thousand submissions.
        if noted.cancelled():
            return
        began = asyncio.get_running_loop().time()
        try:
            written = self._ledger.commit(changes)
        except LedgerUnavailable as error:
            self._try_again(changes, noted, error)
        except LedgerError as error:
            noted.set_exception(error)
        else:
            written.add_done_callback(partial(self._written, changes, noted, began))

    def _try_again(
        self, changes: Sequence[Change], noted: asyncio.Future[None], error: LedgerUnavailable
    ) -> None:
        if noted.cancelled():
            return
        self.failure("journal", error)
        asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._hand_over, changes, noted)

    def _written(
        self,
        changes: Sequence[Change],
        noted: asyncio.Future[None],
        began: float,
        written: asyncio.Future[None],
    ) -> None:
        error = written.exception()
        if isinstance(error, LedgerUnavailable):
            self._try_again(changes, noted, error)
            return
        if error is None:
            self.store_works()
            self._tell(changes, began=began)
        if noted.cancelled():
            return
        if error is None:
            noted.set_result(None)
        else:
            noted.set_exception(error)

    def _noted(self, noted: asyncio.Future[None]) -> None:
        self._under_way.discard(noted)
        if noted.cancelled():
            return
        error = noted.exception()
        # A conflict is the answer to whoever noted it.
        if error is not None and not isinstance(error, LedgerConflict):
            self.failure("journal", error)


def event(name: str, *, at: Instant, **fields: Any) -> Event:
    """Return an event of the catalogue; fields that are None are left out.

    Raises:
        KeyError: the name is not in the catalogue, which is a mistake of ours.
    """
    EVENT_NAMES[name]
    told = {key: value for key, value in fields.items() if value is not None}
    for key in INSTANTS & told.keys():
        told[key] = shown(told[key])
    if "task_ids" in told:
        told["task_ids"] = [int(task_id) if task_id.isdecimal() else task_id for task_id in told["task_ids"]]
    return Event(at, name, told)


def about(record: AssignmentRecord) -> dict[str, Any]:
    """Return the fields by which every event names an assignment."""
    return naming(record.run, record.assignment)


def naming(run: Run, assignment: Assignment) -> dict[str, Any]:
    """Return the fields by which every event names an assignment of a run."""
    target = assignment.target
    return {
        "campaign": run.campaign,
        "script": run.script,
        "script_name": run.order.script_name,
        "host": target.host,
        target.kind.value: target.name,
        "key": assignment.key,
    }
