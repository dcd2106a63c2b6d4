"""What an edit changes in a campaign's plan of a day, given what has become of that day so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from runner.core.difference import difference
from runner.model.plan import PlannedRun
from runner.model.state import State, is_withdrawn
from runner.model.trigger import is_triggered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from runner.core.difference import Difference, Planned
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord


@dataclass(frozen=True, slots=True)
class Step:
    """One assignment that an edit touches, and how."""

    kind: str
    """`added`, `removed`, `moved` or `changed`."""
    planned: Planned
    """As it will be; what is removed, as it was."""
    before: Planned | None

    def words(self) -> str:
        """Return it on one line, e.g. `added clips for R58M12345 on studio-pc, 09:00-11:00`."""
        run, target = self.planned.run, self.planned.assignment.target
        return f"{self.kind} {run.script} for {target.name} on {target.host}, {run.window}"


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
        PlannedRun(record.run, (record.assignment,))
        for record in records
        # What a person has triggered is in no file.
        if record.state is State.PLANNED and not is_triggered(record.run)
    )
    before = chain(planned, _without(known, in_force))
    return difference(_open(before, now=now), after=_open(_without(settled, edited), now=now))


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
        yield Step("added", planned, None)
    for planned in found.removed:
        yield Step("removed", planned, planned)
    for edited in found.moved:
        yield Step("moved", edited.after, edited.before)
    for edited in found.changed:
        yield Step("changed", edited.after, edited.before)


def _open(plan: Iterable[PlannedRun], *, now: Instant) -> Iterator[PlannedRun]:
    return (planned for planned in plan if planned.run.closes > now)


def _without(keys: Collection[AssignmentKey], plan: Iterable[PlannedRun]) -> Iterator[PlannedRun]:
    for planned in plan:
        left = tuple(assignment for assignment in planned.assignments if assignment.key not in keys)
        yield PlannedRun(planned.run, left)
