"""Tell people that the store does not work: at once and past it, since nothing can be stored then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.core.alarm_words import over_message, trouble_message
from runner.model.alarm import AlarmKind, Trouble
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta, tzinfo

    from runner.adapters.clock import Clock
    from runner.app.deliveries import ChannelLoop
    from runner.model.alarm import Message
    from runner.model.instant import Instant

AGAIN_SECONDS = 60.0
SUBJECT = "the store"


class StoreAlarm:
    """Remembers in memory alone since when the store does not work, and who was told."""

    def __init__(self, loops: Sequence[ChannelLoop], *, zone: tzinfo, clock: Clock) -> None:
        self._loops = loops
        self._zone = zone
        self._clock = clock
        self._trouble: Trouble | None = None
        self._telling: list[asyncio.Task[None]] = []
        self._over: list[Message] = []
        """Told once it can be, and not stored yet."""

    def look(self, reason: str | None, *, group: timedelta, now: Instant) -> list[Message]:
        """Take in why the store does not work now; return what is to be told by way of it, once it works."""
        known = self._trouble
        if reason is None:
            if known is not None:
                self.leave()
                self._trouble = None
                if known.told:
                    self._over.append(
                        over_message(AlarmKind.STORE, {SUBJECT: known}, at=now, zone=self._zone)
                    )
            over, self._over = self._over, []
            return over
        if known is None:
            known = self._trouble = Trouble(now, reason)
        if not known.told and now - min(known.since, now) >= round(group.total_seconds() * SECOND):
            self._trouble = Trouble(known.since, reason, told=True)
            message = trouble_message(AlarmKind.STORE, {SUBJECT: self._trouble}, at=now, zone=self._zone)
            self._telling = [
                asyncio.create_task(_tell(loop, message)) for loop in self._loops if loop.takes(message)
            ]
        return []

    def put_back(self, over: Sequence[Message]) -> None:
        """Keep messages that could not be stored."""
        self._over += over

    def leave(self) -> None:
        """Tell nobody any more that it does not work."""
        for task in self._telling:
            task.cancel()
        self._telling = []


async def _tell(loop: ChannelLoop, message: Message) -> None:
    """Try until the channel has taken it; who has not by the end of the trouble hears of that end."""
    while True:
        if await loop.send(message.title, message.text, urgent=True) is None:
            return
        await asyncio.sleep(AGAIN_SECONDS)
