"""The keys of the config file, as a person writes them: their types, defaults and meaning."""

from __future__ import annotations

from datetime import timedelta  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from runner.model.day_fields import (
    CALENDAR_PATTERN,
    Dates,
    MonthDay,
    Places,
    Weekdays,
    calendar_named,
    days_text,
)
from runner.model.day_set import CalendarNamed, DateRange
from runner.model.fields import (
    Choice,
    Duration,
    HoursText,
    Identifier,
    Nested,
    Text,
    Whole,
    Zone,
)
from runner.model.reader import FileModel, Reader, one_or_list, one_or_several
from runner.model.texts import HOURS_PATTERN, Span
from runner.rules import Rule


class QuietText(
    Reader,
    rule=Rule.NOT_A_WINDOW,
    words=("hours of the day, or calendar", "hours and calendars"),
    write='write hours, e.g. "23:30-06:00", or calendar:NAME',
):
    """Hours of the day, or a calendar whose days are quiet as a whole."""

    def _read(self, value: object) -> Span | CalendarNamed:
        text = days_text(value)
        hours: Span | CalendarNamed = calendar_named(text) or HoursText().read(text)
        return hours

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"{HOURS_PATTERN}|{CALENDAR_PATTERN}"}


QuietHours = Annotated[
    list[Annotated[Span | CalendarNamed, QuietText()]] | None,
    BeforeValidator(one_or_several),
    one_or_list(QuietText()),
]


class HttpFile(FileModel, title="Requests to hosts"):
    """How requests to hosts are made."""

    timeout: Annotated[timedelta, Duration("1s", "10m")] = Field(
        default="10s", validate_default=True, description="Total deadline of one request.", examples=["20s"]
    )
    settle: Annotated[timedelta, Duration("0s", "1h")] = Field(
        default="30s",
        validate_default=True,
        description="How long after a request of unknown effect its absence on the host may be believed.",
        examples=["1m"],
    )


class HostFile(FileModel, title="Host"):
    """One running TikMatrix program."""

    REQUIRED: ClassVar = ("url",)

    url: Annotated[str | None, Text()] = Field(
        default=None,
        description="The address of its API, e.g. `http://localhost:50809/api/v1`.",
        examples=["http://localhost:50809/api/v1"],
    )
    timezone: Annotated[str | None, Zone()] = Field(
        default=None, description="The zone of that PC. Default: the config's.", examples=["Europe/Stockholm"]
    )
    in_flight: Annotated[int | None, Whole(1, 100_000)] = Field(
        default=None,
        description="At most so many of our assignments there at once. Default: no bound.",
        examples=[20],
    )


class CalendarFile(FileModel, title="Calendar"):
    """A set of days that has a name: all that its keys name, together."""

    dates: list[Annotated[DateRange, Dates()]] | None = Field(
        default=None,
        description="Dates, and ranges of dates: 2026-12-24..2027-01-06.",
        examples=[["2026-12-24..2027-01-06", "2027-06-25"]],
    )
    days: Weekdays = Field(
        default=None,
        description="Days of the week: a list, `weekdays`, `weekend` or `daily`.",
        examples=["weekend", ["mon", "fri"]],
    )
    days_of_month: list[Annotated[int, MonthDay()]] | None = Field(
        default=None, description="Days of the month; -1 is its last one.", examples=[[1, 15, -1]]
    )
    holidays: Places = Field(
        default=None,
        description="The public holidays of countries, or of parts of them: SE, DE-BY.",
        examples=["SE", ["SE", "DE-BY"]],
    )
    file: Annotated[str | None, Text()] = Field(
        default=None,
        description="An iCalendar file (.ics): each day that one of its events touches.",
        examples=["office.ics"],
    )


class WebFile(FileModel, title="HTTP API"):
    """The HTTP API of the daemon."""

    listen: Annotated[str, Text()] = Field(
        default="127.0.0.1:8642",
        description="Address and port that it listens on, or unix:PATH for a socket, or `off`.",
        examples=["127.0.0.1:8080", "unix:state/api.sock", "off"],
    )
    token_file: Annotated[str | None, Text()] = Field(
        default=None,
        description="The file of its token. Default: api.token beside the store.",
        examples=["state/api.token"],
    )
    certfile: Annotated[str | None, Text()] = Field(
        default=None,
        description="The TLS certificate, in PEM; needed where other machines may ask. Default: none.",
        examples=["tls/cert.pem"],
    )
    keyfile: Annotated[str | None, Text()] = Field(
        default=None,
        description="The key of that certificate, in PEM. Default: none.",
        examples=["tls/key.pem"],
    )
    names: list[Annotated[str, Text()]] | None = Field(
        default=None,
        description="Further names with their port by which it may be asked. Default: none.",
        examples=[["runner.example:8642"]],
    )
    metrics: Annotated[str, Choice(("token", "open"))] = Field(
        default="token",
        description="`open`: /metrics may be read from this machine without the token.",
        examples=["open"],
    )


