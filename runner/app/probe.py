"""Probe a host: is it reached, is it TikMatrix, does its licence allow the API?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.app.rhythm import USUAL_RHYTHM
from runner.core.ahead import clock_off_us
from runner.core.backlog import OVERDUE_US
from runner.core.host_state import host_state
from runner.errors import HostError
from runner.model.instant import SECOND
from runner.model.record import HostObserved, HostState

if TYPE_CHECKING:
    from runner.adapters.clock import Clock
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.tikmatrix import Licence

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class Prober:
    """Keeps one host's state true: asks for its licence at intervals, more often while something is wrong."""

    def __init__(
        self,
        session: HostSession,
        *,
        journal: Journal,
        clock: Clock,
        ready_seconds: float = USUAL_RHYTHM.probe_seconds,
    ) -> None:
        self._session = session
        self._ready_seconds = ready_seconds
        self._journal = journal
        self._clock = clock
        self._pause_seconds = FIRST_PAUSE_SECONDS

    async def run(self) -> None:
        """Probe for ever; a set `probe` event asks for one at once."""
        session = self._session
        while True:
            session.probe.clear()
            await self.probe()
            if session.state is HostState.READY and not await _asked(
                session.probe, seconds=self._ready_seconds
            ):
                self._pause_seconds = FIRST_PAUSE_SECONDS
                continue
            # Not cut short by submissions that fail: that would be a probe for each of them. A host whose
            # licence checks, but that takes no work, is asked less and less often as well.
            await asyncio.sleep(self._pause_seconds)
            self._pause_seconds = min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def probe(self) -> None:
        """Ask once, and record what the answer says of the host."""
        session = self._session
        asked_at = self._clock.now()
        try:
            licence = await session.client.licence()
        except HostError as error:
            self.note(host_state(error), str(error))
        else:
            self._compare_clocks(asked_at=asked_at)
            self._licensed(licence)

    def note(self, state: HostState, detail: str, licence: Licence | None = None) -> None:
        """Record a host's state where it differs from the last one; wake its loops when it becomes ready."""
        session = self._session
        if (state, detail) == (session.state, session.detail):
            return
        changed = state is not session.state
        self._mark(state, now=self._clock.now())
        session.state, session.detail = state, detail
        plan = None if licence is None else licence.plan_name
        limit = None if licence is None else licence.device_limit
        at = self._clock.now()
        told = event(
            f"host.{state}",
            at=at,
            host=session.name,
            url=session.host.url,
            detail=detail,
            plan_name=plan,
            device_limit=limit,
        )
        observed = HostObserved(session.name, state, detail, plan, limit, at)
        # Noted, not recorded: a store that fails now must not keep the loops from going on.
        self._journal.note([observed, told] if changed else [observed])
        if state is HostState.READY:
            session.wake()
            # It has just been asked.
            session.probe.clear()

    def _mark(self, state: HostState, *, now: Instant) -> None:
        session = self._session
        if state is HostState.READY:
            if session.unready_since is not None and now - session.unready_since > OVERDUE_US:
                session.lose(session.unready_since)
            session.unready_since = None
        elif session.unready_since is None:
            session.unready_since = now

    def _compare_clocks(self, *, asked_at: Instant) -> None:
        """Note, and tell once, where the host's clock and ours are too far apart for work to go ahead."""
        session, now = self._session, self._clock.now()
        off_us = clock_off_us(session.client.host_clock, asked_at=asked_at, answered_at=now)
        was_off = session.clock_off_seconds is not None
        session.clock_off_seconds = None if off_us is None else round(off_us / SECOND, 1)
        if off_us is not None and not was_off:
            told = event("host.clock_off", at=now, host=session.name, seconds=session.clock_off_seconds)
            self._journal.note([told])

    def _licensed(self, licence: Licence) -> None:
        if not licence.api_enabled:
            detail = f"the plan {licence.plan_name} has no API access"
            self.note(
                HostState.UNLICENSED, f"{detail}: {licence.message}" if licence.message else detail, licence
            )
            return
        self.note(HostState.READY, f"plan {licence.plan_name}", licence)


async def _asked(asked: asyncio.Event, *, seconds: float) -> bool:
    """Wait until something asks, at most so long; tell whether it did."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await asked.wait()
    return False
