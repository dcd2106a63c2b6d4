"""What an edit changes in a campaign's plan of a day, given what has become of that day so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from runner.core.difference import difference
from runner.model.plan import PlannedRun
from runner.model.state import State, is_withdrawn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from runner.core.difference import Difference, Planned
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, AssignmentKey, Run
    from runner.model.record import AssignmentRecord

_MAY_HAVE_RUN = frozenset(
    {State.SUBMITTING, State.SUBMITTED, State.RUNNING, State.COMPLETED, State.FAILED, State.UNKNOWN}
)


@dataclass(frozen=True, slots=True)
class Step:
    """One assignment that an edit touches, and how."""

    kind: str
    """`added`, `removed`, `moved` or `changed`."""
    planned: Planned
    """As it will be; what is removed, as it was."""
    before: Planned | None
    repeats: AssignmentRecord | None = None
    """What its target has had of the entry on that day, in a window or on a host that is no longer there."""

    def words(self) -> str:
        """Return it on one line, e.g. `added clips for R58M12345 on studio-pc, 09:00-11:00`."""
        run, target = self.planned.run, self.planned.assignment.target
        again = "" if self.repeats is None else ", again that day"
        return f"{self.kind} {run.script} for {target.name} on {target.host}, {run.window}{again}"


def effect_of_edit(
    records: Collection[AssignmentRecord],
    *,
    in_force: Iterable[PlannedRun],
    edited: Iterable[PlannedRun],
    now: Instant,
) -> Difference:
    """Return what becomes of one or more days' plan once an edit is in force.

    What is planned counts, and what an earlier edit cancelled may come back. All else is beyond the reach of
    an edit: what was submitted, cancelled by a person or missed stays as it is, and a window that has closed
    is owed to nobody.

    Args:
        records: all that the ledger holds of these days.
        in_force: what the version in force plans; it counts where the ledger knows nothing of it yet.
        edited: what the edited version plans.
        now: when the edit takes effect.
    """
    known = {record.assignment.key for record in records}
    settled = settled_keys(records)
    planned = (
        PlannedRun(record.run, (record.assignment,)) for record in records if record.state is State.PLANNED
    )
    before = chain(planned, _without(known, in_force))
    wanted: set[AssignmentKey] = set()
    after = _without(settled, _noted(edited, keys=wanted))
    found = difference(_open(before, now=now), after=_open(after, now=now))
    return replace(found, repeats=_repeats(found.added, had=_had(records, wanted)))


def settled_keys(records: Iterable[AssignmentRecord]) -> set[AssignmentKey]:
    """Return the keys of what no edit reaches any more."""
    return {
        record.assignment.key
        for record in records
        if record.state is not State.PLANNED and not is_withdrawn(record.state, record.reason)
    }


def counts(found: Difference) -> dict[str, int]:
    """Return how many of each kind a difference has; kinds that it does not have are left out."""
    return dict(Counter(step.kind for step in steps(found)))


def steps(found: Difference) -> Iterator[Step]:
    """Yield the parts of a difference: what is added, removed, moved, changed.

    An assignment that is both moved and changed comes twice.
    """
    for planned in found.added:
        yield Step("added", planned, None, found.repeats.get(planned.assignment.key))
    for planned in found.removed:
        yield Step("removed", planned, planned)
    for edited in found.moved:
        yield Step("moved", edited.after, edited.before)
    for edited in found.changed:
        yield Step("changed", edited.after, edited.before)


def _noted(plan: Iterable[PlannedRun], *, keys: set[AssignmentKey]) -> Iterator[PlannedRun]:
    for planned in plan:
        keys.update(assignment.key for assignment in planned.assignments)
        yield planned


def _had(
    records: Iterable[AssignmentRecord], wanted: Collection[AssignmentKey]
) -> dict[tuple[object, ...], AssignmentRecord]:
    """Return what has been submitted and has no place in the edited plan, by entry, day and target."""
    return {
        _turn(record.run, record.assignment): record
        for record in records
        if record.assignment.key not in wanted
        if record.state in _MAY_HAVE_RUN
        # What a host has refused has failed, too, and was never there.
        if record.submitted_at is not None or record.state is not State.FAILED
    }


def _repeats(
    added: Iterable[Planned], *, had: Mapping[tuple[object, ...], AssignmentRecord]
) -> dict[AssignmentKey, AssignmentRecord]:
    found = ((planned, had.get(_turn(planned.run, planned.assignment))) for planned in added if had)
    return {planned.assignment.key: record for planned, record in found if record is not None}


def _turn(run: Run, assignment: Assignment) -> tuple[object, ...]:
    # Without window and host: who moves one of them on a day that has begun may not mean a second time.
    return run.campaign, run.script, run.day, assignment.target.kind, assignment.target.name


def _open(plan: Iterable[PlannedRun], *, now: Instant) -> Iterator[PlannedRun]:
    return (planned for planned in plan if planned.run.closes > now)


def _without(keys: Collection[AssignmentKey], plan: Iterable[PlannedRun]) -> Iterator[PlannedRun]:
    for planned in plan:
        left = tuple(assignment for assignment in planned.assignments if assignment.key not in keys)
        yield PlannedRun(planned.run, left)
