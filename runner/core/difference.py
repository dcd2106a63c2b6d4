"""What differs between two plans, assignment by assignment."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.model.plan import Assignment, AssignmentKey, Order, PlannedRun, Run
    from runner.model.record import AssignmentRecord


@dataclass(frozen=True, slots=True)
class Planned:
    """One assignment with its run."""

    run: Run
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Edited:
    """One assignment as it was planned and as it is planned now."""

    before: Planned
    after: Planned


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two plans.

    `added`, `moved` and `changed` are in the order of the new plan, `removed` in that of the old. An
    assignment may have been both moved and changed.
    """

    added: tuple[Planned, ...]
    removed: tuple[Planned, ...]
    moved: tuple[Edited, ...]
    """Due at another instant, or in a window that opens or closes at another."""
    changed: tuple[Edited, ...]
    """Something else goes on the wire, or it is treated otherwise."""
    repeats: Mapping[AssignmentKey, AssignmentRecord] = field(default_factory=lambda: MappingProxyType({}))
    """What is added for a target that has had the entry on that day already, with what it has had."""


def difference(before: Iterable[PlannedRun], *, after: Iterable[PlannedRun]) -> Difference:
    """Compare two plans by the keys of their assignments."""
    old = _by_key(before)
    new = _by_key(after)
    common = [Edited(before=old[key], after=planned) for key, planned in new.items() if key in old]
    return Difference(
        added=tuple(planned for key, planned in new.items() if key not in old),
        removed=tuple(planned for key, planned in old.items() if key not in new),
        moved=tuple(edited for edited in common if _when(edited.before) != _when(edited.after)),
        changed=tuple(edited for edited in common if _changed(edited)),
    )


def _by_key(plan: Iterable[PlannedRun]) -> dict[AssignmentKey, Planned]:
    return {
        assignment.key: Planned(run=planned.run, assignment=assignment)
        for planned in plan
        for assignment in planned.assignments
    }


def _when(planned: Planned) -> tuple[int, int, int]:
    return planned.assignment.due, planned.run.opens, planned.run.closes


def _changed(edited: Edited) -> bool:
    before, after = edited.before, edited.after
    if before.run.order is not after.run.order and before.run.order != after.run.order:
        return True
    was, now = before.assignment, after.assignment
    # A target that is put in front moves all others down; that matters only where a text shows the place.
    return (
        (was.index != now.index and _shows("${index}", order=after.run.order))
        or (was.group != now.group and _shows("${group}", order=after.run.order))
        or (_cells(was) != _cells(now) and _shows("${row.", order=after.run.order))
    )


def _cells(assignment: Assignment) -> Mapping[str, str]:
    return {} if assignment.row is None else assignment.row.values


def _shows(placeholder: str, *, order: Order) -> bool:
    return placeholder in repr(order.script_config)
