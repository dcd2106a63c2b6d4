"""The keys of a campaign file, as a person writes them: their types, defaults and meaning.

The descriptions are what editors show, through the JSON Schema. Parts are read one by one (`Nested`), so that
one mistake hides no other; what the parts say about each other is checked in `runner.core.check`.
"""

from __future__ import annotations

from datetime import date, timedelta  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from runner.model.day_fields import Exclusion, RunDays
from runner.model.day_set import CalendarNamed, DateRange, HolidaysOf  # noqa: TC001 - pydantic reads them
from runner.model.fields import (
    Choice,
    Day,
    Duration,
    FileModel,
    Identifier,
    Nested,
    TargetName,
    Text,
    Truth,
    Whole,
    WindowText,
    Zone,
)
from runner.model.texts import WINDOW_PATTERN, Span

_WINDOW_SCHEMA = {"type": "string", "pattern": WINDOW_PATTERN}


def _windows(value: object) -> object:
    return value if isinstance(value, (list, dict)) else [value]


Windows = Annotated[
    list[Annotated[Span, WindowText()]] | None,
    BeforeValidator(_windows),
    WithJsonSchema({"oneOf": [_WINDOW_SCHEMA, {"type": "array", "minItems": 1, "items": _WINDOW_SCHEMA}]}),
]
Names = list[Annotated[str, Identifier()]]


class GroupFile(FileModel):
    """A named set of targets on one host, or a union of other groups."""

    host: Annotated[str | None, Identifier()] = Field(
        default=None, description="The host, by its name in the config; may be left out where there is one."
    )
    serials: list[Annotated[str, TargetName()]] | None = Field(
        default=None, description="Devices, by serial."
    )
    usernames: list[Annotated[str, TargetName()]] | None = Field(
        default=None, description="Accounts, by username; text that begins with @ needs quotes."
    )
    groups: Names | None = Field(default=None, description="Other groups, of this file or of the config.")
    taken_out: Names | None = Field(
        default=None, alias="not", description="Groups whose targets are taken out of those of `groups`."
    )


class RetryFile(FileModel):
    """Re-tries of a task that failed on the host, inside the window."""

    REQUIRED: ClassVar = ("attempts",)

    attempts: Annotated[int | None, Whole(1, 10)] = Field(
        default=None, description="At most so many re-tries."
    )
    delay: Annotated[timedelta, Duration("0s", "1d")] = Field(
        default="5m", validate_default=True, description="How long to wait before each, e.g. 5m."
    )


_Count = Annotated[int | None, Whole(1, 1_000_000)]


class LimitsFile(FileModel):
    """Bounds on what is submitted."""

    per_target_per_day: _Count = Field(
        default=None, description="At most so many submissions to one target on one day."
    )
    per_target_per_hour: _Count = Field(
        default=None, description="At most so many submissions to one target in any hour."
    )
    per_script_per_day: _Count = Field(
        default=None,
        description="At most so many submissions of one entry on one day; in the config: of one script.",
    )
    per_script_per_hour: _Count = Field(
        default=None,
        description="At most so many submissions of one entry in any hour; in the config: of one script.",
    )
    per_campaign_per_day: _Count = Field(
        default=None, description="At most so many submissions of one campaign on one day."
    )
    per_campaign_per_hour: _Count = Field(
        default=None, description="At most so many submissions of one campaign in any hour."
    )
    per_host_per_day: _Count = Field(
        default=None, description="At most so many submissions to one host on one day."
    )
    per_host_per_hour: _Count = Field(
        default=None, description="At most so many submissions to one host in any hour."
    )
    min_gap: Annotated[timedelta | None, Duration("1s", "1d")] = Field(
        default=None, description="At least so long between two submissions to one target, e.g. 5m."
    )


class ContentFile(FileModel):
    """A file whose rows are used one by one, each by one assignment."""

    REQUIRED: ClassVar = ("file", "by")

    file: Annotated[str | None, Text()] = Field(
        default=None,
        description="A CSV or YAML file with a row for each assignment; relative to the campaign file.",
    )
    by: Annotated[str | None, Choice(("date", "order", "target"))] = Field(
        default=None,
        description="What chooses the row: its column `date`, the order of the file, or its column `target`.",
    )


