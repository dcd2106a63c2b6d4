"""The orders of the HTTP API: each calls the use case that its command calls, and waits for the daemon."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from runner.app.ask_reload import ask_for_reload
from runner.app.cancel import cancel as take_back
from runner.app.pause import pause as place_pause
from runner.app.pause import resume as end_pause
from runner.app.resolve import resolve as decide
from runner.app.resolve_day import resolve_day, unknown_of_day
from runner.app.rows import halt_row, hold_row, resolved_day_row, trigger_row
from runner.app.trigger import trigger_known
from runner.errors import NotFound
from runner.model.halt import Depth, HaltScope
from runner.model.instant import instant
from runner.model.record import HoldScope, Resolution
from runner.model.suggest import did_you_mean
from runner.web.inputs import MOST_ROWS
from runner.web.wire import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.web.access import Access
    from runner.web.inputs import (
        HaltOrder,
        PauseOrder,
        ReloadOrder,
        ResolveDayOrder,
        ResolveOrder,
        ResumeOrder,
        SubjectOrder,
        TriggerOrder,
    )

_T = TypeVar("_T")

RELOAD_SECONDS = 20.0
"""So long is the daemon's look at all files waited for."""
WAIT_SECONDS = 5.0
"""So long is it waited for that the daemon carries an order out."""
_LOOK_SECONDS = 0.25


async def pause(access: Access, order: PauseOrder, _key: str) -> dict[str, Any]:
    """Hold work back; once this is answered, nothing of it is submitted."""
    scope, subject = _subject(order)
    now = access.now()
    until = None if order.until is None else instant(order.until)
    if until is not None and until <= now:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "`until` is over already")
    placed = await access.order(
        place_pause,
        access.daemon.loaded(),
        scope=scope,
        subject=subject,
        owner=order.by,
        reason=order.reason,
        until=until,
        now=now,
    )
    return hold_row(placed, timezone=access.settings.timezone)


async def resume(access: Access, order: ResumeOrder, _key: str) -> dict[str, Any]:
    """End the pauses of one subject."""
    scope, subject = _subject(order)
    released, others = await access.order(
        end_pause, access.settings, scope=scope, subject=subject, owner=order.by, now=access.now()
    )
    timezone = access.settings.timezone
    return {
        "released": [hold_row(hold, timezone=timezone) for hold in released],
        "in_force": [hold_row(hold, timezone=timezone) for hold in others],
    }


async def resolve(access: Access, order: ResolveOrder, _key: str) -> dict[str, Any]:
    """Write what a person has decided of an unknown assignment, and wait a little for what comes of it."""
    resolving = await access.order(
        decide,
        access.settings,
        key=order.key,
        act=Resolution(order.act),
        owner=order.by,
        reason=order.reason,
        now=access.now(),
    )
    decision = await _looked(access, resolving.outcome, until=lambda found: found.outcome is not None)
    return {"key": resolving.record.assignment.key, "act": order.act, "outcome": decision.outcome}


async def resolve_of_day(access: Access, order: ResolveDayOrder, _key: str) -> dict[str, Any]:
    """Tell what a decision about all that is unknown of a campaign's day would do; do it if told so."""
    settings = access.settings
    found = await access.order(
        unknown_of_day,
        settings,
        campaign=order.campaign,
        day=order.date,
        act=Resolution(order.act),
        now=access.now(),
    )
    outcomes = None
    if order.yes:
        resolving = await access.order(
            resolve_day, settings, found, owner=order.by, reason=order.reason, now=access.now()
        )
        outcomes = await _looked(access, resolving.outcomes, until=lambda counts: not counts[None])
    return resolved_day_row(found, outcomes, most=MOST_ROWS)


async def cancel(access: Access, order: HaltOrder, _key: str) -> dict[str, Any]:
    """Take back what is planned and what waits on hosts; nothing planned of it goes once this is answered."""
    return await _halt(access, order, depth=Depth.WITHDRAW)


async def stop(access: Access, order: HaltOrder, _key: str) -> dict[str, Any]:
    """As `cancel`, and stop what runs on hosts."""
    return await _halt(access, order, depth=Depth.STOP)


async def trigger(access: Access, order: TriggerOrder, _key: str) -> dict[str, Any]:
    """Let a campaign's work be done now, and return what the daemon says to it."""
    known = {one.name: one for one in access.daemon.campaigns()}
    if order.campaign not in known:
        meant = did_you_mean(order.campaign, sorted(known))
        raise NotFound(f"there is no campaign `{order.campaign}` in force{meant}")
    asked = await access.order(
        trigger_known,
        access.settings,
        known[order.campaign],
        script=order.script,
        target=order.target,
        owner=order.by,
        now=access.now(),
    )
    outcome = await _looked(access, asked.outcome, until=lambda found: found is not None)
    return trigger_row(asked, outcome, most=MOST_ROWS)


async def reload(access: Access, order: ReloadOrder, _key: str) -> dict[str, Any]:
    """Let the daemon look at all files, and return what it found."""
    asked = await access.order(ask_for_reload, access.settings, owner=order.by, now=access.now())
    ends = access.clock.monotonic_seconds() + RELOAD_SECONDS
    while access.clock.monotonic_seconds() < ends:
        await asyncio.sleep(_LOOK_SECONDS)
        found = await access.order(asked.found)
        if found is not None:
            return asdict(found)
    detail = f"the daemon has not answered for {RELOAD_SECONDS:.0f} s; it will do it when it can"
    raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, detail)


async def _halt(access: Access, order: HaltOrder, *, depth: Depth) -> dict[str, Any]:
    scope, subject = HaltScope.ALL, ""
    for named, of in (
        (order.key, HaltScope.ASSIGNMENT),
        (order.campaign, HaltScope.CAMPAIGN),
        (order.host, HaltScope.HOST),
    ):
        if named is not None:
            scope, subject = of, named
    halting = await access.order(
        take_back,
        access.daemon.loaded(),
        depth=depth,
        scope=scope,
        subject=subject,
        owner=order.by,
        reason=order.reason,
        now=access.now(),
    )
    standing = await _looked(access, halting.standing, until=lambda found: not found.open)
    return halt_row(standing, timezone=access.settings.timezone)


async def _looked(access: Access, look: Callable[[], _T], *, until: Callable[[_T], bool]) -> _T:
    """Look again and again until what is found is what is waited for, or for WAIT_SECONDS."""
    ends = access.clock.monotonic_seconds() + WAIT_SECONDS
    while True:
        found = await access.order(look)
        if until(found) or access.clock.monotonic_seconds() > ends:
            return found
        await asyncio.sleep(_LOOK_SECONDS)


def _subject(order: SubjectOrder) -> tuple[HoldScope, str]:
    if order.campaign is not None:
        return HoldScope.CAMPAIGN, order.campaign
    if order.host is not None:
        return HoldScope.HOST, order.host
    return HoldScope.ALL, ""
