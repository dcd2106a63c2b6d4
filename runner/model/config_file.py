"""The keys of the config file, as a person writes them: their types, defaults and meaning."""

from __future__ import annotations

from datetime import timedelta  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from runner.model.fields import (
    Choice,
    Duration,
    FileModel,
    HoursText,
    Identifier,
    Nested,
    Text,
    Whole,
    Zone,
)
from runner.model.texts import Span

_HOURS_SCHEMA = HoursText().schema()


def _hours(value: object) -> object:
    return value if isinstance(value, (list, dict)) else [value]


QuietHours = Annotated[
    list[Annotated[Span, HoursText()]] | None,
    BeforeValidator(_hours),
    WithJsonSchema({"oneOf": [_HOURS_SCHEMA, {"type": "array", "minItems": 1, "items": _HOURS_SCHEMA}]}),
]


class HttpFile(FileModel):
    """How requests to hosts are made."""

    timeout: Annotated[timedelta, Duration("1s", "10m")] = Field(
        default="10s", validate_default=True, description="Total deadline of one request."
    )
    settle: Annotated[timedelta, Duration("0s", "1h")] = Field(
        default="30s",
        validate_default=True,
        description="How long after a request of unknown effect its absence on the host may be believed.",
    )


class HostFile(FileModel):
    """One running TikMatrix program."""

    REQUIRED: ClassVar = ("url",)

    url: Annotated[str | None, Text()] = Field(
        default=None, description="The address of its API, e.g. http://localhost:50809/api/v1"
    )
    timezone: Annotated[str | None, Zone()] = Field(
        default=None, description="The zone of that PC. Default: the config's."
    )
    in_flight: Annotated[int | None, Whole(1, 100_000)] = Field(
        default=None, description="At most so many of our assignments there at once. Default: no bound."
    )


class WebFile(FileModel):
    """The web interface."""

    listen: Annotated[str, Text()] = Field(
        default="127.0.0.1:8642", description="Address and port that it listens on."
    )


class LogFile(FileModel):
    """Where the log goes and how much of it."""

    level: Annotated[str, Choice(("debug", "info", "warning", "error"))] = Field(
        default="info", description="The least important events that are shown."
    )
    format: Annotated[str, Choice(("auto", "console", "json"))] = Field(
        default="auto", description="`auto`: readable on a terminal, JSON otherwise."
    )
    file: Annotated[str | None, Text()] = Field(
        default=None, description="Also write to this file, rotated. Default: none."
    )


class ConfigFile(FileModel):
    """The config."""

    REQUIRED: ClassVar = ("hosts",)

    timezone: Annotated[str, Zone()] = Field(
        default="UTC", description="The zone of campaigns that name none. Never guessed from this machine."
    )
    campaigns: Annotated[str, Text()] = Field(
        default="campaigns", description="The folder of the campaign files, relative to this file."
    )
    store: Annotated[str, Text()] = Field(
        default="sqlite:///state/runner.db",
        description="Where the ledger is kept: sqlite:///PATH, or postgresql://user@host/db",
    )
    poll_interval: Annotated[timedelta, Duration("1s", "1h")] = Field(
        default="5s", validate_default=True, description="How often a host is asked what became of our tasks."
    )
    grace: Annotated[timedelta, Duration("1m", "23h59m")] = Field(
        default="15m", validate_default=True, description="The length of a window that is given as one time."
    )
    http: Annotated[Any, Nested("http")] = Field(default=None, description="How requests to hosts are made.")
    hosts: Annotated[Any, Nested("host", of="map")] = Field(
        default=None, description="The hosts, each under a name of your choice."
    )
    device_groups: Annotated[Any, Nested("group", of="map")] = Field(
        default=None, description="Groups that all campaigns share."
    )
    extra_scripts: list[Annotated[str, Identifier()]] | None = Field(
        default=None, description="Scripts of a newer host to let through unchecked, by name."
    )
    limits: Annotated[Any, Nested("limits")] = Field(
        default=None, description="Bounds on what all campaigns together submit. Default: none."
    )
    quiet_hours: QuietHours = Field(
        default=None,
        description='Nothing is submitted then, whatever a campaign says: "23:30-06:00", or a list.',
    )
    web: Annotated[Any, Nested("web")] = Field(default=None, description="The web interface.")
    retention: Annotated[timedelta, Duration("1d", "36500d")] = Field(
        default="90d", validate_default=True, description="How long history is kept."
    )
    log: Annotated[Any, Nested("log")] = Field(default=None, description="The log.")
