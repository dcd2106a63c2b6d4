"""Whether an assignment is handed over ahead now, with all that is known of its host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.admit import Times, submittable_from
from runner.core.ahead import SLACK_US, Ahead, NotAhead, hand_over
from runner.model.campaign import Deliver

if TYPE_CHECKING:
    from runner.app.host_session import HostSession
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord

_CLOCK_OFF = "the host's clock and ours differ"
_QUIET = "it would begin in the quiet hours"


def times_of(record: AssignmentRecord) -> Times:
    """Return the instants that matter for a submission: what goes ahead is due when its window opens."""
    run = record.run
    ahead = run.order.deliver is Deliver.AHEAD
    return Times(run.opens if ahead else record.assignment.due, run.opens, run.closes)


def start_of(record: AssignmentRecord, session: HostSession, *, now: Instant) -> Ahead | NotAhead | None:
    """Return how an assignment is handed over now, or why it has to wait; None: as it is, without a start."""
    run, due = record.run, record.assignment.due
    on_time_from = submittable_from(Times(due, run.opens, run.closes), deadline_us=session.timeout_us)
    if run.order.deliver is not Deliver.AHEAD or now >= on_time_from:
        return None
    if session.clock_off_seconds is not None:
        return NotAhead(on_time_from, _CLOCK_OFF)
    verdict = hand_over(
        due=due,
        closes=run.closes,
        now=now,
        deadline_us=session.timeout_us,
        zone=ZoneInfo(session.host.timezone),
    )
    if isinstance(verdict, NotAhead):
        return NotAhead(min(verdict.until, on_time_from), verdict.reason)
    begins_us = verdict.starts + SLACK_US - due
    if session.restraints.quiet_until(now=due, deadline_us=begins_us) is not None:
        return NotAhead(on_time_from, _QUIET)
    return verdict
