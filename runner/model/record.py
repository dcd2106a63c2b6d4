"""What the ledger keeps: changes that go in, records that come out.

A change is one row's worth of fact. Changes that must stand or fall together are handed over in one batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.model.alarm import AlarmsSeen, MessageDone, MessageStored
from runner.model.halt import FateMet, HaltDone, HaltTold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.campaign import Target
    from runner.model.content import Row
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, AssignmentKey, Run
    from runner.model.state import State
    from runner.model.tikmatrix import TaskId, TaskStatus
    from runner.model.use import Reservation, Use


class Act(StrEnum):
    """A request that changes something on a host."""

    CREATE = "create"
    RETRY = "retry"
    STOP = "stop"
    DELETE = "delete"


class Outcome(StrEnum):
    """What became of an intent."""

    OPEN = "open"
    """On disk; the request may be under way. Found at start-up, its effect is not known."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    """Surely no byte left this machine."""
    UNSETTLED = "unsettled"
    """What it did is not known yet; the host is looked at."""
    ADOPTED = "adopted"
    """No answer told of it, but its tasks were found on the host."""
    PARTIAL = "partial"
    """Some of its tasks were found, and proof that there are no more; the rest is asked for anew."""
    ABSENT = "absent"
    """It is proved that it made nothing."""
    GIVEN_UP = "given_up"
    """Looking could not tell what it did."""


class HoldScope(StrEnum):
    """What a pause holds back."""

    ALL = "all"
    HOST = "host"
    CAMPAIGN = "campaign"


class Resolution(StrEnum):
    """What a person decides of an assignment that is `unknown`."""

    RESUBMIT = "resubmit"
    DROP = "drop"


class HostState(StrEnum):
    """How a host answered last."""

    UNKNOWN = "unknown"
    READY = "ready"
    UNREACHABLE = "unreachable"
    UNLICENSED = "unlicensed"
    """Reached, but its plan has no API access (40301)."""
    UNCLEAR = "unclear"
    """Something answers there, but not as TikMatrix does."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log: a dotted name and its fields."""

    at: Instant
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An assignment goes from one state to another; refused with LedgerConflict if it is not in `was`.

    `attempts`, `submitted_at` and `finished_at` are left as they are where they are None.
    """

    key: AssignmentKey
    was: State
    becomes: State
    reason: str | None = None
    attempts: int | None = None
    submitted_at: Instant | None = None
    finished_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a host showed of a lane just before a create: by it, new tasks are told from old ones."""

    task_ids: frozenset[TaskId]
    """Tasks of the same target and script."""
    sentinel: TaskId | None
    """A task of ours that was there: should it be gone later, the list was cleared. None: there was none."""


@dataclass(frozen=True, slots=True)
class IntentOpened:
    """A request is about to be made. On disk before its first byte leaves.

    `body` is the JSON text that is sent, secrets replaced; `body_sha256` is of the bytes that are sent.
    `snapshot` is given for creates, `use` for creates and retries: limits count them, and pauses stop them.
    Refused with LimitReached where a reservation finds no place, with WorkHeld where a pause is in force, and
    with LedgerConflict where an edit has given the assignment another `row` than the body holds.
    """

    intent_id: str
    key: AssignmentKey
    host: str
    act: Act
    attempt: int
    body: str
    body_sha256: str
    at: Instant
    snapshot: Snapshot | None = None
    use: Use | None = None
    reservations: tuple[Reservation, ...] = ()
    row: Row | None = None
    send_by: Instant | None = None
    """Not begun later than this; None: as long as its window lets it. Not stored."""


@dataclass(frozen=True, slots=True)
class IntentClosed:
    """What became of an intent."""

    intent_id: str
    outcome: Outcome
    detail: str | None
    at: Instant


@dataclass(frozen=True, slots=True)
class TaskBound:
    """A task on a host belongs to an assignment."""

    host: str
    task_id: TaskId
    key: AssignmentKey
    intent_id: str
    at: Instant


