"""What the config and campaign files both hold: device groups and limits."""

from __future__ import annotations

from datetime import timedelta  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated

from pydantic import Field

from runner.model.fields import Duration, Identifier, TargetName, Whole
from runner.model.reader import FileModel

Names = list[Annotated[str, Identifier()]]


class GroupFile(FileModel, title="Device group"):
    """A named set of targets on one host, or a union of other groups."""

    host: Annotated[str | None, Identifier()] = Field(
        default=None,
        description="The host, by its name in the config; may be left out where there is one.",
        examples=["studio-pc"],
    )
    serials: list[Annotated[str, TargetName()]] | None = Field(
        default=None, description="Devices, by serial.", examples=[["16091FDD40050N", "R58M12345"]]
    )
    usernames: list[Annotated[str, TargetName()]] | None = Field(
        default=None,
        description="Accounts, by username; text that begins with @ needs quotes.",
        examples=[["@brand_se", "@brand_no"]],
    )
    groups: Names | None = Field(
        default=None,
        description="Other groups, of this file or of the config.",
        examples=[["studio", "tablets"]],
    )
    taken_out: Names | None = Field(
        default=None,
        alias="not",
        description="Groups whose targets are taken out of those of `groups`.",
        examples=[["broken"]],
    )


_Count = Annotated[int | None, Whole(1, 1_000_000)]


class LimitsFile(FileModel, title="Limits"):
    """Bounds on what is submitted."""

    per_target_per_day: _Count = Field(
        default=None, description="At most so many submissions to one target on one day.", examples=[10]
    )
    per_target_per_hour: _Count = Field(
        default=None, description="At most so many submissions to one target in any hour.", examples=[2]
    )
    per_script_per_day: _Count = Field(
        default=None,
        description="At most so many submissions of one entry on one day; in the config: of one script.",
        examples=[100],
    )
    per_script_per_hour: _Count = Field(
        default=None,
        description="At most so many submissions of one entry in any hour; in the config: of one script.",
        examples=[20],
    )
    per_campaign_per_day: _Count = Field(
        default=None, description="At most so many submissions of one campaign on one day.", examples=[200]
    )
    per_campaign_per_hour: _Count = Field(
        default=None, description="At most so many submissions of one campaign in any hour.", examples=[40]
    )
    per_host_per_day: _Count = Field(
        default=None, description="At most so many submissions to one host on one day.", examples=[500]
    )
    per_host_per_hour: _Count = Field(
        default=None, description="At most so many submissions to one host in any hour.", examples=[60]
    )
    min_gap: Annotated[timedelta | None, Duration("1s", "1d")] = Field(
        default=None,
        description="At least so long between two submissions to one target.",
        examples=["5m"],
    )
