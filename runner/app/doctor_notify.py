"""Check for `doctor` whether alarms can reach people: Apprise, addresses, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.notifications import is_installed, knows
from runner.app.deliveries import whole_url
from runner.core.checkup_notify import of_channel, of_pings, without_channels
from runner.errors import SecretMissing

if TYPE_CHECKING:
    from runner.adapters.ledger import Reader
    from runner.app.loaded import LoadedConfig
    from runner.model.checkup import Finding
    from runner.model.instant import Instant


def notify_findings(config: LoadedConfig, *, reader: Reader | None, now: Instant) -> list[Finding]:
    """Return how each channel and each ping stands; nothing is sent.

    Raises LedgerError where the store cannot be read.
    """
    notify = config.config.settings.notify
    if not notify.channels:
        found = [without_channels()]
    else:
        installed = is_installed()
        found = []
        for name, channel in notify.channels.items():
            missing, url = _looked_up(config, channel.url)
            waiting = [] if reader is None else reader.waiting_messages(channel=name)
            due = [one.message.at for one in waiting if one.not_before <= now]
            known = None if url is None or not installed else knows(url)
            oldest = min(due, default=None)
            found.append(
                of_channel(
                    name,
                    installed=installed,
                    missing=missing,
                    known=known,
                    oldest=oldest,
                    waiting=len(due),
                    now=now,
                )
            )
    pings = {"the daemon": notify.ping_url, **notify.campaign_pings}
    found += of_pings({name: _looked_up(config, url)[0] for name, url in pings.items() if url is not None})
    return found


def _looked_up(config: LoadedConfig, url: str) -> tuple[str | None, str | None]:
    """Return what is missing of an address, or the whole address."""
    try:
        return None, whole_url(url, secret=config.secrets.look_up)
    except SecretMissing as error:
        return str(error), None