@dataclass(frozen=True, slots=True)
class TaskObserved:
    """What the host showed of a bound task; `gone` once the host no longer has it."""

    host: str
    task_id: TaskId
    status: TaskStatus | None
    gone: bool
    remark: str | None
    retry_count: int | None
    start_time: str | None
    end_time: str | None
    at: Instant


@dataclass(frozen=True, slots=True)
class HostObserved:
    """How a host answered."""

    host: str
    state: HostState
    detail: str | None
    plan_name: str | None
    device_limit: int | None
    at: Instant


@dataclass(frozen=True, slots=True)
class Postponed:
    """A planned assignment is not looked at before an instant; its due instant stays.

    One that is no longer planned stays as it is.
    """

    key: AssignmentKey
    until: Instant


@dataclass(frozen=True, slots=True)
class EchoSeen:
    """A host has shown the arguments of a task of ours, as they were sent or otherwise."""

    host: str
    script_name: str
    faithful: bool
    at: Instant


@dataclass(frozen=True, slots=True)
class HoldTold:
    """The log has told of a pause that it was placed, or that it has ended.

    `expired_at` is given where it ended by itself; the log's telling of that ends it in the store, too.
    """

    id: int
    at: Instant
    ended: bool
    expired_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class DecisionApplied:
    """What a person has decided was carried out, once."""

    decision_id: int
    at: Instant
    outcome: str


Change: TypeAlias = (
    StateChanged
    | IntentOpened
    | IntentClosed
    | TaskBound
    | TaskObserved
    | HostObserved
    | Postponed
    | EchoSeen
    | HoldTold
    | DecisionApplied
    | HaltTold
    | FateMet
    | HaltDone
    | MessageStored
    | MessageDone
    | AlarmsSeen
    | Event
)


@dataclass(frozen=True, slots=True)
class BoundTask:
    """A task of ours as last observed."""

    task_id: TaskId
    status: TaskStatus | None
    gone: bool
    remark: str | None
    retry_count: int | None
    start_time: str | None
    end_time: str | None
    observed_at: Instant


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """A completed task of ours with its times, as the host writes them."""

    target: Target
    script_name: str
    script_config: Mapping[str, Any]
    start_time: str
    end_time: str


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    """An assignment with its run and all that became of it."""

    assignment: Assignment
    run: Run
    state: State
    reason: str | None
    attempts: int
    submitted_at: Instant | None
    finished_at: Instant | None
    tasks: tuple[BoundTask, ...]


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """An intent with what became of it."""

    intent_id: str
    key: AssignmentKey
    host: str
    act: Act
    attempt: int
    body: str
    body_sha256: str
    at: Instant
    outcome: Outcome
    detail: str | None
    closed_at: Instant | None
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class EchoRecord:
    """How often a host has shown the arguments of a script's tasks as they were sent, and how often not."""

    host: str
    script_name: str
    faithful: int
    altered: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause, which a person has set."""

    id: int
    scope: HoldScope
    subject: str
    """The host's or campaign's name; empty for all."""
    owner: str
    reason: str | None
    placed_at: Instant
    until: Instant | None
    """When it ends by itself; None: never."""
    released_at: Instant | None = None
    released_by: str | None = None
    told_at: Instant | None = None
    """When the log told that it was placed."""

    def is_in_force(self, at: Instant) -> bool:
        """Tell whether it holds work back at an instant."""
        return self.released_at is None and (self.until is None or at < self.until)

    def covers(self, *, campaign: str, host: str) -> bool:
        """Tell whether it is for a campaign's work on a host."""
        match self.scope:
            case HoldScope.ALL:
                return True
            case HoldScope.HOST:
                return self.subject == host
            case HoldScope.CAMPAIGN:
                return self.subject == campaign


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person has decided of an `unknown`."""

    id: int
    at: Instant
    owner: str
    act: Resolution
    key: AssignmentKey
    reason: str | None
    applied_at: Instant | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class HostRecord:
    """A host as it answered last."""

    host: str
    state: HostState
    detail: str | None
    plan_name: str | None
    device_limit: int | None
    at: Instant


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run with how many of its assignments are in each state."""

    run: Run
    counts: Mapping[State, int]
