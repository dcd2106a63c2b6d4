"""Channels of Apprise in this process: what reaches `heard://NAME` is kept, with when it came."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from support.engine_parts import ZONE

from runner.adapters.notifications import deliver
from runner.app.alarms import tell_people
from runner.model.instant import moment

if TYPE_CHECKING:
    from support.engine import Engine

    from runner.adapters.notifications import Delivery
    from runner.app.beside import Surroundings

HANGS_SECONDS = 60.0
_ears: list[Ears] = []


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a channel has got, and when in the hosts' zone."""

    at: str
    channel: str
    title: str
    text: str


class Ears:
    """Sends as the daemon's child does, but on virtual time; `refuses` never takes, `hangs` never answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.messages: list[Message] = []
        self.refusing: set[str] = {"refuses"}
        self.tried: list[str] = []
        """The channels of all messages, taken or not."""
        engine.beside.append(self.listen)
        _register()
        _ears[:] = [self]

    async def listen(self, surroundings: Surroundings) -> None:
        await tell_people(surroundings, sender=self)

    async def send(self, delivery: Delivery) -> str | None:
        if delivery.url.startswith("heard://hangs"):
            self.tried.append("hangs")
            await asyncio.sleep(HANGS_SECONDS)
            return "it did not answer within 60 s"
        return deliver(delivery)

    def titles(self, channel: str = "phone") -> list[str]:
        return [one.title for one in self.messages if one.channel == channel]

    def take(self, channel: str, *, title: str, text: str) -> bool:
        self.tried.append(channel)
        if channel in self.refusing:
            return False
        at = f"{moment(self._engine.clock.now(), zone=ZONE):%H:%M:%S}"
        self.messages.append(Message(at, channel, title, text))
        return True


@cache
def _register() -> None:
    from apprise.decorators import notify  # noqa: PLC0415 - as the daemon does: only who sends has it

    @notify(on="heard")
    def take(body: str, title: str, _kind: object, meta: dict[str, Any], **_: object) -> bool:
        return _ears[0].take(meta["host"], title=title, text=body)
