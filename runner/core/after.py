"""For which other assignment one waits: `after` in a script entry, per target and day (ADR 0020)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from runner.core.keys import assignment_key, keys_of_run
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.model.campaign import Entry, Target
    from runner.model.plan import Assignment, AssignmentKey, Run
    from runner.model.window import Window


_BECAME: Mapping[State, str] = MappingProxyType(
    {
        State.PLANNED: "had not been submitted",
        State.SUBMITTING: "was still being submitted",
        State.SUBMITTED: "had not begun",
        State.RUNNING: "had not ended",
        State.COMPLETED: "has completed",
        State.FAILED: "had failed",
        State.EXPIRED: "had expired",
        State.MISSED: "was missed",
        State.CANCELLED: "was cancelled",
        State.SKIPPED: "was skipped",
        State.UNKNOWN: "is unknown",
    }
)


def needed_window(windows: Sequence[Window], *, window: Window) -> Window:
    """Return which window of an entry is meant by an `after` in a window of another, both of one day.

    It is the one that opens latest among those that open no later, else the first of the day. `windows` holds
    at least one.
    """
    in_order = sorted(windows)
    earlier = [each for each in in_order if each.opens <= window.opens]
    return earlier[-1] if earlier else in_order[0]


def needed_runs(entry: Entry, *, window: Window, named: Mapping[str, Entry]) -> tuple[tuple[str, str], ...]:
    """Return the runs, by script entry and window, for which an entry's assignments in a window wait.

    `named` are the campaign's entries by name.
    """
    return tuple((name, needed_window(named[name].windows, window=window).label) for name in entry.after)


def needs_of_run(
    run: Run, assignments: Iterable[Assignment]
) -> tuple[tuple[AssignmentKey, AssignmentKey], ...]:
    """Return the pairs of an assignment of a run and one that it needs."""
    if not run.order.after:
        return ()
    keys_of = [
        keys_of_run(run.campaign, script=script, day=run.day, window=window)
        for script, window in run.order.after
    ]
    return tuple((each.key, key_of(each.target)) for each in assignments for key_of in keys_of)


def needed_by(run: Run, target: Target) -> Mapping[AssignmentKey, str]:
    """Return what a target's assignment in a run needs: keys, each with the name of its script entry."""
    return {
        assignment_key(run.campaign, script=script, target=target, day=run.day, window=window): script
        for script, window in run.order.after
    }


def in_words(run: Run) -> str:
    """Return for which entries a run waits, e.g. "after warmup"; empty where it waits for none."""
    return f"after {', '.join(script for script, _ in run.order.after)}" if run.order.after else ""


def unmet_in_words(script: str, *, state: State | None, reason: str | None) -> str:
    """Return why what needs an entry's assignment was skipped; `state` None: that was never planned."""
    became = "was not planned" if state is None else _BECAME[state]
    return f"after `{script}`: that {became}" + (f" ({reason})" if reason else "")
