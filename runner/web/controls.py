"""The orders of the HTTP API: each calls the use case that its command calls, and waits for the daemon."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from runner.app.ask_reload import ask_for_reload
from runner.app.pause import pause as place_pause
from runner.app.pause import resume as end_pause
from runner.app.resolve import resolve as decide
from runner.app.rows import hold_row
from runner.model.instant import instant
from runner.model.record import HoldScope, Resolution
from runner.web.wire import Refused

if TYPE_CHECKING:
    from runner.web.access import Access
    from runner.web.inputs import PauseOrder, ReloadOrder, ResolveOrder, ResumeOrder, SubjectOrder

RELOAD_SECONDS = 20.0
"""So long is the daemon's look at all files waited for."""
RESOLVE_SECONDS = 5.0
"""So long is it waited for that the daemon carries a decision out."""
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
    ends = access.clock.monotonic_seconds() + RESOLVE_SECONDS
    outcome = None
    while outcome is None and access.clock.monotonic_seconds() < ends:
        await asyncio.sleep(_LOOK_SECONDS)
        outcome = (await access.order(resolving.outcome)).outcome
    return {"key": resolving.record.assignment.key, "act": order.act, "outcome": outcome}


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


def _subject(order: SubjectOrder) -> tuple[HoldScope, str]:
    if order.campaign is not None:
        return HoldScope.CAMPAIGN, order.campaign
    if order.host is not None:
        return HoldScope.HOST, order.host
    return HoldScope.ALL, ""
