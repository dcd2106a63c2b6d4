"""Delete history that is older than the config keeps, a little at a time beside all other work."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from runner.adapters.ledger import COMPACTION_START
from runner.app.journal import event
from runner.core.retention import FEWEST, WORKED_DAYS, bounds, next_size
from runner.model.instant import SECOND, shown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import timedelta

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger, Piece
    from runner.app.journal import Journal

STEADY_SECONDS = 3_600.0
"""How long the clock has to run without a jump before anything is deleted by it."""
EVERY_SECONDS = 86_400.0
PIECES_AT_ONCE = 40
"""After so many pieces the store's log is folded into its file."""
PAUSE_SECONDS = 0.001


@dataclass(slots=True)
class Deleted:
    """How many rows one pass has deleted."""

    assignments: int = 0
    events: int = 0
    observations: int = 0


class Retention:
    """Deletes once a day what is old, and tells the head of the audit log then."""

    def __init__(self, ledger: Ledger, *, journal: Journal, clock: Clock, keep: timedelta) -> None:
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._keep = keep
        self._jumped = asyncio.Event()
        self._size = FEWEST
        self._pieces = 0

    def put_off(self) -> None:
        """Wait until the clock has been steady for a while: it has jumped, and may be wrong now."""
        self._jumped.set()

    async def run(self) -> None:
        """Delete what is old, for ever.

        Raises:
            LedgerUnavailable: the store could not be read or written.
        """
        wait_seconds = STEADY_SECONDS
        while True:
            self._jumped.clear()
            try:
                async with asyncio.timeout(wait_seconds):
                    await self._jumped.wait()
            except TimeoutError:
                await self.compact()
                wait_seconds = EVERY_SECONDS
            else:
                wait_seconds = STEADY_SECONDS

    async def compact(self) -> Deleted:
        """Delete all that is old by now, and tell how much that was."""
        chain_head = await self._ledger.chain_head()
        if chain_head is not None:
            await self._journal.record([event("audit.head", at=self._clock.now(), head=chain_head)])
        worked = await self._ledger.compaction.worked_since(days=WORKED_DAYS)
        bound = bounds(keep=self._keep, now=self._clock.now(), worked=worked)
        try:
            deleted = await self._delete(bound.runs, bound.events)
            await self._ledger.compaction.plans(before=bound.plans)
        finally:
            with suppress(asyncio.CancelledError):
                await self._ledger.compaction.end()
        if deleted != Deleted():
            told = event(
                "store.compacted",
                at=self._clock.now(),
                before=shown(bound.runs),
                assignments=deleted.assignments,
                events=deleted.events,
                observations=deleted.observations,
            )
            await self._journal.record([told])
        return deleted

    async def _delete(self, runs_before: int, events_before: int) -> Deleted:
        compaction, deleted = self._ledger.compaction, Deleted()
        kept = await compaction.witnesses()
        piece = None
        while piece is None or not piece.ended:
            at = COMPACTION_START if piece is None else piece.at
            piece = await self._one(partial(compaction.assignments, before=runs_before, at=at, kept=kept))
            deleted.assignments += piece.deleted
        deleted.events = await self._all(partial(compaction.events, before=events_before))
        deleted.observations = await self._all(partial(compaction.observations, before=events_before))
        if self._pieces:
            await compaction.fold()
        return deleted

    async def _all(self, delete: Callable[..., Awaitable[Piece]]) -> int:
        count = 0
        while True:
            piece = await self._one(delete)
            count += piece.deleted
            if piece.ended:
                return count

    async def _one(self, delete: Callable[..., Awaitable[Piece]]) -> Piece:
        began = self._clock.monotonic_seconds()
        piece = await delete(most=self._size)
        took_us = round((self._clock.monotonic_seconds() - began) * SECOND)
        if piece.deleted:
            self._size = next_size(self._size, took_us=took_us)
            self._pieces += 1
        if self._pieces >= PIECES_AT_ONCE:
            self._pieces = 0
            await self._ledger.compaction.fold()
        await asyncio.sleep(PAUSE_SECONDS)
        return piece
