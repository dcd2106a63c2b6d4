"""Ping addresses as long as all goes on, so that somebody else raises the alarm when that ends (ADR 0036)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.app.alarms import together
from runner.app.deliveries import whole_url
from runner.app.journal import event
from runner.core.campaign_pings import LONGEST_RUN_US, Pinged, due_ping
from runner.errors import SecretMissing
from runner.model.instant import moment

if TYPE_CHECKING:
    from runner.adapters.pings import Pings
    from runner.app.beside import Surroundings

LOOK_SECONDS = 30.0
AGAIN_SECONDS = 60.0
DAEMON = "the daemon"


async def ping_for_ever(surroundings: Surroundings, *, pings: Pings) -> None:
    """Ping until cancelled. Whatever goes wrong here stops nothing else."""
    notify = surroundings.config.config.settings.notify
    parts = {}
    if notify.ping_url is not None:
        parts["ping"] = DaemonPing(notify.ping_url, surroundings, pings=pings).run
    for name, url in notify.campaign_pings.items():
        parts[f"ping {name}"] = CampaignPing(name, url, surroundings, pings=pings).run
    if parts:
        await together(surroundings, parts)


class _Pinger:
    """Pings one address, and tells once where that fails."""

    def __init__(self, subject: str, url: str, surroundings: Surroundings, *, pings: Pings) -> None:
        self._subject = subject
        self._url = url
        self._surroundings = surroundings
        self._pings = pings
        self._failing = False

    async def _ping(self, suffix: str) -> bool:
        """Ping the address with something behind it, and tell whether that worked."""
        try:
            url = whole_url(self._url, secret=self._surroundings.config.secrets.look_up)
        except SecretMissing as error:
            reason: str | None = str(error)
        else:
            reason = await self._pings.ping(url.rstrip("/") + suffix)
        if reason is not None and not self._failing:
            at = self._surroundings.clock.now()
            self._surroundings.journal.note(
                [event("ping.failed", at=at, subject=self._subject, reason=reason)]
            )
        self._failing = reason is not None
        return not self._failing


class DaemonPing(_Pinger):
    """Pings for the daemon: `/start` first, then while it makes progress, `/fail` when it stands still."""

    def __init__(self, url: str, surroundings: Surroundings, *, pings: Pings) -> None:
        super().__init__(DAEMON, url, surroundings, pings=pings)
        self._seconds = surroundings.config.config.settings.notify.ping_interval.total_seconds()

    async def run(self) -> None:
        """Ping for ever."""
        insight = self._surroundings.insight
        await self._ping("/start")
        while True:
            # The verdict of the watchdog: what it lets go on is alive, a store that fails included.
            await self._ping("" if insight.standstill() is None else "/fail")
            await asyncio.sleep(self._seconds)


class CampaignPing(_Pinger):
    """Pings for one campaign: `/start` as a window opens, and how it has ended."""

    def __init__(self, campaign: str, url: str, surroundings: Surroundings, *, pings: Pings) -> None:
        super().__init__(campaign, url, surroundings, pings=pings)
        now = surroundings.clock.now()
        self._zone = ZoneInfo(surroundings.config.config.settings.timezone)
        # What ended shortly before a restart may not have been told; to tell it twice does no harm.
        self._pinged = Pinged(now, now - LONGEST_RUN_US)

    async def run(self) -> None:
        """Look and ping for ever.

        Raises:
            LedgerUnavailable: the store could not be read.
        """
        while True:
            # Missed before the daemon has had a look round is not what is in the store then.
            if not self._surroundings.insight.started or not await self.look():
                await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> bool:
        """Ping once where something has begun or ended; tell whether it was pinged."""
        now = self._surroundings.clock.now()
        today = moment(now, zone=self._zone).date()
        runs = [
            run
            for ahead in (-1, 0, 1)
            for run in await self._surroundings.ledger.runs(
                day=today + timedelta(days=ahead), campaign=self._subject
            )
        ]
        due = due_ping(runs, pinged=self._pinged, now=now)
        if due is None:
            return False
        if not await self._ping(due.suffix):
            await asyncio.sleep(AGAIN_SECONDS)
            return False
        self._pinged = due.becomes
        return True
