"""Notice a clock that nobody has set yet, as small computers have one before the network sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.model.instant import EARLIEST

if TYPE_CHECKING:
    from runner.app.journal import Journal
    from runner.model.instant import Instant


class ClockWatch:
    """Tells once of each time that the clock is found unset."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._told = False

    def unset(self, now: Instant) -> bool:
        """Tell whether the clock cannot be right. Nothing may be planned then, so that nothing falls due."""
        unset = now < EARLIEST
        if unset and not self._told:
            self._journal.note([event("clock.unset", at=now)])
        self._told = unset
        return unset
