"""Whether an assignment may be submitted now, has to wait, or has missed its window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from runner.model.instant import SECOND
from runner.model.record import HostState
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.instant import Instant
    from runner.model.plan import Run


class Hindrance(StrEnum):
    """What keeps an assignment from being submitted now."""

    NOT_DUE = "not_due"
    HOST_NOT_PROBED = "host_not_probed"
    HOST_UNREACHABLE = "host_unreachable"
    HOST_UNLICENSED = "host_unlicensed"
    HOST_UNCLEAR = "host_unclear"
    LANE_UNSETTLED = "lane_unsettled"
    TARGET_BUSY = "target_busy"
    HOST_FULL = "host_full"


@dataclass(frozen=True, slots=True)
class Times:
    """The instants of one assignment that matter for its submission."""

    due: Instant
    opens: Instant
    closes: Instant


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else is known of an assignment's host and target at this moment."""

    host_state: HostState
    lane_unsettled: bool
    """An earlier request for the same target and script has an effect that is not known yet."""
    target_busy: bool
    """The target has work of ours that has not ended."""
    in_flight: int
    """Assignments of ours on the host that have not ended."""
    in_flight_limit: int | None
    """At most so many of them; None is no bound."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """It may be submitted now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again: at `until` where that is known, else when the hindrance has gone."""

    why: Hindrance
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not be submitted any more."""

    becomes: State
    reason: str


Admission: TypeAlias = Admitted | Wait | Refused

_BY_HOST_STATE: Mapping[HostState, Hindrance | None] = MappingProxyType(
    {
        HostState.READY: None,
        HostState.UNKNOWN: Hindrance.HOST_NOT_PROBED,
        HostState.UNREACHABLE: Hindrance.HOST_UNREACHABLE,
        HostState.UNLICENSED: Hindrance.HOST_UNLICENSED,
        HostState.UNCLEAR: Hindrance.HOST_UNCLEAR,
    }
)

LEAD_US = 5 * SECOND
"""How long before the last possible moment a submission is begun that is due too late for its window."""

_TOO_SHORT = "its window is shorter than a request may take"
_NOT_RUNNING = "the runner was not running when its window closed"
_NOT_REACHED = "the submissions before it took until its window closed"
_BY_HINDRANCE: Mapping[Hindrance, str] = MappingProxyType(
    {
        Hindrance.NOT_DUE: _NOT_REACHED,
        Hindrance.HOST_NOT_PROBED: "the host had not been asked for its licence before its window closed",
        Hindrance.HOST_UNREACHABLE: "the host was unreachable until its window closed",
        Hindrance.HOST_UNLICENSED: "the host's plan had no API access until its window closed",
        Hindrance.HOST_UNCLEAR: "the host did not answer as TikMatrix does until its window closed",
        Hindrance.LANE_UNSETTLED: "an earlier request for its target and script was not settled in time",
        Hindrance.TARGET_BUSY: "its target was busy with earlier work until its window closed",
        Hindrance.HOST_FULL: "the host had all the work that `in_flight` allows until its window closed",
    }
)


def submittable_from(times: Times, *, deadline_us: int) -> Instant:
    """Return the instant from which an assignment may be submitted.

    It is the due instant, except for what falls due in the window's last moments: a request may take until
    its deadline and must end inside the window, so these go LEAD_US before it would be too late.
    """
    return min(times.due, max(times.opens, times.closes - deadline_us - LEAD_US))


def may_begin(run: Run, *, now: Instant, deadline_us: int) -> bool:
    """Tell whether a run's window stays open for all of a request that begins now."""
    return run.opens <= now and now + deadline_us < run.closes


def admit(
    times: Times,
    *,
    now: Instant,
    deadline_us: int,
    circumstances: Circumstances,
    awake_since: Instant,
    waited_for: Hindrance | None = None,
) -> Admission:
    """Decide whether a planned assignment may be submitted now.

    `deadline_us` is the total deadline of a request in microseconds: the window has to stay open for all of
    it. `awake_since` is since when the runner has run without a break, `waited_for` what this function last
    told it to wait for; both only serve the reason that a missed assignment gets.
    """
    starts = submittable_from(times, deadline_us=deadline_us)
    hindrance = _hindrance(circumstances)
    if now + deadline_us >= times.closes:
        stood_in_the_way = waited_for or hindrance
        if times.closes - times.opens <= deadline_us:
            reason = _TOO_SHORT
        elif awake_since >= times.closes - deadline_us:
            reason = _NOT_RUNNING
        else:
            reason = _NOT_REACHED if stood_in_the_way is None else _BY_HINDRANCE[stood_in_the_way]
        return Refused(State.MISSED, reason)
    if now < starts:
        return Wait(Hindrance.NOT_DUE, until=starts)
    return Admitted() if hindrance is None else Wait(hindrance)


def _hindrance(circumstances: Circumstances) -> Hindrance | None:
    by_host = _BY_HOST_STATE[circumstances.host_state]
    if by_host is not None:
        return by_host
    if circumstances.lane_unsettled:
        return Hindrance.LANE_UNSETTLED
    if circumstances.target_busy:
        return Hindrance.TARGET_BUSY
    limit = circumstances.in_flight_limit
    if limit is not None and circumstances.in_flight >= limit:
        return Hindrance.HOST_FULL
    return None
