"""Decide which channels get a message, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.quiet import quiet_until
from runner.model.alarm import AlarmKind, MessageStored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.alarm import Message
    from runner.model.instant import Instant
    from runner.model.settings import NotifySettings


def routed(messages: Iterable[Message], *, settings: NotifySettings, now: Instant) -> list[MessageStored]:
    """Return each message for each channel that gets it; what is not urgent waits for the quiet hours' end.

    The daily report has a time of its own.
    """
    quiet = quiet_until(settings.quiet_hours, now=now, deadline_us=0) or now
    at_once = settings.urgent | {AlarmKind.REPORT}
    return [
        MessageStored(name, message, now if message.kind in at_once else quiet)
        for message in messages
        for name, channel in settings.channels.items()
        if message.kind in channel.alarms
    ]
