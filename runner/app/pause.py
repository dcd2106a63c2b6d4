"""Pause and resume work: what a person asks for, written beside the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.ledger.holds import place_hold, release_holds
from runner.app.report import has_store
from runner.core.pauses import hold_words
from runner.errors import NotFound
from runner.model.record import HoldScope
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from runner.app.loaded import Loaded
    from runner.model.instant import Instant
    from runner.model.record import Hold
    from runner.model.settings import Settings


def pause(
    loaded: Loaded,
    *,
    scope: HoldScope,
    subject: str,
    owner: str,
    reason: str | None,
    until: Instant | None,
    now: Instant,
) -> Hold:
    """Place a pause; from then on nothing that it covers is submitted.

    Raises NotFound where there is no such campaign or host, LedgerError where the store cannot be written.
    """
    check_known(loaded, scope=scope, subject=subject)
    store = loaded.settings.store
    return place_hold(store, scope=scope, subject=subject, owner=owner, reason=reason, until=until, now=now)


def resume(
    settings: Settings, *, scope: HoldScope, subject: str, owner: str, now: Instant
) -> tuple[list[Hold], list[Hold]]:
    """Release the pauses of one scope and subject; return them, and those that stay in force.

    Raises NotFound where there is none to release, LedgerError where the store cannot be written.
    """
    released: list[Hold] = []
    others: list[Hold] = []
    if has_store(settings):
        released, others = release_holds(settings.store, scope=scope, subject=subject, owner=owner, now=now)
    if not released:
        named = "everything" if scope is HoldScope.ALL else f"the {scope} `{subject}`"
        others_named = ", ".join(hold_words(hold) for hold in others)
        raise NotFound(
            f"{named} is not paused" + (f"; in force: the pause of {others_named}" if others else "")
        )
    return released, others


def check_known(loaded: Loaded, *, scope: HoldScope, subject: str) -> None:
    """Raise NotFound, with what may have been meant, where there is no such campaign or host."""
    if scope is HoldScope.ALL:
        return
    known = set(loaded.settings.hosts)
    if scope is HoldScope.CAMPAIGN:
        known = {campaign.name for campaign in loaded.campaigns} | _in_force(loaded.settings)
    if subject not in known:
        raise NotFound(f"there is no {scope} `{subject}`{did_you_mean(subject, sorted(known))}")


def _in_force(settings: Settings) -> set[str]:
    # One whose file does not check now is in force by its last good version.
    if not has_store(settings):
        return set()
    reader = Reader.open(settings.store)
    try:
        return {version.campaign for version in reader.accepted_versions()}
    finally:
        reader.close()
