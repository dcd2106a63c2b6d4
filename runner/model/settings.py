"""Checked settings: what remains of the config file once every rule has been applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.model.alarm import AlarmKind
    from runner.model.campaign import Target
    from runner.model.day_set import DaySet
    from runner.model.limit import Limit
    from runner.model.quiet import QuietHours


@dataclass(frozen=True, slots=True)
class Host:
    """One running TikMatrix program."""

    name: str
    url: str
    timezone: str
    in_flight: int | None
    """At most so many of our assignments there at once; None is no bound."""
    timezone_given: bool = True
    """Does the config say the zone of this PC, or is it the config's own?"""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where the log goes and how much of it."""

    level: str
    format: str
    """`auto`, `console` or `json`."""
    file: Path | None


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the HTTP API is served, to whom, and how; paths are absolute."""

    host: str = ""
    """A numeric address or a name; empty where it is served on `socket`, or not at all."""
    port: int = 0
    socket: Path | None = None
    token_file: Path | None = None
    """Holds the token that a request has to bring; None where nothing is served."""
    certfile: Path | None = None
    keyfile: Path | None = None
    names: tuple[str, ...] = ()
    """Further names under which it may be asked, beside the one that it listens on."""
    metrics_open: bool = False
    """May /metrics be read from this machine without the token?"""

    @property
    def served(self) -> bool:
        """Is it served at all?"""
        return bool(self.host) or self.socket is not None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach people."""

    name: str
    url: str = field(repr=False)
    """A secret. May hold `${...}`, each of which stands for one."""
    alarms: frozenset[AlarmKind]
    """What goes there."""


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Who is told when something goes wrong."""

    channels: Mapping[str, Channel] = field(default_factory=dict)
    group: timedelta = timedelta(minutes=1)
    """How long more of the same is waited for."""
    host_down_after: timedelta = timedelta(minutes=5)
    late_after: timedelta = timedelta(minutes=10)
    quiet_hours: QuietHours | None = None
    urgent: frozenset[AlarmKind] = frozenset()
    """What does not wait for the end of the quiet hours."""
    daily_report: int | None = None
    """Seconds after midnight in the config's zone; None: never."""
    ping_url: str | None = field(default=None, repr=False)
    """As those of channels."""
    ping_interval: timedelta = timedelta(minutes=1)
    campaign_pings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Addresses as `ping_url`, by the names of campaigns."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One config file that checks; paths are absolute."""

    file: str
    timezone: str
    campaigns: Path
    store: str
    """A database URL; a relative SQLite path in the file has become absolute."""
    poll_interval: timedelta
    grace: timedelta
    timeout: timedelta
    """Total deadline of one request."""
    settle: timedelta
    """How long after an unsettled request absence on the host may be believed."""
    hosts: Mapping[str, Host]
    retention: timedelta
    log: LogSettings
    web: WebSettings
    limits: tuple[Limit, ...] = ()
    quiet_hours: QuietHours | None = None
    notify: NotifySettings = NotifySettings()


@dataclass(frozen=True, slots=True)
class Config:
    """A config file that checks: the settings, and what campaigns take from it besides."""

    settings: Settings
    groups: Mapping[str, tuple[Target, ...]]
    extra_scripts: frozenset[str] = frozenset()
    calendars: Mapping[str, DaySet] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Return everything that a campaign may take from the config, as one text."""
        return repr(
            (
                self.settings.timezone,
                self.settings.grace,
                sorted((host.name, host.url, host.timezone) for host in self.settings.hosts.values()),
                sorted(self.groups.items()),
                sorted(self.extra_scripts),
                sorted(self.calendars.items()),
            )
        )
