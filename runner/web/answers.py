"""What the HTTP API answers, as models: for the OpenAPI document and the test that holds it true.

The rows themselves are made by `runner.app.rows`, as for `--format json`. Only the document imports this.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from runner.model.checkup import Verdict
from runner.model.halt import Depth, HaltScope
from runner.model.record import Act, HoldScope, HostState, Outcome
from runner.model.state import State


class Row(BaseModel):
    """Exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str


class PlanRow(Row):
    """An assignment as it is planned."""

    key: str
    campaign: str
    script: str
    script_name: str
    host: str
    serial: str | None
    username: str | None
    date: dt.date
    opens: AwareDatetime
    due: AwareDatetime
    closes: AwareDatetime
    expected_tasks: int


class ResultRow(PlanRow):
    """An assignment with what became of it."""

    state: State
    reason: str | None
    task_ids: list[int | str]
    attempts: int
    submitted_at: AwareDatetime | None
    finished_at: AwareDatetime | None


class PauseRow(Row):
    """A pause."""

    scope: HoldScope
    campaign: str | None
    host: str | None
    owner: str
    reason: str | None
    placed_at: AwareDatetime
    until: AwareDatetime | None


class HostRow(Row):
    """A host as it answered last."""

    host: str
    url: str
    state: HostState
    detail: str | None
    plan_name: str | None
    device_limit: int | None
    since: AwareDatetime | None


class CampaignRow(Row):
    """A campaign, or a file that does not check."""

    campaign: str | None
    file: str
    in_force: bool
    rejected: bool
    standing: str
    accepted_at: AwareDatetime | None


class DaemonRow(Row):
    """Whether the daemon lives."""

    alive: bool
    stuck: bool
    last_beat: AwareDatetime | None
    age_seconds: float | None


class Status(Row):
    """How things stand; of what runs and of what went wrong today at most 100 each."""

    now: AwareDatetime
    date: dt.date
    daemon: DaemonRow
    states: dict[State, int]
    pauses: list[PauseRow]
    hosts: list[HostRow]
    campaigns: list[CampaignRow]
    running: list[ResultRow]
    next: list[ResultRow]
    failed: list[ResultRow]


class Hosts(Row):
    """All hosts of the config."""

    items: list[HostRow]


class RunRow(Row):
    """A run with the number of its assignments in each state that occurs."""

    campaign: str
    script: str
    script_name: str
    date: dt.date
    window: str
    opens: AwareDatetime
    closes: AwareDatetime
    assignments: int
    states: dict[State, int]
    host: None = Field(description="Of a run always null: it may be on several hosts.")


class Runs(Row):
    """A page of runs."""

    items: list[RunRow]
    next: int | None = Field(description="`skip` of the page behind this one; null where there is none.")


class Results(Row):
    """A page of assignments."""

    items: list[ResultRow]
    next: str | None = Field(description="`after` of the page behind this one; null where there is none.")


class Plan(Row):
    """A page of the plan."""

    items: list[PlanRow]
    next: int | None = Field(description="`skip` of the page behind this one; null where there is none.")


class EventRow(BaseModel):
    """An event of the audit log; its other fields are those of the log."""

    model_config = ConfigDict(extra="allow")

    id: int
    at: AwareDatetime
    event: str


class Events(Row):
    """A page of the audit log, oldest first."""

    items: list[EventRow]
    next: int | None = Field(description="`after` of what follows, also where nothing does yet.")


class TaskRow(Row):
    """A task as its host showed it last."""

    task_id: int | str
    status: str | None
    gone: bool
    remark: str | None
    retry_count: int | None
    start_time: str | None
    end_time: str | None
    observed_at: AwareDatetime


class IntentRow(Row):
    """A request that changes something on a host."""

    intent_id: str
    act: Act
    host: str
    attempt: int
    at: AwareDatetime
    body: str = Field(description="As it was sent, secrets replaced by their names.")
    outcome: Outcome
    detail: str | None
    closed_at: AwareDatetime | None


class ContentRow(Row):
    """The row of a content file that an assignment has."""

    file: str
    number: int
    line: int
    values: dict[str, Any]


class Life(ResultRow):
    """One assignment with its whole life."""

    window: str
    group: str
    index: int
    row: ContentRow | None
    tasks: list[TaskRow]
    intents: list[IntentRow]
    events: list[EventRow]


class Paused(PauseRow):
    """The pause that was placed."""


class Resumed(Row):
    """The pauses that were ended, and those that stay in force."""

    released: list[PauseRow]
    in_force: list[PauseRow]


class Resolved(Row):
    """A decision that was written; the daemon carries it out within seconds."""

    key: str
    act: Literal["resubmit", "drop"]
    outcome: str | None = Field(description="What came of it, null while nothing has.")


class LeftRow(Row):
    """What a decision would leave as it is."""

    reason: str
    count: int


class OutcomeRow(Row):
    """What came of some decisions."""

    outcome: str | None = Field(description="Null while nothing has; the daemon goes on with it.")
    count: int


class ResolvedDay(Row):
    """What a decision about all that is unknown of a day would do, or has done."""

    campaign: str
    date: dt.date
    act: Literal["resubmit", "drop"]
    able: int = Field(description="For so many it can be carried out.")
    items: list[ResultRow] = Field(description="These, at most 200 of them.")
    left: list[LeftRow]
    done: list[OutcomeRow] | None = Field(description="Null where it was only asked.")


class Halted(Row):
    """What is taken back, and how far that is: how many assignments have met which fate."""

    number: int
    depth: Depth
    scope: HaltScope
    campaign: str | None
    host: str | None
    key: str | None
    owner: str
    reason: str | None
    at: AwareDatetime
    dropped: int
    withdrawn: int
    stopped: int
    left: int
    ended: int
    unknown: int
    open: int = Field(description="On hosts still, or in doubt; the daemon sees to them.")


class Triggered(Row):
    """What will be done now."""

    campaign: str
    script: str | None
    target: str | None
    assignments: int
    keys: list[str] = Field(description="Theirs, at most 200 of them.")
    outcome: str | None = Field(description="What the daemon says, null while it has not planned it.")
    until: AwareDatetime = Field(description="What has not gone by then is given up.")
    obstacles: list[str] = Field(description="What stands in the way now.")


class OccurrenceRow(PlanRow):
    """An assignment of a day, planned or not."""

    state: State | None = Field(description="Null where it was never planned.")
    ran: bool
    reason: str | None


class Why(Row):
    """A page of all occurrences of a campaign or a target on a day."""

    items: list[OccurrenceRow]
    next: int | None = Field(description="`skip` of the page behind this one; null where there is none.")


class FindingRow(Row):
    """How one thing stands, and what to do."""

    check: str
    subject: str
    verdict: Verdict
    message: str
    advice: str | None


class Examined(Row):
    """How everything stands that can be checked."""

    items: list[FindingRow]


class RejectedRow(Row):
    """A file that does not check."""

    file: str
    kept: list[str]
    problems: list[str]


class Reloaded(Row):
    """What a look at all files has found."""

    campaigns: int
    accepted: list[str]
    removed: list[str]
    rejected: list[RejectedRow]
    unread: bool


class Health(Row):
    """That it is so."""

    status: Literal["ok"]
