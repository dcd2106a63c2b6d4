"""The plan of a day: runs, and the assignments in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from runner.model.campaign import Deliver

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from runner.model.campaign import AtClose, OnUnsettled, Retry, Target
    from runner.model.content import Row
    from runner.model.instant import Instant

AssignmentKey: TypeAlias = str
"""Sixteen letters and digits: a function of campaign, script entry, target, day and window alone."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the assignments of a run have in common on the wire and in their treatment.

    `script_config` still holds its `${...}`; they are replaced at the moment of a submission, so that no
    secret is ever stored.
    """

    script_name: str
    script_config: Mapping[str, Any]
    enable_multi_account: bool
    min_interval: int | None
    max_interval: int | None
    expected_tasks: int | None
    retry: Retry | None
    at_close: AtClose
    on_unsettled: OnUnsettled
    deliver: Deliver = Deliver.ON_TIME
    after: tuple[tuple[str, str], ...] = ()
    """Runs of its day, by script entry and window: a target goes once its assignment there is completed."""


@dataclass(frozen=True, slots=True)
class Run:
    """All assignments of one script entry in one window on one day."""

    campaign: str
    script: str
    day: date
    window: str
    """The window's label, e.g. `09:00-11:00`."""
    timezone: str
    opens: Instant
    closes: Instant
    version: str
    """The campaign's version that planned it."""
    order: Order


@dataclass(frozen=True, slots=True)
class Assignment:
    """One script entry, for one target, in one window, on one day."""

    key: AssignmentKey
    target: Target
    group: str
    index: int
    """Position of the target in its entry, from 0 (`${index}`)."""
    due: Instant
    row: Row | None = None
    """What it takes from a content file (`${row...}`)."""


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run with its assignments, in the order of the file."""

    run: Run
    assignments: tuple[Assignment, ...]
    needs: tuple[tuple[AssignmentKey, AssignmentKey], ...] = ()
    """Which of them needs which other assignment to be completed first; an assignment may need several."""
