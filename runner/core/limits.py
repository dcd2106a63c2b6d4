"""What a submission reserves under each limit, and what follows where there is no place left.

Uses on both sides of an instant count, for the clock may have been set back meanwhile: then no period that
holds the instant ever holds more than the limit, in whatever order the uses came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.windows import first_instant
from runner.model.instant import moment, shown
from runner.model.limit import Bound, Period
from runner.model.use import Reservation, Taken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from runner.model.instant import Instant
    from runner.model.limit import Limit
    from runner.model.use import Use


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Ask again at `until`."""

    until: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class Exhausted:
    """There is no place before its window's last moment."""

    until: Instant
    reason: str


def reservations(limits: Iterable[Limit], *, use: Use, now: Instant) -> tuple[Reservation, ...]:
    """Return what a submission at an instant has to reserve."""
    return tuple(_reservation(limit, use=use, now=now) for limit in limits)


def taken(reservation: Reservation, *, uses: Iterable[tuple[Use, Instant]]) -> Taken | None:
    """Return why a reservation finds no place among uses; None where it does."""
    at = sorted(
        (
            instant
            for use, instant in uses
            if reservation.after < instant < reservation.before and _counts(use, reservation)
        ),
        reverse=True,
    )
    most = reservation.limit.most
    return Taken(reservation, at[most - 1]) if len(at) >= most else None


def frees_at(full: Taken) -> Instant:
    """Return the first instant at which a place may be free again."""
    limit = full.reservation.limit
    return full.reservation.before if limit.period is Period.DAY else full.at + limit.length_us


def refusal(full: Iterable[Taken], *, last_moment: Instant) -> NotBefore | Exhausted:
    """Return what follows for an assignment that has to be submitted before `last_moment`.

    `full` is every reservation that found no place, at least one; the one that lasts longest decides.
    """
    longest = max(full, key=frees_at)
    limit, until = longest.reservation.limit, frees_at(longest)
    named = f"`{limit.words}` of {limit.file}"
    if until >= last_moment:
        until_shown = shown(until, zone=ZoneInfo(limit.timezone))
        return Exhausted(until, f"{named} allows no more before its window closes, but from {until_shown} on")
    return NotBefore(until, f"{named} is used up")


def _reservation(limit: Limit, *, use: Use, now: Instant) -> Reservation:
    after, before = _period(limit, now=now)
    counted: dict[str, Any] = {}
    match limit.bound:
        case Bound.TARGET:
            counted = {"target": use.target}
        case Bound.SCRIPT if limit.campaign is None:
            counted = {"script_name": use.script_name}
        case Bound.SCRIPT:
            counted = {"script": use.script}
        case Bound.CAMPAIGN:
            counted = {"campaign": use.campaign}
        case Bound.HOST:
            counted = {"host": use.target.host}
    if limit.campaign is not None:
        counted["campaign"] = limit.campaign
    return Reservation(limit, after, before, **counted)


def _period(limit: Limit, *, now: Instant) -> tuple[Instant, Instant]:
    if limit.period is not Period.DAY:
        return now - limit.length_us, now + limit.length_us
    zone = ZoneInfo(limit.timezone)
    midnight = datetime.combine(moment(now, zone=zone).date(), time.min)
    # Where the clock goes back across midnight, the end of a day is over before the day is.
    start = first_instant(midnight, zone=zone)
    end = first_instant(midnight + timedelta(days=1), zone=zone)
    while end <= now:
        start, midnight = end, midnight + timedelta(days=1)
        end = first_instant(midnight + timedelta(days=1), zone=zone)
    return start - 1, end


def _counts(use: Use, reservation: Reservation) -> bool:
    wanted = (
        (reservation.campaign, use.campaign),
        (reservation.script, use.script),
        (reservation.script_name, use.script_name),
        (reservation.host, use.target.host),
        (reservation.target, use.target),
    )
    return all(asked is None or asked == found for asked, found in wanted)
