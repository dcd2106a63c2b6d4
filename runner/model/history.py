"""What is kept of times that the ledger itself no longer has: sums of what was deleted, and restores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from runner.model.instant import Instant
    from runner.model.state import State


@dataclass(frozen=True, slots=True)
class Restore:
    """That a store was restored from a copy of it."""

    id: int
    backup_at: Instant
    """The newest instant of which the copy surely knows; 0 where no daemon had used it."""
    restored_at: Instant
    owner: str
    applied_at: Instant | None
    """When the daemon saw to what may have been submitted in between."""


@dataclass(frozen=True, slots=True)
class DailySum:
    """What became of the assignments of an entry on a host on one day, which are deleted since."""

    day: date
    campaign: str
    script: str
    script_name: str
    host: str
    counts: Mapping[State, int]
