"""Notice that windows close: tell what was missed in them, and let every host's closer look."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.app.close import tell_missed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.scheduler import Scheduler
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant


class WindowWatch:
    """Looks when a window closes, and whenever `closing` is set."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        scheduler: Scheduler,
        sessions: Mapping[str, HostSession],
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._scheduler = scheduler
        self._sessions = sessions
        self._telling = asyncio.Lock()
        self.closing = asyncio.Event()
        self.stopping = False

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.closing.wait()
            self.closing.clear()
            # One instant for both: a window that closes between them would ring no alarm.
            now = self._clock.now()
            await self.tell_missed(now=now)
            for session in self._sessions.values():
                session.close.set()
            closes = await self._ledger.next_close(after=now)
            if closes is not None and not self.stopping:
                self._scheduler.at("close", closes, self.closing.set)

    async def tell_missed(self, *, now: Instant) -> None:
        """Tell what was missed in windows that have closed by now; one at a time."""
        async with self._telling:
            await tell_missed(self._ledger, journal=self._journal, sessions=self._sessions, now=now)
