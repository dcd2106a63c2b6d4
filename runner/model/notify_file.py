"""The keys under `notify` in the config, as a person writes them: who is told of what, and when."""

from __future__ import annotations

from datetime import timedelta  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from runner.model import texts
from runner.model.alarm import URGENT, AlarmKind
from runner.model.fields import Choice, Duration, HoursText, Nested, Text
from runner.model.reader import FileModel, Reader, one_or_list, one_or_several, text_of
from runner.model.texts import Span  # noqa: TC001 - pydantic reads the annotations
from runner.model.window import DAY_SECONDS
from runner.rules import Rule

_KINDS = tuple(AlarmKind)
_TIME_PATTERN = r"^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"


class TimeText(
    Reader,
    rule=Rule.NOT_A_WINDOW,
    words=("time of day", "times of day"),
    write='write a time of day, e.g. "07:30"',
):
    """A time of day, in seconds after midnight."""

    def _read(self, value: object) -> int:
        seconds = texts.read_clock(text_of(value))
        if seconds == DAY_SECONDS:
            raise ValueError('write "00:00" for midnight')
        return seconds

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": _TIME_PATTERN}


class ChannelFile(FileModel, title="Channel"):
    """A way to reach people."""

    REQUIRED: ClassVar = ("url",)

    url: Annotated[str | None, Text()] = Field(
        default=None,
        description="Its address as Apprise writes it; secrets in it as `${env:NAME}` or `${file:PATH}`.",
        examples=["${env:ALARM_URL}", "ntfys://ntfy.example/${env:TOPIC}"],
    )
    alarms: list[Annotated[str, Choice(_KINDS)]] | None = Field(
        default=None,
        description="What goes there. Default: everything.",
        examples=[["unknown", "host_down", "store"]],
    )


class CampaignPingFile(FileModel, title="Ping of a campaign"):
    """An address that is told how each window of a campaign has ended."""

    REQUIRED: ClassVar = ("ping_url",)

    ping_url: Annotated[str | None, Text()] = Field(
        default=None,
        description="It is asked for when all of a window has completed; with `/start` behind it when the "
        "window opens, with `/fail` when something has not completed.",
        examples=["https://hc-ping.com/${env:SPRING_PING}"],
    )


class NotifyFile(FileModel, title="Alarms"):
    """Who is told when something goes wrong."""

    channels: Annotated[Any, Nested("channel", of="map")] = Field(
        default=None,
        description="Ways to reach people, each under a name of your choice. Needs the extra `notify`.",
        examples=[{"phone": {"url": "${env:ALARM_URL}"}}],
    )
    group: Annotated[timedelta, Duration("0s", "1h")] = Field(
        default="1m",
        validate_default=True,
        description="How long to wait for more of the same, which is then told in one message.",
        examples=["5m"],
    )
    host_down_after: Annotated[timedelta, Duration("0s", "1d")] = Field(
        default="5m",
        validate_default=True,
        description="How long a host has to be down before that is told.",
        examples=["15m"],
    )
    late_after: Annotated[timedelta, Duration("1m", "1d")] = Field(
        default="10m",
        validate_default=True,
        description="How long after its time an assignment that has not gone is late.",
        examples=["30m"],
    )
    quiet_hours: Annotated[
        list[Annotated[Span, HoursText()]] | None, BeforeValidator(one_or_several), one_or_list(HoursText())
    ] = Field(
        default=None,
        description="Hours in which all but what is urgent waits, in the config's zone.",
        examples=["22:00-07:00", ["22:00-07:00", "12:00-13:00"]],
    )
    urgent: list[Annotated[str, Choice(_KINDS)]] = Field(
        default=list(URGENT),
        description="What does not wait for the end of the quiet hours.",
        examples=[["unknown", "store"]],
    )
    daily_report: Annotated[int | None, TimeText()] = Field(
        default=None,
        description="When to send a report of the day, in the config's zone: before noon of the day before, "
        "later of the day itself. Default: never.",
        examples=["07:30"],
    )
    ping_url: Annotated[str | None, Text()] = Field(
        default=None,
        description="An address to ask for as long as the daemon makes progress, for a service that raises "
        "the alarm when that ends.",
        examples=["https://hc-ping.com/${env:PING}"],
    )
    ping_interval: Annotated[timedelta, Duration("10s", "1d")] = Field(
        default="1m",
        validate_default=True,
        description="How often `ping_url` is asked for.",
        examples=["5m"],
    )
    campaigns: Annotated[Any, Nested("campaign_ping", of="map")] = Field(
        default=None,
        description="Pings of campaigns, by the campaigns' names.",
        examples=[{"spring-launch": {"ping_url": "https://hc-ping.com/${env:SPRING_PING}"}}],
    )
