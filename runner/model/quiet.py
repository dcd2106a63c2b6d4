"""Quiet hours: daily intervals, and whole days, in which nothing is submitted, whatever a campaign says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.window import DAY_SECONDS

if TYPE_CHECKING:
    from runner.model.day_set import DaySet
    from runner.model.window import Window


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Daily intervals of wall-clock time in a zone, which may overlap, and days that are quiet as a whole."""

    windows: tuple[Window, ...]
    timezone: str
    days: tuple[DaySet, ...] = ()

    @property
    def label(self) -> str:
        """The hours as they are written in the config, e.g. `23:30-06:00, calendar:breaks`."""
        return ", ".join((*(window.label for window in self.windows), *(days.label for days in self.days)))

    def seconds(self) -> int:
        """Return how many seconds of every day's clock they cover."""
        pieces = [
            piece
            for window in self.windows
            for piece in (
                [(window.opens, window.closes)]
                if window.opens < window.closes
                else [(window.opens, DAY_SECONDS), (0, window.closes)]
            )
        ]
        covered = reached = 0
        for opens, closes in sorted(pieces):
            covered += max(0, closes - max(opens, reached))
            reached = max(reached, closes)
        return covered
