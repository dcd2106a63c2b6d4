"""When a submission may be handed over before it is due, and the `start_time` that goes with it (ADR 0021).

A host reads `start_time` as hours and minutes of its own day, without a date and without a zone. What it does
with one that is past is not documented. So nothing is handed over across its midnight, near it, or across a
change of its clock, and never so late that the time could be past when the request arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from runner.core.windows import first_instant
from runner.model.campaign import Deliver
from runner.model.instant import SECOND, moment
from runner.model.state import State

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord

MINUTE_US = 60 * SECOND
MIDNIGHT_US = 120 * SECOND
"""So near to its midnight no host is trusted to be on the day on which we think that it is."""
CLOCKS_APART_US = 60 * SECOND
"""By so much a host's clock and ours may differ."""
SLACK_US = 10 * SECOND
"""A scheduled task starts within so long of its start time (the vendor's user guide)."""

_TOO_LATE = "it is due too soon to be handed over ahead"
_AT_CLOSE = "its window closes before a whole minute has come"
_AT_MIDNIGHT = "it is due near the host's midnight"
_BEFORE_MIDNIGHT = "the host's midnight lies before it"
_AT_CHANGE = "the host's clock is changed before it"


@dataclass(frozen=True, slots=True)
class Ahead:
    """It may be handed over now."""

    start_time: str
    """`HH:MM` on the host's clock."""
    starts: Instant
    send_by: Instant
    """A request that begins later could arrive when the time is past."""


@dataclass(frozen=True, slots=True)
class NotAhead:
    """It is looked at again at an instant, which is the due one where it cannot go ahead at all."""

    until: Instant
    reason: str


def hand_over(
    *, due: Instant, closes: Instant, now: Instant, deadline_us: int, zone: ZoneInfo
) -> Ahead | NotAhead:
    """Decide whether an assignment may be handed over now for its due instant, rounded up to a whole minute.

    `deadline_us` is how long a request may take, `zone` the host's.
    """
    on_clock = moment(due, zone=zone).replace(tzinfo=None, second=0, microsecond=0)
    starts = first_instant(on_clock, zone=zone)
    if starts < due:
        on_clock += timedelta(minutes=1)
        starts = first_instant(on_clock, zone=zone)
    midnight = datetime.combine(on_clock, time.min)
    first = first_instant(midnight, zone=zone) + MIDNIGHT_US
    last = first_instant(midnight + timedelta(days=1), zone=zone) - MIDNIGHT_US
    send_by = due - MINUTE_US - deadline_us
    local = on_clock.replace(tzinfo=zone)
    # A minute that clocks show twice, or skip, may mean either to a host.
    changes = len({_offset(max(now, first), zone=zone), local.utcoffset(), local.replace(fold=1).utcoffset()})
    hindrances = (
        (starts + SLACK_US >= closes, _AT_CLOSE),
        (not due <= starts < due + MINUTE_US or changes > 1, _AT_CHANGE),
        (not first <= starts <= last, _AT_MIDNIGHT),
        (max(now, first) > send_by, _TOO_LATE),
    )
    for is_so, reason in hindrances:
        if is_so:
            return NotAhead(due, reason)
    if now < first:
        return NotAhead(first, _BEFORE_MIDNIGHT)
    return Ahead(f"{on_clock:%H:%M}", starts, send_by)


def _offset(at: Instant, *, zone: ZoneInfo) -> timedelta | None:
    return moment(at, zone=zone).utcoffset()


def clock_off_us(shown: Instant | None, *, asked_at: Instant, answered_at: Instant) -> int | None:
    """Return by how much a host's clock is ahead of ours, where that surely is more than a minute either way.

    `shown` is what it showed, cut to a whole second, at some instant from `asked_at` to `answered_at`.
    """
    if shown is None:
        return None
    if shown > answered_at + CLOCKS_APART_US:
        return shown - answered_at
    if shown + SECOND < asked_at - CLOCKS_APART_US:
        return shown + SECOND - asked_at
    return None


def waits_on_host(record: AssignmentRecord, *, now: Instant) -> bool:
    """Tell whether an assignment was handed over and its time has not come: its target is free until then."""
    handed_over = record.state is State.SUBMITTED and record.run.order.deliver is Deliver.AHEAD
    return handed_over and record.assignment.due > now
