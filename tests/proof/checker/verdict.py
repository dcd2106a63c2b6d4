"""The verdict on one life: every broken promise, and the figures that say how hard the life was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proof.checker import commits, conduct, halts, restraints, truths
from proof.checker.case import Violation
from proof.checker.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from proof.checker.case import Case

RULES: tuple[Callable[[Scene], Iterator[Violation]], ...] = (
    commits.match,
    commits.doubled,
    commits.untold,
    commits.missed,
    commits.planned_otherwise,
    truths.lies,
    truths.overwritten,
    truths.bindings,
    truths.unbound,
    conduct.foreign,
    conduct.at_close,
    conduct.unaudited,
    restraints.over_limit,
    restraints.held_back,
    restraints.held_for_nothing,
    halts.made_in_spite,
    halts.left_over,
    halts.tried_again,
    halts.told_wrongly,
)
"""In this order: `match` gives the commits to their assignments."""

EXCUSED = "excused"


@dataclass(slots=True)
class Verdict:
    """What was found of one life."""

    violations: list[Violation] = field(default_factory=list)
    excused: list[Violation] = field(default_factory=list)
    """Broken in a way that the documentation names as one that no runner can avoid."""
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    """By `kind/work`, as the hosts recorded them."""
    lateness_seconds: list[float] = field(default_factory=list)
    """From due to commit."""
    commits: int = 0
    expected: int = 0
    """Assignments that the documents ask for."""
    halts: int = 0
    """What persons have cancelled and stopped, by the file STOP too."""

    @property
    def right(self) -> bool:
        """Whether no promise was broken."""
        return not self.violations


def judge(case: Case) -> Verdict:
    """Judge one life."""
    scene = Scene(case)
    verdict = Verdict()
    for rule in RULES:
        for found in rule(scene):
            (verdict.excused if found.kind.startswith(EXCUSED) else verdict.violations).append(found)
    verdict.violations += [Violation("stalled", case.name, failure) for failure in case.failures]
    verdict.states.update(row.state for row in scene.store.rows)
    verdict.expected = len(scene.expected)
    verdict.halts = len(halts.halts(scene))
    for host in scene.hosts.values():
        verdict.faults.update(f"{fault['fault']}/{fault['work']}" for fault in host.faults)
    for one in scene.expected.values():
        row = scene.store.by_key.get(one.key)
        verdict.commits += len(one.commits)
        if one.commits and row is not None:
            due = scene.world.first_showing(row.due, since=float("-inf"))
            verdict.lateness_seconds.append(max(0.0, one.commits[0].asked_at - due))
    return verdict
