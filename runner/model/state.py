"""The states of an assignment, as product and users know them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an assignment stands."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    """Submitted, not begun when the window closed, withdrawn."""
    MISSED = "missed"
    """Never submitted before the window closed."""
    CANCELLED = "cancelled"
    """By a person or an edit."""
    SKIPPED = "skipped"
    """A limit, a pause, quiet hours, an `after` that did not complete."""
    UNKNOWN = "unknown"
    """A request whose effect could not be settled: a person is alerted, nothing is repeated."""


ON_HOST = frozenset({State.SUBMITTED, State.RUNNING})
"""The host has accepted it and it has not ended."""

UNDER_WAY = frozenset({State.SUBMITTING, *ON_HOST})
"""Its target is busy with it."""

TERMINAL = frozenset(
    {
        State.COMPLETED,
        State.FAILED,
        State.EXPIRED,
        State.MISSED,
        State.CANCELLED,
        State.SKIPPED,
        State.UNKNOWN,
    }
)
"""Nothing more happens to it by itself."""

FAULTS = frozenset({State.FAILED, State.EXPIRED, State.MISSED, State.UNKNOWN})
"""Ends that somebody should look at; cancelled and skipped were somebody's wish."""

EDITED = "edit: "
"""How the reason of a cancellation begins that a later edit may take back."""
CLOCK_AHEAD = f"{EDITED}not yet, its window had seemed to be over"
"""The reason in between, where what a clock that was ahead had missed is planned again."""


RESTORED = "the store was restored from a backup"
"""How the reason of an `unknown` begins that may have been submitted after the backup was made."""


def is_withdrawn(state: str, reason: str | None) -> bool:
    """Say whether an edit cancelled an assignment, so that another edit may bring it back."""
    return state == State.CANCELLED.value and reason is not None and reason.startswith(EDITED)
