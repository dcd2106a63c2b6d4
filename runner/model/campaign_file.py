"""The keys of a campaign file, as a person writes them: their types, defaults and meaning.

The descriptions are what editors show, through the JSON Schema. Parts are read one by one (`Nested`), so that
one mistake hides no other; what the parts say about each other is checked in `runner.core.check`.
"""

from __future__ import annotations

from datetime import date, timedelta  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from runner.model.day_fields import Exclusion, RunDays
from runner.model.day_set import CalendarNamed, DateRange, HolidaysOf  # noqa: TC001 - pydantic reads them
from runner.model.fields import (
    Choice,
    Day,
    Duration,
    Identifier,
    Nested,
    Text,
    Truth,
    Whole,
    WindowText,
    Zone,
)
from runner.model.reader import FileModel, one_or_list, one_or_several
from runner.model.scripts import SCRIPTS
from runner.model.shared_file import Names  # noqa: TC001 - pydantic reads the annotations
from runner.model.texts import Span

Windows = Annotated[
    list[Annotated[Span, WindowText()]] | None,
    BeforeValidator(one_or_several),
    one_or_list(WindowText()),
]


class RetryFile(FileModel, title="Re-tries"):
    """Re-tries of a task that failed on the host, inside the window."""

    REQUIRED: ClassVar = ("attempts",)

    attempts: Annotated[int | None, Whole(1, 10)] = Field(
        default=None, description="At most so many re-tries.", examples=[2]
    )
    delay: Annotated[timedelta, Duration("0s", "1d")] = Field(
        default="5m",
        validate_default=True,
        description="How long to wait before each.",
        examples=["10m"],
    )


class ContentFile(FileModel, title="Content calendar"):
    """A file whose rows are used one by one, each by one assignment."""

    REQUIRED: ClassVar = ("file", "by")

    file: Annotated[str | None, Text()] = Field(
        default=None,
        description="A CSV or YAML file with a row for each assignment; relative to the campaign file.",
        examples=["clips.csv"],
    )
    by: Annotated[str | None, Choice(("date", "order", "target"))] = Field(
        default=None,
        description="What chooses the row: its column `date`, the order of the file, or its column `target`.",
    )


