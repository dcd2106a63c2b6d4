"""The one table of state changes of an assignment.

The ordinary way is planned, submitting, submitted, running, completed or failed. The edges that a reader may
not expect, and why they exist:

- planned to failed: its body cannot be made, because a secret is missing. Nothing was sent.
- submitting to planned: surely no byte was sent, or absence on the host is proved. It may go again.
- submitting to missed or cancelled: as above, but meanwhile the window has closed or a person withdrew it.
- submitting to running, completed or failed: the answer was lost, and the task, once found, was already that
  far; failed is also a refusal by the host.
- submitted to failed or completed: between two looks a short task begins and ends.
- submitted or running to unknown: the host has forgotten our tasks ("clear all" lets its ids start again).
- submitted to planned: never. What the host has accepted is not sent a second time.
- running to submitted: the host has put the task back into its queue, by its own retry between two looks.
- running to expired: of several tasks some had not begun when the window closed, and were withdrawn.
- failed to submitted, running or completed: the host retries failed tasks by itself, and a person may do so.
- failed to submitting: our own retry, which is a request with an intent like any other.
- failed to cancelled: a person withdraws it before its next retry.
- expired or cancelled to running, completed or failed: the withdrawal came too late, the host had begun.
- cancelled to planned: the edit that cancelled it is taken back while its window is open. Only for one that
  was never submitted, which the table cannot see and whoever makes the change has to know.
- missed or skipped to planned: an edit of the zone moves the window to where it has not closed yet, what held
  it back goes away in time, or a clock that was ahead is put right. None was ever submitted.
- unknown to planned, submitted, running, completed, failed or cancelled: a person decides, or the task is
  found.

Completed is the end: a host that later shows something else, or nothing, does not take a result back.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOWED: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: frozenset(
            {State.SUBMITTING, State.MISSED, State.CANCELLED, State.SKIPPED, State.FAILED}
        ),
        State.SUBMITTING: frozenset(
            {
                State.PLANNED,
                State.SUBMITTED,
                State.RUNNING,
                State.COMPLETED,
                State.FAILED,
                State.MISSED,
                State.CANCELLED,
                State.UNKNOWN,
            }
        ),
        State.SUBMITTED: frozenset(
            {State.RUNNING, State.COMPLETED, State.FAILED, State.EXPIRED, State.CANCELLED, State.UNKNOWN}
        ),
        State.RUNNING: frozenset(
            {State.SUBMITTED, State.COMPLETED, State.FAILED, State.EXPIRED, State.CANCELLED, State.UNKNOWN}
        ),
        State.COMPLETED: frozenset(),
        State.FAILED: frozenset(
            {State.SUBMITTING, State.SUBMITTED, State.RUNNING, State.COMPLETED, State.CANCELLED}
        ),
        State.EXPIRED: frozenset({State.RUNNING, State.COMPLETED, State.FAILED}),
        State.MISSED: frozenset({State.PLANNED}),
        State.CANCELLED: frozenset({State.PLANNED, State.RUNNING, State.COMPLETED, State.FAILED}),
        State.SKIPPED: frozenset({State.PLANNED}),
        State.UNKNOWN: frozenset(
            {
                State.PLANNED,
                State.SUBMITTED,
                State.RUNNING,
                State.COMPLETED,
                State.FAILED,
                State.CANCELLED,
            }
        ),
    }
)
"""For each state, the states that may follow it. Staying is not a change and is not listed."""


def may_become(was: State, *, becomes: State) -> bool:
    """Tell whether one state may follow another."""
    return becomes in ALLOWED[was]


def check(was: State, *, becomes: State) -> None:
    """Refuse a change of state that the table does not hold.

    Raises:
        ValueError: The change is not allowed; whoever asked for it is wrong.
    """
    if not may_become(was, becomes=becomes):
        allowed = ", ".join(sorted(ALLOWED[was])) or "nothing"
        raise ValueError(f"an assignment that is {was} cannot become {becomes}, only: {allowed}")