class EntryFile(FileModel):
    """One script entry: what is done, on which targets, in which windows."""

    REQUIRED: ClassVar[tuple[str, ...]] = ("script_name", "device_groups", "start_time", "script_config")

    name: Annotated[str | None, Identifier()] = Field(
        default=None, description="Unique in the file. Default: `script_name`."
    )
    script_name: Annotated[str | None, Identifier()] = Field(
        default=None, description="The script, as the TikMatrix API names it."
    )
    device_groups: Names | None = Field(
        default=None, description="The groups whose targets it is for, of this file or of the config."
    )
    start_time: Windows = Field(
        default=None,
        description='A window "09:00-11:00", or a list of them; "14:30" alone is a window of `grace` length.',
    )
    script_config: Annotated[Any, Nested("script_config")] = Field(
        default=None, description="The script's parameters, as the TikMatrix API names them."
    )
    content: Annotated[Any, Nested("content")] = Field(
        default=None, description="A file with a row for each assignment, for `${row.COLUMN}`. Default: none."
    )
    spread: Annotated[str, Choice(("even", "random", "together"))] = Field(
        default="even",
        description="Where in the window the targets fall due; one time without a spread means that time.",
    )
    enable_multi_account: Annotated[bool, Truth()] = Field(
        default=False, description="One task for each account that is logged in on a device."
    )
    min_interval: Annotated[int | None, Whole(0, 1440)] = Field(
        default=None, description="Minutes; passed on to the host, only some versions know it."
    )
    max_interval: Annotated[int | None, Whole(0, 1440)] = Field(
        default=None, description="Minutes; passed on to the host, only some versions know it."
    )
    retry: Annotated[Any, Nested("retry")] = Field(
        default=None, description="Re-tries of a task that failed on the host. Default: none."
    )
    at_close: Annotated[str, Choice(("withdraw", "stop", "leave"))] = Field(
        default="withdraw",
        description="At the window's end: withdraw pending tasks, stop running ones too, or leave them.",
    )
    after: Names | None = Field(
        default=None,
        description="Other entries of this file: on each target it goes once theirs of the day is completed.",
    )
    deliver: Annotated[str, Choice(("on_time", "ahead"))] = Field(
        default="on_time",
        description="When it is handed over. `ahead`: as the window opens, for the host to begin it on time.",
    )
    on_unsettled: Annotated[str, Choice(("resubmit", "hold"))] = Field(
        default="resubmit",
        description="After a request of unknown effect: submit again once absence is proved, or hold.",
    )


ENTRY_S_OWN = ("name", "script_name")
"""The keys by which entries are told apart: nothing that several can have in common."""


class DefaultsFile(EntryFile):
    """What the entries of a file have in common, for each key that an entry does not give itself."""

    REQUIRED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def known_keys(cls) -> dict[str, str]:
        """Return the keys of an entry but for its own."""
        return {key: name for key, name in super().known_keys().items() if key not in ENTRY_S_OWN}


class CampaignFile(FileModel):
    """A campaign."""

    REQUIRED: ClassVar = ("scripts",)

    name: Annotated[str | None, Identifier()] = Field(
        default=None, description="Unique among all files. Default: the file's name without its ending."
    )
    description: Annotated[str, Text(blank=True)] = Field(default="", description="For people.")
    enabled: Annotated[bool, Truth()] = Field(default=True, description="Is anything of it run at all?")
    timezone: Annotated[str | None, Zone()] = Field(
        default=None, description="The zone of its days and windows. Default: the config's."
    )
    first_day: Annotated[date | None, Day()] = Field(
        default=None, alias="from", description="The first day. Default: no bound."
    )
    last_day: Annotated[date | None, Day()] = Field(
        default=None, alias="until", description="The last day. Default: no bound."
    )
    days: RunDays = Field(
        default=None,
        description="`daily` (default), `weekdays`, `weekend`, or a list of days and of `calendar:NAME`.",
    )
    excluded: list[Annotated[DateRange | HolidaysOf | CalendarNamed, Exclusion()]] | None = Field(
        default=None,
        alias="except",
        description="Days on which nothing runs: 2026-12-24, 2026-12-24..2027-01-06, `holidays:SE`, "
        "`calendar:NAME`.",
    )
    device_groups: Annotated[Any, Nested("group", of="map")] = Field(
        default=None, description="Groups of this campaign, beside those of the config."
    )
    defaults: Annotated[Any, Nested("defaults")] = Field(
        default=None, description="What all script entries take where they do not give it themselves."
    )
    scripts: Annotated[Any, Nested("entry", of="list")] = Field(
        default=None, description="The script entries, in the order in which they are shown."
    )
    limits: Annotated[Any, Nested("limits")] = Field(
        default=None, description="Bounds on what this campaign submits. Default: none."
    )
