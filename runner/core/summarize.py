"""What became of a set of assignments, counted for a report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from runner.model.state import FAULTS, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date

    from runner.model.record import AssignmentRecord

_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Durations:
    """How long assignments took from submission to their end, in microseconds.

    `median_us` is the upper one of the two in the middle where their number is even.
    """

    count: int
    shortest_us: int
    median_us: int
    longest_us: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The assignments of one kind: how many are in each state, and how long the completed ones took.

    `counts` holds only states that occur.
    """

    total: int
    counts: Mapping[State, int]
    durations: Durations | None


@dataclass(frozen=True, slots=True, order=True)
class RunName:
    """What tells one run from another."""

    day: date
    campaign: str
    script: str
    window: str


EntryName: TypeAlias = tuple[str, str]
"""A campaign and the name of one of its script entries."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report says; each mapping is in the order in which its names first occur."""

    everything: Tally
    by_campaign: Mapping[str, Tally]
    by_entry: Mapping[EntryName, Tally]
    by_script_name: Mapping[str, Tally]
    by_host: Mapping[str, Tally]
    by_run: Mapping[RunName, Tally]
    completed: tuple[AssignmentRecord, ...]
    faults: tuple[AssignmentRecord, ...]
    reasons: Mapping[tuple[State, str], int]
    """How many assignments ended, or wait, in a state for a reason; the most frequent first."""


def summarize(records: Iterable[AssignmentRecord]) -> Summary:
    """Count assignments by state: in all, and per campaign, entry, script, host and run."""
    known = tuple(records)
    reasons = Counter((record.state, record.reason) for record in known if record.reason is not None)
    return Summary(
        everything=_tally(known),
        by_campaign=_tallies(known, by=lambda record: record.run.campaign),
        by_entry=_tallies(known, by=lambda record: (record.run.campaign, record.run.script)),
        by_script_name=_tallies(known, by=lambda record: record.run.order.script_name),
        by_host=_tallies(known, by=lambda record: record.assignment.target.host),
        by_run=_tallies(known, by=run_name),
        completed=tuple(record for record in known if record.state is State.COMPLETED),
        faults=tuple(record for record in known if record.state in FAULTS),
        reasons=dict(reasons.most_common()),
    )


def run_name(record: AssignmentRecord) -> RunName:
    """Return the name of an assignment's run."""
    run = record.run
    return RunName(day=run.day, campaign=run.campaign, script=run.script, window=run.window)


def duration_us(record: AssignmentRecord) -> int | None:
    """Return the microseconds from an assignment's submission to its end, None where it has not had both."""
    if record.submitted_at is None or record.finished_at is None:
        return None
    return record.finished_at - record.submitted_at


def _tallies(
    records: Iterable[AssignmentRecord], *, by: Callable[[AssignmentRecord], _Name]
) -> dict[_Name, Tally]:
    members: dict[_Name, list[AssignmentRecord]] = {}
    for record in records:
        members.setdefault(by(record), []).append(record)
    return {name: _tally(of_name) for name, of_name in members.items()}


def _tally(records: Collection[AssignmentRecord]) -> Tally:
    completed = (record for record in records if record.state is State.COMPLETED)
    took_us = sorted(took for record in completed if (took := duration_us(record)) is not None)
    return Tally(
        total=len(records),
        counts=dict(Counter(record.state for record in records)),
        durations=_durations(took_us) if took_us else None,
    )


def _durations(took_us: list[int]) -> Durations:
    return Durations(
        count=len(took_us),
        shortest_us=took_us[0],
        median_us=took_us[len(took_us) // 2],
        longest_us=took_us[-1],
    )
