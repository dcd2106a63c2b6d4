"""Pauses in words, and the one for which the file STOP stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.record import Hold, HoldScope

if TYPE_CHECKING:
    from runner.model.instant import Instant

STOP_FILE_OWNER = "the file STOP"


def hold_words(hold: Hold) -> str:
    """Return what a pause is for, e.g. `host studio-pc`."""
    return "everything" if hold.scope is HoldScope.ALL else f"{hold.scope} {hold.subject}"


def stop_file_hold(since: Instant) -> Hold:
    """Return the pause of everything for which the file stands while it is there."""
    return Hold(0, HoldScope.ALL, "", STOP_FILE_OWNER, None, since, until=None)
