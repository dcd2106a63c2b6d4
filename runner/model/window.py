"""Windows: daily intervals in which work may start, in wall-clock time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from runner.model.instant import Instant

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A daily interval `[opens, closes)` of wall-clock time, in seconds after midnight.

    `closes` <= `opens` means that it closes on the next day; it belongs to the day on which it opens.
    `opens` is in [0, 86400), `closes` in (0, 86400].
    """

    opens: int
    closes: int
    at_once: bool = False
    """Written as one time, e.g. `14:30`, without a `spread`: everything falls due at that time."""

    @property
    def label(self) -> str:
        """The window as it is written in a campaign file, e.g. `09:00-11:00`."""
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """One window on one day of a zone: the real interval `[opens, closes)`."""

    day: date
    window: Window
    opens: Instant
    closes: Instant


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}" if rest else f"{hours:02}:{minutes:02}"
