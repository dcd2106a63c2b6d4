"""The door to APScheduler, which only wakes us: it holds a handful of jobs and decides nothing (ADR 0004)."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import TYPE_CHECKING, Protocol

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from runner.model.instant import moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.model.instant import Instant


class Scheduler(Protocol):
    """Calls us at instants and at intervals. What it calls must return at once and must not raise."""

    def start(self) -> None:
        """Begin to call; needs a running event loop."""
        ...

    def at(self, name: str, instant: Instant, call: Callable[[], None]) -> None:
        """Call once at an instant, or at once where it is past; replaces what the name stood for."""
        ...

    def every(
        self, name: str, seconds: float, call: Callable[[], None], *, first_at: Instant | None = None
    ) -> None:
        """Call again and again, the first time after one interval, or at `first_at`.

        Replaces what the name stood for.
        """
        ...

    def forget(self, name: str) -> None:
        """Call no longer; nothing happens where the name is not known."""
        ...

    def nudge(self) -> None:
        """Look at the wall clock again now: after a sleep or a clock change its timers are wrong."""
        ...

    def stop(self) -> None:
        """Call nothing any more."""
        ...


class ApSchedulerAlarms:
    """APScheduler 3.11 with the settings that make it safe here.

    `misfire_grace_time=None`, because our own windows judge lateness (its default of one second drops jobs in
    silence); `coalesce` and `max_instances=1` against bursts; UTC instants only, because its cron triggers
    skip days at clock changes; a job store in memory, because the ledger holds the plan.
    """

    def __init__(self) -> None:
        # It logs every run at INFO; our own events say what happened.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to call; needs a running event loop."""
        self._scheduler.start()

    def at(self, name: str, instant: Instant, call: Callable[[], None]) -> None:
        """Call once at an instant, or at once where it is past; replaces what the name stood for."""
        trigger = DateTrigger(run_date=moment(instant), timezone=UTC)
        self._scheduler.add_job(_as_coroutine(call), trigger, id=name, replace_existing=True)

    def every(
        self, name: str, seconds: float, call: Callable[[], None], *, first_at: Instant | None = None
    ) -> None:
        """Call again and again; see `Alarms.every`."""
        first = None if first_at is None else moment(first_at)
        trigger = IntervalTrigger(seconds=seconds, start_date=first, timezone=UTC)
        self._scheduler.add_job(_as_coroutine(call), trigger, id=name, replace_existing=True)

    def forget(self, name: str) -> None:
        """Call no longer; nothing happens where the name is not known."""
        try:
            self._scheduler.remove_job(name)
        except JobLookupError:
            return

    def nudge(self) -> None:
        """Look at the wall clock again now: after a sleep or a clock change its timers are wrong."""
        self._scheduler.wakeup()

    def stop(self) -> None:
        """Call nothing any more; our own work is not its to wait for."""
        self._scheduler.shutdown(wait=False)


def _as_coroutine(call: Callable[[], None]) -> Callable[[], object]:
    # The executor runs a plain function in a thread, a coroutine in the loop: we want the loop.
    async def called() -> None:
        call()

    return called
