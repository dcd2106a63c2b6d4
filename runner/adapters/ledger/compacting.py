"""Compaction as the daemon uses it: piece by piece between what else the writer has to write."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from runner.adapters.ledger import compaction
from runner.adapters.ledger.dialect import fold_log, prefer_large_writes
from runner.adapters.ledger.faults import ledger_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from sqlalchemy import URL, Connection

    from runner.adapters.ledger.compaction import Piece, Place
    from runner.adapters.ledger.writer import Writer
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey

_T = TypeVar("_T")


class Compaction:
    """Deletes old history; every method is one short transaction, and raises LedgerUnavailable.

    A piece is on disk for sure only with the next thing that the daemon writes: what a power cut takes back
    is deleted again. After the last piece `end` has to be called.
    """

    def __init__(self, url: URL, writer: Writer) -> None:
        self._url = url
        self._writer = writer

    async def witnesses(self) -> frozenset[AssignmentKey]:
        """Return the assignments that stay however old they are: those of each host's newest tasks."""
        return await self._do(compaction.witnesses)

    async def worked_since(self, *, days: int) -> Instant | None:
        """Return when the first of the last days began on which anything was submitted; None for no day."""
        return await self._do(partial(compaction.worked_since, days=days))

    async def assignments(
        self, *, before: Instant, at: Place, kept: Collection[AssignmentKey], most: int
    ) -> Piece:
        """Delete some assignments of runs that closed before an instant; see `compact_assignments`."""
        return await self._do(
            partial(compaction.compact_assignments, before=before, at=at, kept=kept, most=most)
        )

    async def events(self, *, before: Instant, most: int) -> Piece:
        """Delete some of the events that happened before an instant."""
        return await self._do(partial(compaction.compact_events, before=before, most=most))

    async def observations(self, *, before: Instant, most: int) -> Piece:
        """Delete some of the observations that were made before an instant."""
        return await self._do(partial(compaction.compact_observations, before=before, most=most))

    async def plans(self, *, before: date) -> Piece:
        """Forget which versions days before one were planned in."""
        return await self._do(partial(compaction.compact_plans, before=before))

    async def fold(self) -> None:
        """Bring what was written into the store's file, beside the writer, which need not do it then."""

        def fold() -> None:
            with ledger_errors():
                fold_log(self._url)

        await asyncio.get_running_loop().run_in_executor(None, fold)

    async def end(self) -> None:
        """Let the writer go on as usual."""
        await self._writer.run(partial(prefer_large_writes, on=False))

    async def _do(self, work: Callable[[Connection], _T]) -> _T:
        def do(connection: Connection) -> _T:
            prefer_large_writes(connection, on=True)
            return work(connection)

        return await self._writer.run(do, lazily=True)
