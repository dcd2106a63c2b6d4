"""Checked settings: what remains of the config file once every rule has been applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path

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
    web_listen: str
    limits: tuple[Limit, ...] = ()
    quiet_hours: QuietHours | None = None


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
