"""Deliver what waits in the store to its channels: each has a loop of its own, and none holds another up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from runner.adapters.notifications import Delivery
from runner.app.journal import event
from runner.core.alarm_words import together
from runner.core.placeholders import render
from runner.errors import SecretMissing
from runner.model.alarm import MessageDone
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.app.beside import Surroundings
    from runner.model.alarm import Message, WaitingMessage
    from runner.model.instant import Instant
    from runner.model.settings import Channel

FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 900.0
LOOK_SECONDS = 60.0
"""How often it is looked whether quiet hours have ended."""
MOST_AT_ONCE = 50
"""So many messages are put together; what comes later is another one."""
GIVEN_UP_US = 3 * 86_400 * SECOND
"""A message that no channel has taken for so long is no news any more."""


class Sender(Protocol):
    """Sends messages to channels."""

    async def send(self, delivery: Delivery) -> str | None:
        """Return why the channel did not take it, in words without secrets; None where it did."""
        ...


def whole_url(url: str, *, secret: Callable[[str], str]) -> str:
    """Return an address with its secrets put in; raises SecretMissing."""
    return str(render({"url": url}, names={}, secret=secret)["url"])


class ChannelLoop:
    """Delivers to one channel what waits for it, all of it in one message."""

    def __init__(self, channel: Channel, surroundings: Surroundings, *, sender: Sender) -> None:
        settings = surroundings.config.config.settings
        self._channel = channel
        self._urgent = settings.notify.urgent
        self._secret = surroundings.config.secrets.look_up
        self._ledger = surroundings.ledger
        self._journal = surroundings.journal
        self._clock = surroundings.clock
        self._sender = sender
        self._sent: set[WaitingMessage] = set()
        """What was taken, and may be in the store still; whole, as numbers of deleted rows come again."""
        self._failing = False
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Deliver for ever.

        Raises:
            LedgerUnavailable: the store could not be read.
        """
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            self.wake.clear()
            if await self.deliver():
                pause_seconds = FIRST_PAUSE_SECONDS
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self.wake.wait()
            else:
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def deliver(self) -> bool:
        """Deliver what may go now; tell whether the channel has taken all of it."""
        now = self._clock.now()
        waiting = await self._ledger.waiting_messages(channel=self._channel.name)
        self._sent.intersection_update(waiting)
        due = [one for one in waiting if one.not_before <= now and one not in self._sent]
        due = self._without_stale(due, now=now)[:MOST_AT_ONCE]
        if not due:
            return True
        title, text = together(due)
        kinds = sorted({one.message.kind for one in due})
        reason = await self.send(title, text, urgent=not self._urgent.isdisjoint(kinds))
        told = {"channel": self._channel.name, "kinds": kinds, "count": len(due)}
        at = self._clock.now()
        if reason is not None:
            if not self._failing:
                self._failing = True
                self._journal.note([event("notify.failed", at=at, **told, reason=reason)])
            return False
        self._failing = False
        self._sent.update(due)
        # Noted, not recorded: a store that fails now is written later, and nothing is sent twice meanwhile.
        self._journal.note([*(MessageDone(one.id) for one in due), event("notify.sent", at=at, **told)])
        return True

    async def send(self, title: str, text: str, *, urgent: bool) -> str | None:
        """Send a message now, whatever waits, and return why it was not taken; None where it was."""
        try:
            url = whole_url(self._channel.url, secret=self._secret)
        except SecretMissing as error:
            return str(error)
        try:
            return await self._sender.send(Delivery(url, title, text, urgent=urgent))
        except OSError as error:
            return f"no process could be started to send it: {error.strerror}"

    def takes(self, message: Message) -> bool:
        """Tell whether a message is for this channel."""
        return message.kind in self._channel.alarms

    def _without_stale(self, due: Sequence[WaitingMessage], *, now: Instant) -> list[WaitingMessage]:
        stale = [one for one in due if now - one.message.at > GIVEN_UP_US]
        if stale:
            self._sent.update(stale)
            told = event(
                "notify.failed",
                at=now,
                channel=self._channel.name,
                kinds=sorted({one.message.kind for one in stale}),
                count=len(stale),
                reason="given up: the channel has not taken it for three days",
            )
            self._journal.note([*(MessageDone(one.id) for one in stale), told])
        return [one for one in due if one not in stale]
