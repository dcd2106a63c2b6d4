"""What requests of the HTTP API may say: queries and bodies, read and bounded before anything is done."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from runner.model.state import State

MOST_ROWS = 200
USUAL_ROWS = 100
MOST_DAYS = 31
_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

Name = Annotated[str, StringConstraints(pattern=_PATTERN)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,64}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}-[a-z0-9]{1,64}$")]
Rows = Annotated[int, Field(ge=1, le=MOST_ROWS)]
Number = Annotated[int, Field(ge=0, lt=2**63)]


class Input(BaseModel):
    """What is said is all that may be said."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class NoInput(Input):
    """Nothing."""


class DayInput(Input):
    """A day, and of which campaign."""

    date: dt.date | None = Field(
        default=None, description="A day as 2026-12-24. Default: today, in the config's zone."
    )
    campaign: Name | None = Field(default=None, description="Only of this campaign.")


class ResultsInput(DayInput):
    """Which assignments of a day."""

    state: State | None = Field(default=None, description="Only in this state.")
    limit: Rows = Field(default=USUAL_ROWS, description="At most so many.")
    after: Cursor | None = Field(default=None, description="`next` of the page before.")


class RunsInput(DayInput):
    """Which runs of a day."""

    limit: Rows = Field(default=USUAL_ROWS, description="At most so many.")
    skip: Number = Field(default=0, description="Leaves out so many; `next` of the page before.")


class PlanInput(DayInput):
    """Which part of the plan."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = Field(
        default=1, description="So many days from there on."
    )
    limit: Rows = Field(default=USUAL_ROWS, description="At most so many.")
    skip: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=0, description="Leaves out so many; `next` of the page before."
    )


class EventsInput(Input):
    """Which events of the audit log."""

    after: Number | None = Field(
        default=None, description="Those behind this id; `next` of the page before. Default: the newest ones."
    )
    limit: Rows = Field(default=USUAL_ROWS, description="At most so many.")
    campaign: Name | None = Field(default=None, description="Only of this campaign.")
    key: Key | None = Field(default=None, description="Only of this assignment, by its whole key.")


class Order(Input):
    """Something that is to be done, by whom."""

    model_config = ConfigDict(strict=True)

    owner: Words | None = Field(default=None, description="Who asks, for whoever looks later.")

    @property
    def by(self) -> str:
        """Who asks, as history shows it: that it came through the API is part of it."""
        return f"{self.owner} (api)" if self.owner else "api"


class SubjectOrder(Order):
    """An order about one of: a campaign, a host, everything."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["campaign"], "properties": {"campaign": {"type": "string"}}},
                {"required": ["host"], "properties": {"host": {"type": "string"}}},
                {"required": ["all"], "properties": {"all": {"const": True}}},
            ]
        }
    )

    campaign: Name | None = Field(default=None, description="What is of this campaign.")
    host: Name | None = Field(default=None, description="What is for this host.")
    all: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Everything; true, if anything."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        named = [subject for subject in (self.campaign, self.host, self.all) if subject is not None]
        if len(named) != 1 or self.all is False:
            raise ValueError("name one: campaign, host, or all")
        return self


class PauseOrder(SubjectOrder):
    """What is to be held back, until when and why."""

    until: AwareDatetime | None = Field(
        default=None, description="When it ends by itself, with its offset. Default: never."
    )
    reason: Words | None = Field(default=None, description="Why, for whoever looks later.")


class ResumeOrder(SubjectOrder):
    """Of what the pause is to end."""


class ResolveOrder(Order):
    """What a person decides of an assignment that is unknown."""

    key: Key = Field(description="Its key, or a beginning of it that no other has.")
    act: Literal["resubmit", "drop"] = Field(
        description="Submit it again while its window is open, or leave it."
    )
    reason: Words | None = Field(default=None, description="Why, for whoever looks later.")


class ReloadOrder(Order):
    """Look at all files now."""
