"""Quiet hours: daily intervals in which nothing is submitted, whatever a campaign says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.window import DAY_SECONDS

if TYPE_CHECKING:
    from runner.model.window import Window


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Daily intervals of wall-clock time in a zone; they may overlap."""

    windows: tuple[Window, ...]
    timezone: str

    @property
    def label(self) -> str:
        """The hours as they are written in the config, e.g. `23:30-06:00`."""
        return ", ".join(window.label for window in self.windows)

    def seconds(self) -> int:
        """Return how many seconds of a day's clock they cover."""
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