class LogFile(FileModel, title="Log"):
    """Where the log goes and how much of it."""

    level: Annotated[str, Choice(("debug", "info", "warning", "error"))] = Field(
        default="info",
        description="The least important events that are shown.",
    )
    format: Annotated[str, Choice(("auto", "console", "json"))] = Field(
        default="auto",
        description="`auto`: readable on a terminal, JSON otherwise.",
    )
    file: Annotated[str | None, Text()] = Field(
        default=None,
        description="Also write to this file, rotated. Default: none.",
        examples=["state/runner.log"],
    )


class ConfigFile(FileModel, title="Config"):
    """The config."""

    REQUIRED: ClassVar = ("hosts",)

    timezone: Annotated[str, Zone()] = Field(
        default="UTC",
        description="The zone of campaigns that name none. Never guessed from this machine.",
        examples=["Europe/Stockholm"],
    )
    campaigns: Annotated[str, Text()] = Field(
        default="campaigns",
        description="The folder of the campaign files, relative to this file.",
        examples=["/srv/campaigns"],
    )
    store: Annotated[str, Text()] = Field(
        default="sqlite:///state/runner.db",
        description="Where the ledger is kept: `sqlite:///PATH`, or `postgresql://user@host/db`.",
        examples=["postgresql://runner@localhost/campaigns"],
    )
    poll_interval: Annotated[timedelta, Duration("1s", "1h")] = Field(
        default="5s",
        validate_default=True,
        description="How often a host is asked what became of our tasks.",
        examples=["2s"],
    )
    grace: Annotated[timedelta, Duration("1m", "23h59m")] = Field(
        default="15m",
        validate_default=True,
        description="The length of a window that is given as one time.",
        examples=["30m"],
    )
    http: Annotated[Any, Nested("http")] = Field(
        default=None,
        description="How requests to hosts are made. Default: those of its keys.",
        examples=[{"timeout": "20s", "settle": "1m"}],
    )
    hosts: Annotated[Any, Nested("host", of="map")] = Field(
        default=None,
        description="The hosts, each under a name of your choice.",
        examples=[{"studio-pc": {"url": "http://localhost:50809/api/v1"}}],
    )
    device_groups: Annotated[Any, Nested("group", of="map")] = Field(
        default=None,
        description="Groups that all campaigns share.",
        examples=[{"phones": {"serials": ["16091FDD40050N", "R58M12345"]}}],
    )
    calendars: Annotated[Any, Nested("calendar", of="map")] = Field(
        default=None,
        description="Sets of days, by name, for `days`, `except` and `quiet_hours`.",
        examples=[{"breaks": {"dates": ["2026-12-24..2027-01-06"], "holidays": "SE"}}],
    )
    extra_scripts: list[Annotated[str, Identifier()]] | None = Field(
        default=None,
        description="Scripts of a newer host to let through unchecked, by name.",
        examples=[["new_script"]],
    )
    limits: Annotated[Any, Nested("limits")] = Field(
        default=None,
        description="Bounds on what all campaigns together submit. Default: none.",
        examples=[{"per_target_per_day": 50}],
    )
    quiet_hours: QuietHours = Field(
        default=None,
        description="Nothing is submitted then, whatever a campaign says: 23:30-06:00, `calendar:NAME` for "
        "whole days, or a list of such.",
        examples=["23:30-06:00", ["23:30-06:00", "calendar:breaks"]],
    )
    web: Annotated[Any, Nested("web")] = Field(
        default=None,
        description="The HTTP API of the daemon. Default: those of its keys.",
        examples=[{"listen": "127.0.0.1:8080"}],
    )
    notify: Annotated[Any, Nested("notify")] = Field(
        default=None,
        description="Who is told when something goes wrong. Default: nobody.",
        examples=[{"channels": {"phone": {"url": "${env:ALARM_URL}"}}, "daily_report": "07:30"}],
    )
    retention: Annotated[timedelta, Duration("1d", "36500d")] = Field(
        default="90d",
        validate_default=True,
        description="How long history is kept, three days at least; sums stay.",
        examples=["365d"],
    )
    log: Annotated[Any, Nested("log")] = Field(
        default=None,
        description="The log. Default: those of its keys.",
        examples=[{"level": "debug", "file": "state/runner.log"}],
    )
