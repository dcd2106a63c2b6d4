"""Work that a person wants now, beside the schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.instant import Instant
    from runner.model.plan import Run

TRIGGER = "trigger"
"""How such a wish is called among the decisions of persons."""
_WINDOW = "trigger:"


@dataclass(frozen=True, slots=True)
class TriggerWish:
    """A person wants a campaign's work to be done now; `outcome` once that is planned, or refused."""

    id: int
    at: Instant
    owner: str
    campaign: str
    script: str | None
    """A script entry; None: all of them."""
    target: str | None
    """A device or account; None: all of them."""
    applied_at: Instant | None = None
    outcome: str | None = None


def trigger_window(number: int, *, at: str) -> str:
    """Return the label of the window of a wish, by its number and its instant as that is shown."""
    return f"{_WINDOW}{at}#{number}"


def is_triggered(run: Run) -> bool:
    """Tell whether a run is beside the schedule, so that no plan of a file has it."""
    return run.window.startswith(_WINDOW)


TRIGGERED_LABELS = f"{_WINDOW}%"
"""The labels of such runs, as a pattern of SQL."""
