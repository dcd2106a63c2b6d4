"""Tell people what needs them: look at what has happened, decide, store messages, deliver (ADR 0035)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.app.alarm_facts import Facts
from runner.app.daily_report import report_due, report_if_due
from runner.app.deliveries import ChannelLoop
from runner.app.journal import event
from runner.app.store_alarm import StoreAlarm
from runner.core.alarm_memory import memory_text, read_memory
from runner.core.alarm_routes import routed
from runner.core.alarms import HEARD, AlarmMemory, decide
from runner.errors import LedgerUnavailable, StoreInUse
from runner.model.alarm import AlarmsSeen, MessageDone
from runner.model.instant import EARLIEST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from runner.app.beside import Surroundings
    from runner.app.deliveries import Sender
    from runner.model.alarm import Message, MessageStored
    from runner.model.instant import Instant
    from runner.model.record import Event

LOOK_SECONDS = 20.0
FEWEST_SECONDS = 1.0
STALL_SECONDS = 5.0
EVENTS_AT_ONCE = 1_000
WAKERS = frozenset({"host.unreachable", "host.unlicensed", "host.unclear", "host.ready", "campaign.rejected"})
"""After these it is looked at once what is wrong now."""


async def tell_people(surroundings: Surroundings, *, sender: Sender) -> None:
    """Tell people until cancelled. Whatever goes wrong here stops nothing else."""
    notify = surroundings.config.config.settings.notify
    if not notify.channels:
        return
    loops = {name: ChannelLoop(one, surroundings, sender=sender) for name, one in notify.channels.items()}
    watch = AlarmWatch(surroundings, loops=loops)
    parts = {"alarms": watch.run, **{f"channel {name}": loop.run for name, loop in loops.items()}}
    await together(surroundings, parts)


async def together(surroundings: Surroundings, parts: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
    """Run parts for ever, each again after an error."""
    tasks = [
        asyncio.create_task(_kept_up(surroundings, name, part), name=name) for name, part in parts.items()
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(surroundings: Surroundings, name: str, part: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await part()
        except StoreInUse:
            # The daemon ends with it, and says so.
            return
        except Exception as error:  # noqa: BLE001 - the daemon's work goes on whatever it is
            surroundings.journal.failure(name, error)
        await asyncio.sleep(STALL_SECONDS)


class AlarmWatch:
    """Looks at events and at what is wrong, and stores what is to be told."""

    def __init__(self, surroundings: Surroundings, *, loops: dict[str, ChannelLoop]) -> None:
        self._surroundings = surroundings
        self._settings = surroundings.config.config.settings
        self._zone = ZoneInfo(self._settings.timezone)
        self._ledger = surroundings.ledger
        self._journal = surroundings.journal
        self._clock = surroundings.clock
        self._loops = loops
        self._facts = Facts(surroundings.insight, ledger=self._ledger, settings=self._settings.notify)
        self._store = StoreAlarm(list(loops.values()), zone=self._zone, clock=self._clock)
        self._memory: AlarmMemory | None = None
        """None: the store was not asked yet."""
        self._seen = self._written = 0
        """The newest event that was looked at, and the one that the store has of it."""
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Look for ever."""
        self._journal.listen(HEARD | WAKERS, self._wake.set)
        try:
            while True:
                self._wake.clear()
                await self.look()
                # At most one look in so long, however much happens.
                await asyncio.sleep(FEWEST_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()
        finally:
            self._store.leave()

    async def look(self) -> None:
        """Look once; where the store does not work, that alone is told, and not by way of the store."""
        now = self._clock.now()
        over = self._store.look(self._journal.trouble, group=self._settings.notify.group, now=now)
        # Until the daemon has had its first look round, nothing is known; and it may be any day.
        if self._journal.trouble is not None or not self._surroundings.insight.started or now < EARLIEST:
            return
        try:
            await self._look(over, now=now)
        except LedgerUnavailable as error:
            self._store.put_back(over)
            self._journal.failure("alarms", error)

    async def _look(self, over: Sequence[Message], *, now: Instant) -> None:
        before = await self._remembered()
        events, seen = await self._news()
        wrongs = await self._facts.wrongs(now=now)
        decided = decide(
            before,
            events=events,
            wrongs=wrongs,
            settings=self._settings.notify,
            now=now,
            zone=self._zone,
        )
        memory, report = await report_if_due(decided.memory, self._surroundings, now=now)
        messages = [*over, *decided.messages, *report]
        stored = routed(messages, settings=self._settings.notify, now=now)
        await self._store_all(stored, memory, before=before, seen=seen)
        if stored:
            for loop in self._loops.values():
                loop.wake.set()

    async def _store_all(
        self, stored: list[MessageStored], memory: AlarmMemory, *, before: AlarmMemory, seen: int
    ) -> None:
        """Write messages and memory together, so that a crash neither loses nor repeats anything."""
        if stored or memory != before or seen - self._written > EVENTS_AT_ONCE:
            await self._journal.record([*stored, AlarmsSeen(seen, memory_text(memory))])
            self._written = seen
        self._memory, self._seen = memory, seen

    async def _drop_strays(self, *, now: Instant) -> None:
        """Give up what waits for channels that the config has no more; what else waits has their loops."""
        strays = [one for one in await self._ledger.waiting_messages() if one.channel not in self._loops]
        for channel in sorted({one.channel for one in strays}):
            some = [one for one in strays if one.channel == channel]
            told = event(
                "notify.failed",
                at=now,
                channel=channel,
                kinds=sorted({one.message.kind for one in some}),
                count=len(some),
                reason="given up: the config has no such channel any more",
            )
            await self._journal.record([*(MessageDone(one.id) for one in some), told])

    async def _remembered(self) -> AlarmMemory:
        if self._memory is None:
            await self._drop_strays(now=self._clock.now())
            known = await self._ledger.alarms_seen()
            if known is None:
                # Alarms are new here: what was before is no news.
                self._seen = await self._ledger.last_event_id()
                due = report_due(self._surroundings, reported="", now=self._clock.now())
                self._memory = AlarmMemory(reported="" if due is None else due.isoformat())
                # To be written with the first look: what happens from here on is news.
                self._written = self._seen - EVENTS_AT_ONCE - 1
            else:
                self._seen, self._memory = known.event_id, read_memory(known.memory)
                self._written = self._seen
        return self._memory

    async def _news(self) -> tuple[list[Event], int]:
        """Return the events that are new, and up to which one all were looked at."""
        newest = await self._ledger.last_event_id()
        found: list[Event] = []
        after = self._seen
        while after < newest:
            some = await self._ledger.events_named(
                HEARD, after_id=after, until_id=newest, limit=EVENTS_AT_ONCE
            )
            found += [one.event for one in some]
            after = some[-1].id if len(some) == EVENTS_AT_ONCE else newest
        return found, newest
