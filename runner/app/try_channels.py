"""Send a test message to channels, and say of each whether it was taken."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.adapters.notifications import Delivery
from runner.app.deliveries import whole_url
from runner.errors import NotFound, SecretMissing

if TYPE_CHECKING:
    from runner.app.deliveries import Sender
    from runner.app.loaded import LoadedConfig
    from runner.model.settings import NotifySettings


@dataclass(frozen=True, slots=True)
class Tried:
    """What has become of a test message."""

    channel: str
    taken: bool
    reason: str | None
    """Why it was not taken."""


async def try_channels(config: LoadedConfig, *, only: str | None, sender: Sender) -> list[Tried]:
    """Send a test message to all channels at once, or to one of them.

    Raises:
        NotFound: there is no such channel, or none at all.
    """
    notify = config.config.settings.notify
    names = _names(notify, only)
    look_up = config.secrets.look_up

    async def tried(name: str) -> Tried:
        try:
            url = whole_url(notify.channels[name].url, secret=look_up)
        except SecretMissing as error:
            return Tried(name, taken=False, reason=str(error))
        text = f"This is a test of the channel {name}. If you can read it, alarms will reach you here."
        reason = await sender.send(Delivery(url, "campaign-runner: test", text))
        return Tried(name, taken=reason is None, reason=reason)

    return list(await asyncio.gather(*map(tried, names)))


def _names(notify: NotifySettings, only: str | None) -> list[str]:
    if not notify.channels:
        raise NotFound("the config has no channel under `notify`; docs/alarms.md says how to write one")
    if only is None:
        return list(notify.channels)
    if only not in notify.channels:
        raise NotFound(f"there is no channel {only}; there are {', '.join(notify.channels)}")
    return [only]
