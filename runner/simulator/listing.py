"""`GET /task`: reading its filters, finding the tasks, and cutting a page out of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from runner.model.tikmatrix import Code, TaskStatus
from runner.simulator.exchange import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.simulator.farm import Farm
    from runner.simulator.task import SimulatedTask

PAGE_SIZE = 20
PAGE_SIZE_LIMIT = 100

_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Listing:
    """The query of a list; None leaves a filter out."""

    status: TaskStatus | None
    serial: str | None
    script_name: str | None
    source: str | None
    page: int
    page_size: int


def read_listing(query: Mapping[str, str]) -> Listing | Refusal:
    """Check a query; an empty filter is none, and more than 100 a page is 100."""
    page = _number(query.get("page"), default=1)
    page_size = _number(query.get("page_size"), default=PAGE_SIZE)
    if page is None or page_size is None:
        return Refusal(Code.INVALID_PARAMETERS, "page and page_size must be whole numbers from 1")
    status = query.get("status") or None
    if status not in (None, "0", "1", "2", "3"):
        return Refusal(Code.INVALID_PARAMETERS, "status must be 0, 1, 2 or 3")
    return Listing(
        status=None if status is None else TaskStatus(int(status)),
        serial=query.get("serial") or None,
        script_name=query.get("script_name") or None,
        source=query.get("source") or None,
        page=page,
        page_size=min(page_size, PAGE_SIZE_LIMIT),
    )


def found(listing: Listing, *, farm: Farm) -> list[SimulatedTask]:
    """Return all tasks that a list's filters let through, oldest first."""
    held, in_order = farm.tasks, True
    if listing.serial is not None:
        held = farm.by_serial.get(listing.serial, {})
    if listing.status is not None and len(farm.by_status[listing.status]) < len(held):
        held, in_order = farm.by_status[listing.status], False
    tasks = list(held.values())
    for name in ("status", "serial", "script_name", "source"):
        wanted = getattr(listing, name)
        if wanted is not None:
            tasks = [task for task in tasks if getattr(task, name) == wanted]
    return tasks if in_order else sorted(tasks, key=attrgetter("number"))


def page_of(tasks: list[SimulatedTask], *, listing: Listing, newest_first: bool) -> list[SimulatedTask]:
    """Return the page that a list asks for."""
    ordered = reversed(tasks) if newest_first else iter(tasks)
    start = (listing.page - 1) * listing.page_size
    return list(islice(ordered, start, start + listing.page_size))


def _number(value: str | None, *, default: int) -> int | None:
    """Return a whole number from 1; None for anything else."""
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS):
        return None
    return int(value) or None
