"""Checked campaigns: what remains of a campaign file once every rule has been applied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, timedelta

    from runner.model.content import Content
    from runner.model.day_set import DaySet
    from runner.model.limit import Limit
    from runner.model.window import Window


class TargetKind(StrEnum):
    """How a target is named: `serials` or `usernames` in the API's words."""

    SERIAL = "serial"
    USERNAME = "username"


class Spread(StrEnum):
    """Where in a window the targets of an entry fall due."""

    EVEN = "even"
    RANDOM = "random"
    TOGETHER = "together"


class AtClose(StrEnum):
    """What happens, when a window closes, to tasks of ours that are still on the host."""

    WITHDRAW = "withdraw"
    STOP = "stop"
    LEAVE = "leave"


class Deliver(StrEnum):
    """When a submission is handed to the host."""

    ON_TIME = "on_time"
    AHEAD = "ahead"


class OnUnsettled(StrEnum):
    """What follows a request whose effect is not known, once absence on the host is proved."""

    RESUBMIT = "resubmit"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One device or one account on one host."""

    host: str
    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True)
class Placement:
    """A target as a member of the group through which an entry reaches it (for `${group}`)."""

    target: Target
    group: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Re-tries of a task that failed on the host, inside the window."""

    attempts: int
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Entry:
    """One item under `scripts:`, with its groups resolved.

    `placements` names each target once, in the order of the file. `script_config` is what goes on the wire,
    values as written (never with defaults added), `${...}` not yet replaced.
    `expected_tasks` is how many tasks the host makes of one submission; None where only the host knows.
    """

    name: str
    script_name: str
    placements: tuple[Placement, ...]
    windows: tuple[Window, ...]
    script_config: Mapping[str, Any]
    spread: Spread = Spread.EVEN
    enable_multi_account: bool = False
    retry: Retry | None = None
    at_close: AtClose = AtClose.WITHDRAW
    after: tuple[str, ...] = ()
    deliver: Deliver = Deliver.ON_TIME
    on_unsettled: OnUnsettled = OnUnsettled.RESUBMIT
    min_interval: int | None = None
    max_interval: int | None = None
    expected_tasks: int | None = 1
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign file that checks."""

    name: str
    file: str
    timezone: str
    """IANA name."""
    entries: tuple[Entry, ...]
    version: str
    """SHA-256 of the file's bytes, of its content files', of what it takes from the config, and of its
    holidays, in hex."""
    description: str = ""
    enabled: bool = True
    first_day: date | None = None
    last_day: date | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    """Days of the week on which it runs; Monday is 0."""
    calendars: tuple[DaySet, ...] = ()
    """Days on which it runs besides, whatever day of the week they are."""
    excluded: tuple[DaySet, ...] = ()
    """Days on which it does not run all the same."""
    limits: tuple[Limit, ...] = ()
