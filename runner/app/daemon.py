"""Run the daemon: wake the use cases at the right moments, and end cleanly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from runner import __version__
from runner.app.host_work import work_of_hosts
from runner.app.insight import Insight
from runner.app.journal import event
from runner.app.persons import Persons
from runner.app.plan_queue import PlanQueue
from runner.app.planning import Planner
from runner.app.reload import Campaigns
from runner.app.restored import see_to_restores
from runner.app.restraints import Restraints
from runner.app.retention import Retention
from runner.app.rhythm import USUAL_RHYTHM, Rhythm, next_turn
from runner.app.service_watch import ServiceWatch
from runner.app.settle import settle_open_intents
from runner.app.vital_signs import VitalSigns
from runner.app.watch_clock import ClockWatch
from runner.app.watch_config import ConfigWatch
from runner.app.window_watch import WindowWatch
from runner.core.backlog import LONGEST_US
from runner.errors import StoreInUse
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.scheduler import Scheduler
    from runner.adapters.service_manager import ServiceManager
    from runner.adapters.tikmatrix.client import TikMatrix
    from runner.app.check_child import FileChecker
    from runner.app.journal import Journal
    from runner.app.loaded import LoadedConfig
    from runner.model.instant import Instant
    from runner.model.record import Event
    from runner.model.settings import Host

LONGEST_STOP_US = 31 * 86_400 * SECOND
"""What fell due in a longer stop is not told one by one."""
STOP_SECONDS = 20.0
"""How long requests under way may take to end when the daemon stops."""
WRITE_SECONDS = 5.0
"""How long the store may take then to write what has happened."""
CLOSE_SECONDS = 10.0
"""How long the store may take after that to be closed."""
STALL_SECONDS = 5.0


class _Doors(TypedDict):
    """What nearly every part works through."""

    ledger: Ledger
    journal: Journal
    clock: Clock


class Daemon:
    """The whole engine on one event loop. Time, scheduler and hosts' clients come from outside."""

    def __init__(
        self,
        config: LoadedConfig,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        scheduler: Scheduler,
        client_of: Callable[[Host], TikMatrix],
        checker: FileChecker,
        working_folder: Path,
        rhythm: Rhythm = USUAL_RHYTHM,
        service: ServiceManager | None = None,
    ) -> None:
        self._settings = settings = config.config.settings
        self._rhythm = rhythm
        doors = _Doors(ledger=ledger, journal=journal, clock=clock)
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._scheduler = scheduler
        self._campaigns = Campaigns(
            config, checker=checker, ledger=ledger, journal=journal, working_folder=working_folder
        )
        self._planner = Planner(ledger, journal=journal)
        self._restraints = Restraints(settings, limits_of=self._campaigns.limits_of)
        file = config.folder / Path(settings.file).name
        self._config_watch = ConfigWatch(config, journal=journal, read_again=partial(checker.config, file))
        self._work = work_of_hosts(
            config, self._restraints, client_of=client_of, scheduler=scheduler, rhythm=rhythm, **doors
        )
        sessions = {name: work.session for name, work in self._work.items()}
        self._heartbeat = asyncio.Event()
        self._windows = WindowWatch(scheduler=scheduler, sessions=sessions, **doors)
        self._persons = Persons(
            config,
            self._restraints,
            rhythm=rhythm,
            sessions=sessions,
            hurry=self._heartbeat.set,
            replanned=self._windows.closing.set,
            **doors,
        )
        self._retention = Retention(**doors, keep=settings.retention)
        self._signs = VitalSigns(journal=journal, clock=clock)
        self._service = ServiceWatch(service, self._signs, settings=settings, sessions=sessions, **doors)
        self._stopping = asyncio.Event()
        self._beats = 0
        self._owed = PlanQueue()
        self._down_since: Instant | None = None
        self._fenced: StoreInUse | None = None
        self._clock_watch = ClockWatch(journal, clock=clock)
        self._patience: asyncio.Timeout | None = None
        """Ends when requests under way get no more time."""
        self.insight = Insight(
            settings, campaigns=self._campaigns, sessions=sessions, journal=journal, signs=self._signs
        )

    def stop(self) -> None:
        """Begin to stop; `run` returns once everything has ended. A second call waits for no request."""
        patience, self._patience = self._patience, None
        if patience is not None:
            patience.reschedule(0)
        self._stopping.set()
        self._windows.stopping = True
        self.insight.stopping = True

    def look(self) -> None:
        """Look at config and campaign files now."""
        self._persons.reloads.look_anyway = True
        self._service.reloading()
        self._heartbeat.set()

    async def run(self) -> None:
        """Work until `stop` is called.

        Raises:
            StoreInUse: another daemon has taken over the store.
        """
        await self._start()
        loops = self._loops()
        self._signs.started(loops)
        self._service.started()
        if self._service.wanted:
            loops.append(asyncio.create_task(self._supervise("service", self._service.run), name="service"))
        try:
            await self._stopping.wait()
        finally:
            await self._end(loops)
        if self._fenced is not None:
            raise self._fenced

    async def _start(self) -> None:
        now = self._clock.now()
        self._down_since = await self._ledger.last_beat()
        if self._down_since is not None and self._down_since > now:
            self._planner.clock_went_back()
        for work in self._work.values():
            work.session.awake_since = now
            # Of a host that is not reached at first, the whole time until it is counts.
            work.session.unready_since = self._down_since or now - LONGEST_US
        hosts = sorted(self._work)
        told = event("daemon.started", at=now, version=__version__, hosts=hosts, down_since=self._down_since)
        await self._journal.record([told])
        await see_to_restores(self._ledger, journal=self._journal, now=now)
        await settle_open_intents(
            self._ledger, journal=self._journal, clock=self._clock, hosts=self._work.keys()
        )
        for work in self._work.values():
            await work.closer.remember()
        await self._persons.before_planning()
        await self._keep_house()
        while self._owed:
            await self._keep_house()
        await self._persons.after_planning()

    def _loops(self) -> list[asyncio.Task[None]]:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "house": self._house,
            "files": self._watch_files,
            "windows": self._windows.run,
        }
        for name, work in self._work.items():
            parts[f"probe {name}"] = work.prober.run
            parts[f"submit {name}"] = work.submitter.run
            parts[f"poll {name}"] = work.poller.run
            parts[f"close {name}"] = work.closer.run
            parts[f"settle {name}"] = work.settler.run
        loops = [asyncio.create_task(self._supervise(name, part), name=name) for name, part in parts.items()]
        for name, look in (
            ("pulse", self._pulse),
            ("wishes", self._persons.watch_store),
            ("stop file", self._persons.watch_file),
            ("retention", self._retention.run),
        ):
            loops.append(asyncio.create_task(self._supervise(name, look), name=name))
        self._scheduler.start()
        self._set_intervals()
        for work in self._work.values():
            work.session.wake()
        self._windows.closing.set()
        return loops

    def _set_intervals(self) -> None:
        self._scheduler.every("heartbeat", self._rhythm.heartbeat_seconds, self._heartbeat.set)
        seconds = self._settings.poll_interval.total_seconds()
        now = self._clock.now()
        for number, (name, work) in enumerate(self._work.items(), start=1):
            # One after the other: many hosts at one instant would keep each other waiting.
            first_at = now + round(seconds * SECOND * number / len(self._work))
            self._scheduler.every(f"poll:{name}", seconds, work.session.poll.set, first_at=first_at)

    async def _supervise(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Run a part for ever: an error in it is told and stops neither it nor the others."""
        while True:
            try:
                await part()
            except StoreInUse as error:
                self._fenced = error
                self.stop()
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the other parts must go on
                self._journal.failure(name, error)
                await asyncio.sleep(STALL_SECONDS)
                self._heartbeat.set()
                self._windows.closing.set()
                for work in self._work.values():
                    work.session.wake()

    async def _house(self) -> None:
        while True:
            await self._heartbeat.wait()
            self._heartbeat.clear()
            self._service.round_began()
            # Before the next pulse does: by an old clock something would be told for the wrong reason.
            self._look_at_clock()
            await self._keep_house()
            self._signs.round_ended()
            self._service.round_ended()

    async def _watch_files(self) -> None:
        while True:
            await next_turn(self._rhythm.look_seconds)
            if await self._campaigns.changed():
                self._heartbeat.set()

    async def _keep_house(self) -> None:
        first = not self.insight.started
        now = self._clock.now()
        self._signs.round_began()
        if self._clock_watch.unset(now):
            return
        await self._config_watch.look(now=now)
        wishes = self._persons.reloads.take()
        changed = await self._campaigns.reload(now=now, anyway=wishes is not None)
        self._owed.look(sorted(self._campaigns.in_force), edited=changed, now=now)
        if self._owed:
            await self._windows.tell_missed(now=now)
            await self._plan(now=now)
            self._windows.closing.set()
            for work in self._work.values():
                work.session.due.set()
        if not (first and self._owed):
            await self._persons.trigger(self._campaigns.in_force, now=now, anyway=first)
        if wishes is not None:
            await self._persons.reloads.answer(wishes, self._campaigns.found, now=now)
        if self._owed:
            self._heartbeat.set()  # what is edited meanwhile does not wait for the rest
            return
        # Only now: what was owed from the last beat on is in the ledger.
        await self._ledger.beat(now)
        self._journal.store_works()
        self._down_since = now
        self._beats += 1
        self.insight.started = True
        if self._beats % self._rhythm.look_anyway_beats == 0:
            self._windows.closing.set()
            for work in self._work.values():
                work.session.due.set()

    async def _plan(self, *, now: Instant) -> None:
        """Bring the plan of what is owed up to date: what was edited, and of the rest what time allows."""
        ends = self._clock.monotonic_seconds() + self._rhythm.plan_seconds
        while self._owed:
            name, edited = self._owed.first()
            if edited:
                self._planner.forget(name)
            one = self._campaigns.in_force.get(name)
            if one is not None:
                # One that was accepted while the clock was ahead is in force all the same.
                since = min(max(one.since, self._down_since or now, now - LONGEST_STOP_US), now)
                await self._planner.plan(one.campaign, since=since, now=now, edited=edited)
            if edited and await self._ledger.recall(name, now=now):
                # Limits and quiet hours had put it off: they may be others now.
                for work in self._work.values():
                    work.session.lose(now - LONGEST_US)
            self._owed.stored(name)  # only now: a plan that could not be stored is owed still
            if not self._owed.hurried and self._clock.monotonic_seconds() >= ends:
                return

    async def _pulse(self) -> None:
        while True:
            await next_turn(self._rhythm.pulse_seconds)
            self._signs.pulsed()
            self._scheduler.nudge()
            self._look_at_clock()

    def _look_at_clock(self) -> None:
        jumped_us = self._clock_watch.jumped_us()
        if jumped_us:
            self._jumped(jumped_us, now=self._clock.now())

    def _jumped(self, jumped_us: int, *, now: Instant) -> None:
        self._tell(event("clock.jumped", at=now, seconds=round(jumped_us / SECOND, 1)))
        self._retention.put_off()
        # After a step back, interval jobs would stand still until the old time comes again.
        self._set_intervals()
        for work in self._work.values():
            work.session.awake_since = now
            work.session.lose(now - abs(jumped_us))
            work.session.wake()
        if jumped_us < 0:
            self._planner.clock_went_back()
        # What was put off, was so by a clock that may have been wrong.
        self._owed.put_all(sorted(self._campaigns.in_force), edited=self._campaigns.in_force)
        self._heartbeat.set()
        self._windows.closing.set()

    async def _end(self, loops: list[asyncio.Task[None]]) -> None:
        self._tell(event("daemon.stopping", at=self._clock.now()))
        self._signs.stopping()
        self._service.stopping(seconds=STOP_SECONDS + WRITE_SECONDS + CLOSE_SECONDS)
        for work in self._work.values():
            work.session.stopping = True
        self._scheduler.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS) as self._patience:
                await asyncio.gather(*(work.submitter.idle() for work in self._work.values()))
        self._patience = None
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        self._tell(event("daemon.stopped", at=self._clock.now()))
        # A store that does not work must not keep us: what is open there is settled at the next start.
        with suppress(TimeoutError):
            async with asyncio.timeout(WRITE_SECONDS):
                await self._journal.settled()
        self._journal.abandon()
        await asyncio.gather(*(work.session.client.aclose() for work in self._work.values()))

    def _tell(self, told: Event) -> None:
        # Noted, not recorded: nothing waits for it, least of all where the store does not work.
        self._journal.note([told])
