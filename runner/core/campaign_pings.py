"""Decide which windows of a campaign have begun or ended since they were looked at last, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.instant import SECOND
from runner.model.state import FAULTS, TERMINAL, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.instant import Instant
    from runner.model.record import RunRecord

LONGEST_RUN_US = 6 * 3_600 * SECOND
"""What has not ended so long after its window has closed counts as not completed."""
OLD_US = 26 * 3_600 * SECOND
"""Of windows that closed before, nobody is told any more."""


@dataclass(frozen=True, slots=True)
class Pinged:
    """Up to which instants a campaign's windows were told."""

    opened: Instant
    closed: Instant


@dataclass(frozen=True, slots=True)
class Ping:
    """One ping that is due: what is put behind the address, and what is told once it was sent."""

    suffix: str
    becomes: Pinged


def due_ping(runs: Iterable[RunRecord], *, pinged: Pinged, now: Instant) -> Ping | None:
    """Return the earliest ping of a campaign that is due, None where none is.

    Windows that close at one instant are told together: `/fail` where anything of them has failed, was missed
    or is unknown, or where nothing has completed; nothing behind the address otherwise. What a person or a
    limit has taken out is no failure. A window that holds no work is not told of.
    """
    known = [one for one in runs if sum(one.counts.values()) and one.run.closes > now - OLD_US]
    closing = sorted({one.run.closes for one in known if pinged.closed < one.run.closes <= now})
    opening = sorted({one.run.opens for one in known if pinged.opened < one.run.opens <= now})
    for closes in closing[:1]:
        together = [one for one in known if one.run.closes == closes]
        states = {state for one in together for state, count in one.counts.items() if count}
        opened = max(pinged.opened, *(one.run.opens for one in together))
        if any(state not in TERMINAL for state in states) and now - closes < LONGEST_RUN_US:
            break
        well = State.COMPLETED in states and not states & FAULTS and states <= TERMINAL
        return Ping("" if well else "/fail", Pinged(opened, closes))
    if opening:
        return Ping("/start", Pinged(opening[-1], pinged.closed))
    return None
