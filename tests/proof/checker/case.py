"""What the checker is given, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the runner's settings allow it in time; all in seconds."""

    timeout_seconds: float = 10.0
    """Total deadline of one request."""
    noticed_seconds: float = 10.0
    """How long an edit may go unnoticed while the runner is up."""
    reaction_seconds: float = 120.0
    """How long nothing must have disturbed work that is due before it has to be committed."""
    recovery_seconds: float = 75.0
    """How long the effects of a fault last: a host that failed is asked again after 60 s at the latest."""
    look_seconds: float = 60.0
    """How long what has ended on a host may go unseen while nothing is disturbed."""
    close_slack_seconds: float = 15.0
    """How long after a window's close what is pending may still begin unnoticed."""


@dataclass(frozen=True, slots=True)
class Case:
    """One life, as others than the runner recorded it, and the store that the runner left.

    `world` is the timeline, in the order of true time: each a mapping with `at` (Unix seconds), `what` and
    the fields named at `proof.checker.world`.
    """

    name: str
    histories: Mapping[str, Sequence[Mapping[str, Any]]]
    """By host: every happening of its history."""
    world: Sequence[Mapping[str, Any]]
    store: Path
    ended_at: float
    allowances: Allowances
    client: str = "runner"
    """Whose requests are ours, as the hosts recorded it."""
    failures: Sequence[str] = ()
    """Errors of its own that the runner logged."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise."""

    kind: str
    """`extra`, `doubled`, `outside`, `silent`, `missed`, `lie`, `foreign`, `late`, `unaudited`, ..."""
    about: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}: {self.detail}"


def clock(at: float) -> str:
    """Return an instant for people, in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}Z"
