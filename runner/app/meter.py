"""Count what is recorded, for the metrics: plain sums, as a thousand submissions are 3,000 events."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from runner.model import metrics
from runner.model.event_names import EVENT_NAMES
from runner.model.instant import SECOND, instant
from runner.model.metrics import Distribution, Family
from runner.model.record import Event
from runner.model.state import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.metrics import Metric, Values
    from runner.model.record import Change

MOST_WORK = 500
"""So many campaigns, hosts and scripts together have figures of their own; the rest share those of OTHER."""
MOST_AWAITED = 100_000
OTHER = "(other)"

_OUTCOMES = {
    f"submission.{outcome}": outcome
    for outcome in (
        "accepted",
        "refused",
        "not_sent",
        "unsettled",
        "adopted",
        "partial",
        "absent",
        "given_up",
    )
}
_ENDS = {f"assignment.{state}": state.value for state in TERMINAL}


class Histogram:
    """Counts how long things took."""

    def __init__(self, metric: Metric) -> None:
        self._bounds = metric.bounds
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._totals: dict[tuple[str, ...], float] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        """Take in one duration."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * (len(self._bounds) + 1)
            self._totals[labels] = 0.0
        counts[bisect_left(self._bounds, seconds)] += 1
        self._totals[labels] += seconds

    def values(self) -> Values:
        """Return what was taken in so far."""
        return {
            labels: Distribution(tuple(counts), self._totals[labels])
            for labels, counts in self._counts.items()
        }


class Meter:
    """Told of everything that the journal has recorded; never raises, never waits."""

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._submissions: Counter[tuple[str, ...]] = Counter()
        self._ends: Counter[tuple[str, ...]] = Counter()
        self._work: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self._due: dict[str, str] = {}
        """When assignments were due whose request is out, as their event says it."""
        self._lateness = Histogram(metrics.LATENESS)
        self._durations = Histogram(metrics.DURATION)
        self._writes = Histogram(metrics.STORE_WRITE)
        self._store_failures = 0
        self._stalls = 0

    def recorded(self, changes: Sequence[Change], *, seconds: float) -> None:
        """Take in changes that are on disk now, and how long it took to get them there."""
        self._writes.observe(seconds)
        for change in changes:
            if type(change) is Event:
                self._happened(change)

    def store_failed(self) -> None:
        """Count a use of the store that failed."""
        self._store_failures += 1

    def stalled(self) -> None:
        """Count an unexpected error."""
        self._stalls += 1

    def families(self) -> list[Family]:
        """Return all that was counted."""
        return [
            Family(metrics.EVENTS, {(name,): self._events[name] for name in EVENT_NAMES}),
            Family(metrics.SUBMISSIONS, dict(self._submissions)),
            Family(metrics.ASSIGNMENTS, dict(self._ends)),
            Family(metrics.LATENESS, self._lateness.values()),
            Family(metrics.DURATION, self._durations.values()),
            Family(metrics.STORE_WRITE, self._writes.values()),
            Family(metrics.STORE_FAILURES, {(): self._store_failures}),
            Family(metrics.STALLS, {(): self._stalls}),
        ]

    def _happened(self, event: Event) -> None:
        name = event.name
        self._events[name] += 1
        outcome = _OUTCOMES.get(name)
        if outcome is not None:
            self._submissions[*self._work_of(event), outcome] += 1
        elif name == "assignment.submitting":
            if len(self._due) < MOST_AWAITED:
                self._due[event.fields.get("key", "")] = event.fields.get("due", "")
        elif name == "assignment.submitted":
            self._submitted(event)
        elif name in _ENDS:
            self._ended(event, _ENDS[name])
        elif name == "assignment.planned":
            self._due.pop(event.fields.get("key", ""), None)

    def _submitted(self, event: Event) -> None:
        due = self._due.pop(event.fields.get("key", ""), None)
        if due:
            late_us = event.at - instant(datetime.fromisoformat(due))
            self._lateness.observe(max(late_us, 0) / SECOND, event.fields.get("host", ""))

    def _ended(self, event: Event, state: str) -> None:
        fields = event.fields
        self._due.pop(fields.get("key", ""), None)
        self._ends[*self._work_of(event), state] += 1
        seconds = fields.get("duration_seconds")
        if isinstance(seconds, int | float):
            self._durations.observe(seconds, fields.get("script_name", ""))

    def _work_of(self, event: Event) -> tuple[str, str, str]:
        fields = event.fields
        work = (fields.get("campaign", ""), fields.get("host", ""), fields.get("script_name", ""))
        known = self._work.get(work)
        if known is None:
            if len(self._work) >= MOST_WORK:
                return (OTHER, OTHER, OTHER)
            known = self._work[work] = work
        return known
