"""What follows from a person's decision of an assignment that is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.core.admit import may_begin
from runner.model.record import Resolution
from runner.model.state import State

if TYPE_CHECKING:
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Decision

NOTHING_DONE = "nothing was done"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What becomes of the assignment; None where it stays as it is."""

    becomes: State | None
    words: str


def resolve(
    record: AssignmentRecord, decision: Decision, *, now: Instant, deadline_us: int | None
) -> Resolved:
    """Decide what a decision does, by what has become of its assignment meanwhile; see `obstacle`."""
    hindered = obstacle(record, decision.act, now=now, deadline_us=deadline_us)
    if hindered is not None:
        return Resolved(None, f"{NOTHING_DONE}: {hindered}")
    by = f"by {decision.owner}" + (f": {decision.reason}" if decision.reason else "")
    if decision.act is Resolution.DROP:
        return Resolved(State.CANCELLED, f"dropped {by}")
    return Resolved(State.PLANNED, f"to be submitted again {by}")


def obstacle(
    record: AssignmentRecord, act: Resolution, *, now: Instant, deadline_us: int | None
) -> str | None:
    """Return why nothing can be done with an assignment, None where it can.

    `deadline_us` is the total deadline of a request in microseconds, None where the config no longer has the
    host. What the host had accepted is not submitted a second time: its tasks were known.
    """
    if record.state is not State.UNKNOWN:
        return f"it is {record.state} by now"
    if act is Resolution.DROP:
        return None
    if deadline_us is None:
        return f"the config has no host {record.assignment.target.host}"
    if record.tasks:
        return "the host had accepted it; look at it there, then drop it"
    if not may_begin(record.run, now=now, deadline_us=deadline_us):
        return "its window has closed; it can only be dropped"
    return None
