"""When overdue work goes, so that it does not go as one burst."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from runner.model.instant import SECOND

if TYPE_CHECKING:
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey

OVERDUE_US = 60 * SECOND
"""What is overdue by less goes at once."""
LONGEST_US = 600 * SECOND
_PARTS = 1 << 64


def paced(key: AssignmentKey, *, now: Instant, last_moment: Instant, lost_us: int) -> Instant:
    """Return when an overdue assignment goes: the same for the same key and instant.

    It is spread over half of the time that is left until `last_moment`, its last one, over the time that was
    lost, or over ten minutes, whichever is shortest.
    """
    room_us = min(max(0, last_moment - now) // 2, max(0, lost_us), LONGEST_US)
    part = int.from_bytes(sha256(f"{key} {now}".encode()).digest()[:8], "big")
    return now + room_us * part // _PARTS
