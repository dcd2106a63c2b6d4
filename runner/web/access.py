"""What the routes of the HTTP API work with: daemon, store, clock; nothing of it blocks the loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from runner.adapters.ledger import Reader
from runner.model.instant import moment
from runner.web.wire import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo

    from runner.app.beside import Surroundings
    from runner.model.instant import Instant
    from runner.model.settings import Settings

MOST_WAITING = 16
"""Questions that may wait for the store; what comes on top is asked to come again."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Access:
    """One thread that reads and one that writes, so that a long answer never keeps an order waiting."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.daemon = surroundings.insight
        self.journal = surroundings.journal
        self.clock = surroundings.clock
        self.config = surroundings.config
        self.settings: Settings = surroundings.config.config.settings
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="api-read")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="api-write")
        self._waiting = 0
        self.answered: Counter[tuple[str, int]] = Counter()
        """How many answers went out, by route (empty: none) and status."""
        self._reader: Reader | None = None
        self.examining = asyncio.Lock()
        """Is held while `doctor` examines everything."""

    @property
    def zone(self) -> tzinfo:
        """The config's zone."""
        return ZoneInfo(self.settings.timezone)

    def now(self) -> Instant:
        """Return what time it is."""
        return self.clock.now()

    def day(self, chosen: date | None) -> date:
        """Return the day that was asked for, today where none was."""
        return chosen or moment(self.now(), zone=self.zone).date()

    async def ask(
        self, question: Callable[Concatenate[Reader, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Return the answer to a question about the store.

        Raises:
            Refused: too many questions wait already.
            LedgerError: it cannot be read.
        """
        return await self.work(self._asked, question, args, kwargs)

    async def work(self, work: Callable[..., _T], *args: Any) -> _T:
        """Do what takes a while in the thread that reads; raises Refused where too much waits for it."""
        if self._waiting >= MOST_WAITING:
            detail = "too many questions wait for the store"
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after="1")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, partial(work, *args))
        finally:
            self._waiting -= 1

    async def order(self, use_case: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Return what a use case returns that writes into the store."""
        call = partial(use_case, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._writing, call)

    def close(self) -> None:
        """Give everything up; waits for nothing."""
        self._reading.shutdown(wait=False, cancel_futures=True)
        self._writing.shutdown(wait=False, cancel_futures=True)
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _asked(self, question: Callable[..., _T], args: tuple[object, ...], kwargs: dict[str, object]) -> _T:
        if self._reader is None:
            self._reader = Reader.open(self.settings.store)
        return question(self._reader, *args, **kwargs)
