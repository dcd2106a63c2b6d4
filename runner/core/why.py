"""Why a planned assignment has not been submitted yet, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.after import needed_by, unmet_in_words
from runner.core.quiet import quiet_until
from runner.model.instant import SECOND, shown
from runner.model.record import HostState
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from runner.model.campaign import Target
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey, Run
    from runner.model.quiet import QuietHours
    from runner.model.record import AssignmentRecord, Hold, HostRecord

NO_DAEMON = "no daemon runs"
_IN_WORDS = {
    State.SUBMITTING: "its request is under way, or what it did is being looked for",
    State.SUBMITTED: "on its host, where it has not begun",
    State.RUNNING: "it runs",
    State.COMPLETED: "it ran",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that may stand in the way of planned work at one moment."""

    now: Instant
    alive: bool
    """Does a daemon run?"""
    holds: tuple[Hold, ...]
    """Pauses in force."""
    hosts: Mapping[str, HostRecord]
    """As they answered last."""
    quiet_hours: QuietHours | None
    deadline_us: int
    """How long a request may take."""
    states: Mapping[AssignmentKey, tuple[State, str | None]]
    """Of assignments that others need."""
    busy: Collection[Target]
    """Targets with work of ours under way."""
    postponed: Mapping[AssignmentKey, tuple[str, str]]
    """What was put off: until when, as it is shown, and why."""


def reason_of(record: AssignmentRecord, around: Surroundings) -> str:
    """Return why an assignment is as it is; for a planned one, what stands in its way first of all."""
    if record.state is not State.PLANNED:
        return record.reason or _IN_WORDS.get(record.state, "")
    run = record.run
    if run.closes <= around.now:
        waits = "its window has closed, and no daemon has told what became of it"
        return waits if around.alive else f"{waits}: {NO_DAEMON}"
    hold = next((hold for hold in around.holds if _covers(hold, record)), None)
    if hold is not None:
        until = "" if hold.until is None else f", until {_time(hold.until, run)}"
        return f"paused by {hold.owner}" + (f": {hold.reason}" if hold.reason else "") + until
    return _in_the_way(record, around) if around.alive else NO_DAEMON


def _in_the_way(record: AssignmentRecord, around: Surroundings) -> str:
    target, due = record.assignment.target, record.assignment.due
    if record.assignment.key in around.postponed:
        until, why = around.postponed[record.assignment.key]
        return f"put off until {until}: {why}"
    quiet = _quiet_words(max(due, around.now), around)
    if due > around.now:
        return f"not due yet, and then in {quiet}" if quiet else "not due yet"
    if quiet:
        return quiet
    return _unmet(record, around) or _at_the_host(target, around)


def _unmet(record: AssignmentRecord, around: Surroundings) -> str | None:
    for key, script in needed_by(record.run, record.assignment.target).items():
        state, reason = around.states.get(key, (None, None))
        if state is not State.COMPLETED:
            return unmet_in_words(script, state=state, reason=reason)
    return None


def _at_the_host(target: Target, around: Surroundings) -> str:
    host = around.hosts.get(target.host)
    if host is None or host.state is not HostState.READY:
        state_word = "not asked yet" if host is None else host.state.value
        detail = f": {host.detail}" if host is not None and host.detail else ""
        return f"the host is {state_word}{detail}"
    if target in around.busy:
        return "its target is busy with earlier work"
    return "it is due, and waits for its turn"


def _covers(hold: Hold, record: AssignmentRecord) -> bool:
    return hold.covers(campaign=record.run.campaign, host=record.assignment.target.host)


def _quiet_words(at: Instant, around: Surroundings) -> str:
    until = quiet_until(around.quiet_hours, now=at, deadline_us=around.deadline_us)
    if until is None or around.quiet_hours is None:
        return ""
    return f"the quiet hours {around.quiet_hours.label}"


def _time(at: Instant, run: Run) -> str:
    return shown(at - at % SECOND, zone=ZoneInfo(run.timezone))
