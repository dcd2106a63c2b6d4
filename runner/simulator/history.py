"""What truly happened on a simulated host, in order: the evidence for those who check a runner."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class HappeningKind(StrEnum):
    """What can happen on a host."""

    REQUESTED = "requested"
    """A request arrived: `request` (its number), `client`, `method`, `path`, `query`, `body_sha256`."""
    REFUSED = "refused"
    """A request was answered with a code other than 0: `request`, `code`, `message`."""
    FAULTED = "faulted"
    """A fault was injected: `request`, `fault`, `work`, `method`, `path`, `seconds`."""
    COMMITTED = "committed"
    """Tasks were made: `request` (None: by a person), `source`, `body`, `tasks` with `task_id`, `number`,
    `serial`, `username`, `target`. A `number` is never used twice, unlike an id."""
    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"
    RETURNED = "returned"
    """The host itself put a failed task back among the pending."""
    RETRIED = "retried"
    STOPPED = "stopped"
    DELETED = "deleted"
    FORGOTTEN = "forgotten"
    """The host lost a task, or a task's result, in a restart."""
    CLEARED = "cleared"
    """A person cleared all tasks; ids start again."""
    LICENCE_CHANGED = "licence_changed"
    OPTIONS_CHANGED = "options_changed"
    RESTARTED = "restarted"
    UNPLUGGED = "unplugged"
    PLUGGED = "plugged"


class Happening(NamedTuple):
    """One thing that happened, at a time in Unix seconds of the host's true clock."""

    at: float
    kind: HappeningKind
    details: Mapping[str, Any]


class History:
    """An append-only list of happenings."""

    __slots__ = ("_happenings",)

    def __init__(self) -> None:
        self._happenings: list[Happening] = []

    def record(self, kind: HappeningKind, *, at: float, **details: Any) -> None:
        """Append one happening."""
        self._happenings.append(Happening(at, kind, details))

    def __len__(self) -> int:
        return len(self._happenings)

    def __iter__(self) -> Iterator[Happening]:
        return iter(self._happenings)

    def since(self, position: int) -> list[Happening]:
        """Return what was appended at and after a position, counted from 0."""
        return self._happenings[position:]

    def of(self, *kinds: HappeningKind) -> list[Happening]:
        """Return all happenings of the given kinds, in order."""
        return [happening for happening in self._happenings if happening.kind in kinds]

    def lines(self, *, since: int = 0) -> Iterator[str]:
        """Yield the history as JSON lines: `position`, `at`, `kind` and the details."""
        for position, (at, kind, details) in enumerate(self._happenings[since:], start=since):
            yield json.dumps({"position": position, "at": at, "kind": kind, **details})
