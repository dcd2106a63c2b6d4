"""The TikMatrix local API, as facts: codes, statuses and what its answers say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

TaskId: TypeAlias = str
"""A host's number for a task, as text. Not an identity for ever: ids start again after "clear all"."""


class Code(IntEnum):
    """The documented values of an envelope's `code`."""

    SUCCESS = 0
    INVALID_PARAMETERS = 40001
    SCRIPT_NAME_MISSING = 40002
    SCRIPT_NOT_SUPPORTED = 40003
    NO_API_ACCESS = 40301
    NO_SUCH_RESOURCE = 40401
    INTERNAL_ERROR = 50001


REFUSALS = frozenset(
    {
        Code.INVALID_PARAMETERS,
        Code.SCRIPT_NAME_MISSING,
        Code.SCRIPT_NOT_SUPPORTED,
        Code.NO_API_ACCESS,
        Code.NO_SUCH_RESOURCE,
    }
)
"""Codes that prove that a create made nothing. 50001 is not among them: some tasks may exist."""


class TaskStatus(IntEnum):
    """Where the host says that a task stands."""

    PENDING = 0
    RUNNING = 1
    COMPLETED = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Licence:
    """Answer of `GET /license/check`."""

    plan_name: str
    api_enabled: bool
    device_limit: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Created:
    """Answer of `POST /task`."""

    task_ids: tuple[TaskId, ...]
    created_count: int | None


@dataclass(frozen=True, slots=True)
class Task:
    """One task as the host shows it; a field that the host leaves out is None."""

    task_id: TaskId
    status: TaskStatus | None
    serial: str | None = None
    script_name: str | None = None
    script_args: Mapping[str, Any] | None = None
    username: str | None = None
    start_time: str | None = None
    """Local time of the host, e.g. `2024-12-16 15:30:00`."""
    end_time: str | None = None
    remark: str | None = None
    source: str | None = None
    """`ui` or `api`; the vendor's interface reads an absent one as `ui`."""
    retry_count: int | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of `GET /task`."""

    tasks: tuple[Task, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Filters of `GET /task`; None leaves a filter out."""

    status: TaskStatus | None = None
    serial: str | None = None
    script_name: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """Answer of `GET /task/stats`; a count that the host leaves out is None."""

    total: int | None
    pending: int | None
    running: int | None
    completed: int | None
    failed: int | None
