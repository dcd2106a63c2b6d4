"""What requests of the HTTP API may say: queries and bodies, read and bounded before anything is done."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from runner.model.state import State

MOST_ROWS = 200
USUAL_ROWS = 100
MOST_DAYS = 31
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

Name = Annotated[str, StringConstraints(pattern=_PATTERN)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,64}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""Short enough for a query, however it is encoded."""
Rows = Annotated[int, Field(ge=1, le=MOST_ROWS)]
Number = Annotated[int, Field(ge=0, lt=2**63)]


_FIRST_YEAR = 1970
_LAST_YEAR = 9000


def _written_day(value: object) -> object:
    # pydantic would take a number for the seconds since 1970, too.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("write a day as 2026-12-24")
    return value


def _near(value: dt.date) -> dt.date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"years go from {_FIRST_YEAR} to {_LAST_YEAR}")
    return value


Day = Annotated[dt.date, BeforeValidator(_written_day), AfterValidator(_near)]
Moment = Annotated[AwareDatetime, AfterValidator(_near)]


class Input(BaseModel):
    """What is said is all that may be said."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class NoInput(Input):
    """Nothing."""


class DayInput(Input):
    """A day, and of which campaign."""

    date: Day | None = Field(
        default=None, description="A day as 2026-12-24. Default: today, in the config's zone."
    )
    campaign: Name | None = Field(default=None, description="Only of this campaign.")


class ResultsInput(DayInput):
    """Which assignments of a day."""

    state: State | None = Field(default=None, description="Only in this state.")
    limit: Rows = Field(default=USUAL_ROWS, description="At most so many.")
    after: Key | None = Field(default=None, description="`next` of the page before.")


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


class WhyInput(Input):
    """Of what, and on which day."""

    subject: Subject = Field(description="A campaign, a device or an account.")
    date: Day | None = Field(
        default=None, description="A day as 2026-12-24. Default: today, in the config's zone."
    )
    limit: Rows = Field(default=USUAL_ROWS, description="At most so many.")
    skip: Number = Field(default=0, description="Leaves out so many; `next` of the page before.")


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


_NAMED: dict[str, JsonValue] = {
    "key": {"type": "string"},
    "campaign": {"type": "string"},
    "host": {"type": "string"},
    "all": {"const": True},
}
_UNNAMED: JsonValue = {"enum": [None, False]}


def _naming_one_of(*names: str) -> ConfigDict:
    return ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": [named],
                    "properties": {name: _NAMED[name] if name == named else _UNNAMED for name in names},
                }
                for named in names
            ]
        }
    )


class SubjectOrder(Order):
    """An order about one of: a campaign, a host, everything."""

    model_config = _naming_one_of("campaign", "host", "all")

    campaign: Name | None = Field(default=None, description="What is of this campaign.")
    host: Name | None = Field(default=None, description="What is for this host.")
    all: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Everything; true, if anything."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(map(bool, (self.campaign, self.host, self.all))) != 1:
            raise ValueError("name one: campaign, host, or all")
        return self


class PauseOrder(SubjectOrder):
    """What is to be held back, until when and why."""

    until: Moment | None = Field(
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


class ResolveDayOrder(Order):
    """What a person decides of all that is unknown of a campaign on a day."""

    campaign: Name = Field(description="All that is unknown of this campaign.")
    date: Day = Field(description="On this day of its zone, as 2026-12-24.", strict=False)
    act: Literal["resubmit", "drop"] = Field(
        description="Submit it again where its window is open and nothing of it was accepted, or leave it."
    )
    yes: bool = Field(default=False, description="Do it. Otherwise it is only told what would be done.")
    reason: Words | None = Field(default=None, description="Why, for whoever looks later.")


class HaltOrder(Order):
    """What is to be taken back, and why: one assignment, or what is of a campaign, a host, everything."""

    model_config = _naming_one_of("key", "campaign", "host", "all")

    key: Key | None = Field(
        default=None, description="This assignment, by a beginning of its key that no other has."
    )
    campaign: Name | None = Field(default=None, description="What is of this campaign, up to today.")
    host: Name | None = Field(default=None, description="What is for this host, up to today.")
    all: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Everything up to today, and a pause of everything; true, if anything."
    )
    reason: Words | None = Field(default=None, description="Why, for whoever looks later.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(map(bool, (self.key, self.campaign, self.host, self.all))) != 1:
            raise ValueError("name one: key, campaign, host, or all")
        return self


class TriggerOrder(Order):
    """What is to be done now, beside the schedule."""

    campaign: Name = Field(description="Of this campaign.")
    script: Words | None = Field(default=None, description="Only this script entry.")
    target: Words | None = Field(default=None, description="Only this device or account.")


class ReloadOrder(Order):
    """Look at all files now."""