class EntryFile(FileModel, title="Script entry"):
    """One script entry: what is done, on which targets, in which windows."""

    REQUIRED: ClassVar[tuple[str, ...]] = ("script_name", "device_groups", "start_time", "script_config")

    name: Annotated[str | None, Identifier()] = Field(
        default=None, description="Unique in the file. Default: `script_name`.", examples=["morning-clip"]
    )
    script_name: Annotated[str | None, Identifier()] = Field(
        default=None,
        description="The script, as the API names it; newer ones need the config's `extra_scripts`.",
        examples=list(SCRIPTS),
    )
    device_groups: Names | None = Field(
        default=None,
        description="The groups whose targets it is for, of this file or of the config.",
        examples=[["studio"]],
    )
    start_time: Windows = Field(
        default=None,
        description='A window "09:00-11:00", or a list of them; "14:30" alone is a window of `grace` length.',
        examples=["09:00-11:00", ["09:00-11:00", "16:30"]],
    )
    script_config: Annotated[Any, Nested("script_config")] = Field(
        default=None,
        description="The script's parameters, as the TikMatrix API names them.",
        examples=[{"captions": "New clip of ${date}"}],
    )
    content: Annotated[Any, Nested("content")] = Field(
        default=None,
        description="A file with a row for each assignment, for `${row.COLUMN}`. Default: none.",
        examples=[{"file": "clips.csv", "by": "date"}],
    )
    spread: Annotated[str, Choice(("even", "random", "together"))] = Field(
        default="even",
        description="Where in the window the targets fall due; one time without a spread means that time.",
    )
    enable_multi_account: Annotated[bool, Truth()] = Field(
        default=False,
        description="One task for each account that is logged in on a device.",
    )
    min_interval: Annotated[int | None, Whole(0, 1440)] = Field(
        default=None, description="Minutes; passed on to the host, only some versions know it.", examples=[1]
    )
    max_interval: Annotated[int | None, Whole(0, 1440)] = Field(
        default=None, description="Minutes; passed on to the host, only some versions know it.", examples=[5]
    )
    retry: Annotated[Any, Nested("retry")] = Field(
        default=None,
        description="Re-tries of a task that failed on the host. Default: none.",
        examples=[{"attempts": 2, "delay": "10m"}],
    )
    at_close: Annotated[str, Choice(("withdraw", "stop", "leave"))] = Field(
        default="withdraw",
        description="At the window's end: withdraw pending tasks, stop running ones too, or leave them.",
    )
    after: Names | None = Field(
        default=None,
        description="Other entries of this file: on each target it goes once theirs of the day is completed.",
        examples=[["warm-up"]],
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


class DefaultsFile(EntryFile, title="Defaults of all entries"):
    """What the entries of a file have in common, for each key that an entry does not give itself."""

    REQUIRED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def known_keys(cls) -> dict[str, str]:
        """Return the keys of an entry but for its own."""
        return {key: name for key, name in super().known_keys().items() if key not in ENTRY_S_OWN}


class CampaignFile(FileModel, title="Campaign"):
    """A campaign."""

    REQUIRED: ClassVar = ("scripts",)

    name: Annotated[str | None, Identifier()] = Field(
        default=None,
        description="Unique among all files. Default: the file's name without its ending.",
        examples=["spring-launch"],
    )
    description: Annotated[str, Text(blank=True)] = Field(
        default="", description="For people.", examples=["Daily clips for the spring launch"]
    )
    enabled: Annotated[bool, Truth()] = Field(
        default=True,
        description="Is anything of it run at all?",
    )
    timezone: Annotated[str | None, Zone()] = Field(
        default=None,
        description="The zone of its days and windows. Default: the config's.",
        examples=["Europe/Stockholm"],
    )
    first_day: Annotated[date | None, Day()] = Field(
        default=None, alias="from", description="The first day. Default: no bound.", examples=["2026-12-01"]
    )
    last_day: Annotated[date | None, Day()] = Field(
        default=None, alias="until", description="The last day. Default: no bound.", examples=["2026-12-31"]
    )
    days: RunDays = Field(
        default=None,
        description="On which days it runs; `calendar:NAME` is a calendar of the config. Default: daily.",
        examples=["weekdays", ["mon", "wed", "fri"], ["weekend", "calendar:paydays"]],
    )
    excluded: list[Annotated[DateRange | HolidaysOf | CalendarNamed, Exclusion()]] | None = Field(
        default=None,
        alias="except",
        description="Days on which nothing runs: 2026-12-24, 2026-12-24..2027-01-06, `holidays:SE`, "
        "`calendar:NAME`.",
        examples=[["2026-12-24..2027-01-06", "holidays:SE"]],
    )
    device_groups: Annotated[Any, Nested("group", of="map")] = Field(
        default=None,
        description="Groups of this campaign, beside those of the config.",
        examples=[{"phones": {"serials": ["16091FDD40050N", "R58M12345"]}}],
    )
    defaults: Annotated[Any, Nested("defaults")] = Field(
        default=None,
        description="What all script entries take where they do not give it themselves.",
        examples=[{"device_groups": ["phones"], "start_time": "09:00-11:00"}],
    )
    scripts: Annotated[Any, Nested("entry", of="list")] = Field(
        default=None,
        description="The script entries, in the order in which they are shown.",
        examples=[
            [
                {
                    "name": "morning-clip",
                    "script_name": "post",
                    "device_groups": ["studio"],
                    "start_time": "09:00-11:00",
                    "script_config": {"captions": "New clip of ${date}"},
                }
            ]
        ],
    )
    limits: Annotated[Any, Nested("limits")] = Field(
        default=None,
        description="Bounds on what this campaign submits. Default: none.",
        examples=[{"per_target_per_day": 10, "min_gap": "5m"}],
    )
