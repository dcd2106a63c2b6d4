"""Alarms: what people are told of without having to look, and what of it waits to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.instant import Instant


class AlarmKind(StrEnum):
    """What an alarm is about."""

    FAILED = "failed"
    """Assignments failed on their hosts."""
    UNKNOWN = "unknown"
    """What became of assignments is not known; a person decides."""
    MISSED = "missed"
    """Assignments were not submitted, or not begun, before their windows closed."""
    LATE = "late"
    """Assignments are overdue, and their windows are open still."""
    HOST_DOWN = "host_down"
    """A host is not reached, or something else answers there."""
    LICENCE = "licence"
    """A host's licence does not allow the API any more."""
    BROKEN_FILE = "broken_file"
    """A campaign file, the campaign folder or the config does not check."""
    STORE = "store"
    """The store does not work."""
    FOREIGN = "foreign"
    """Tasks of others are on a host, beside ours."""
    REPORT = "report"
    """The daily report, which is no alarm."""


URGENT = (AlarmKind.UNKNOWN, AlarmKind.HOST_DOWN, AlarmKind.LICENCE, AlarmKind.STORE)
"""What waits for no quiet hours unless the config says otherwise."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that people are to be told."""

    kind: AlarmKind
    title: str
    text: str
    at: Instant
    """When it was decided to tell it."""


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message waits for a channel."""

    channel: str
    message: Message
    not_before: Instant
    """When the channel's quiet hours end."""


@dataclass(frozen=True, slots=True)
class MessageDone:
    """Nothing is left to do for a message that has waited."""

    message_id: int


@dataclass(frozen=True, slots=True)
class AlarmsSeen:
    """How far the events have been looked at for alarms, and what is remembered of them."""

    event_id: int
    """The newest event that was looked at."""
    memory: str
    """JSON, for `runner.core.alarms`."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message in the store that its channel has not taken yet."""

    id: int
    channel: str
    message: Message
    not_before: Instant


@dataclass(frozen=True, slots=True)
class Group:
    """What has happened to assignments of one campaign, and is not told yet."""

    since: Instant
    last: Instant
    """When the last one of them was."""
    count: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How many for each of the first few reasons."""
    first: tuple[str, ...] = ()
    """The first few assignments, for people."""
    keys: tuple[str, ...] = ()
    """Of those that may yet be retried."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that has been wrong since an instant."""

    since: Instant
    detail: str
    told: bool = False
