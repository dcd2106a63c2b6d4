"""Tell the service manager how the daemon stands, and that it goes on as long as it does (ADR 0030)."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.adapters.service_manager import microseconds
from runner.core.service_status import status_line
from runner.errors import LedgerUnavailable
from runner.model.instant import instant, moment
from runner.model.record import HostState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.service_manager import ServiceManager
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.vital_signs import VitalSigns
    from runner.model.instant import Instant
    from runner.model.settings import Settings

STATUS_SECONDS = 30.0
"""How often the line about how things stand is renewed."""


class ServiceWatch:
    """Tells the service manager how the daemon stands, and that it goes on as long as its signs say so.

    Where no service manager wants to be told, nothing happens.
    """

    def __init__(
        self,
        manager: ServiceManager | None,
        signs: VitalSigns,
        *,
        settings: Settings,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        sessions: Mapping[str, HostSession],
    ) -> None:
        self._manager = manager
        self._signs = signs
        self._settings = settings
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._sessions = sessions
        self._reloading = False
        self._round_reloads = False
        """Did the round of house-keeping that is under way begin after the reload was asked for?"""
        self._told = ""
        self._status_at = clock.monotonic_seconds() - STATUS_SECONDS

    @property
    def wanted(self) -> bool:
        """Does a service manager want to be told?"""
        return self._manager is not None

    # -- what the daemon's parts say -----------------------------------------------------------------------

    def started(self) -> None:
        """Note that all loops run."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Note that somebody has asked for a look at all files, which the next round will be."""
        self._reloading, self._round_reloads = True, False
        self._tell("RELOADING=1", f"MONOTONIC_USEC={microseconds(self._clock.monotonic_seconds())}")

    def round_began(self) -> None:
        """Note that a round of house-keeping begins."""
        self._round_reloads = self._reloading

    def round_ended(self) -> None:
        """Note that a round of house-keeping has come to its end, the heartbeat."""
        if self._round_reloads:
            self._reloaded()

    def stopping(self, *, seconds: float) -> None:
        """Note that the daemon ends, which may take so long."""
        self._tell("STOPPING=1", "STATUS=stopping", f"EXTEND_TIMEOUT_USEC={microseconds(seconds)}")

    # -- what the service manager is told ------------------------------------------------------------------

    async def run(self) -> None:
        """Tell for ever that the daemon goes on, while it does."""
        watchdog = None if self._manager is None else self._manager.watchdog_seconds
        # Three times in its time: one that is late, or not taken at once, is none too few.
        pause_seconds = STATUS_SECONDS if watchdog is None else min(watchdog / 3, STATUS_SECONDS)
        stands_still: str | None = None
        while True:
            found = self._signs.standstill()
            if found is not None and stands_still is None:
                self._journal.failure("watchdog", TimeoutError(found))
            stands_still = found
            if stands_still is not None:
                self._tell_status(f"stands still: {stands_still}")
            elif watchdog is not None:
                self._tell("WATCHDOG=1")
            if self._journal.trouble is not None and self._reloading:
                # It is owed still; whoever waits for it need not wait for a disk.
                self._reloaded()
            if stands_still is None:
                await self._renew_status()
            await asyncio.sleep(pause_seconds)

    async def _renew_status(self) -> None:
        at = self._clock.monotonic_seconds()
        trouble = self._journal.trouble
        if trouble is not None:
            self._tell_status(f"nothing is submitted: {trouble}")
            self._status_at = at - STATUS_SECONDS
        elif at - self._status_at >= STATUS_SECONDS:
            self._status_at = at
            try:
                self._tell_status(await self._status())
            except LedgerUnavailable as error:
                self._journal.failure("status", error)

    async def _status(self) -> str:
        now, names = self._clock.now(), list(self._settings.hosts)
        left = await self._ledger.planned_before(_end_of_day(now, timezone=self._settings.timezone))
        left += sum([await self._ledger.under_way(name) for name in names])
        due = await self._ledger.next_due(hosts=names, after=now)
        return status_line(
            ready=sum(session.state is HostState.READY for session in self._sessions.values()),
            hosts=len(names),
            left=left,
            next_due=min(due.values(), default=None),
            now=now,
            timezone=self._settings.timezone,
        )

    def _reloaded(self) -> None:
        self._reloading = self._round_reloads = False
        self._tell("READY=1")

    def _tell_status(self, status: str) -> None:
        if status != self._told:
            self._told = status
            self._tell(f"STATUS={status}")

    def _tell(self, *assignments: str) -> None:
        if self._manager is not None:
            self._manager.tell(*assignments)


def _end_of_day(now: Instant, *, timezone: str) -> Instant:
    zone = ZoneInfo(timezone)
    tomorrow = moment(now, zone=zone).date() + timedelta(days=1)
    return instant(datetime.combine(tomorrow, time(), tzinfo=zone))
