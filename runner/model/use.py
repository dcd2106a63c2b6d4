"""What one submission uses up, and what it reserves of limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.campaign import Target
    from runner.model.instant import Instant
    from runner.model.limit import Limit


@dataclass(frozen=True, slots=True)
class Use:
    """Whose submission a request is: what limits and pauses look at."""

    campaign: str
    script: str
    script_name: str
    target: Target


@dataclass(frozen=True, slots=True)
class Reservation:
    """One place under a limit: of the uses that match, fewer than `limit.most` may lie in `(after, before)`.

    What is None matches everything.
    """

    limit: Limit
    after: Instant
    before: Instant
    campaign: str | None = None
    script: str | None = None
    script_name: str | None = None
    host: str | None = None
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A reservation for which there is no place: the use that must pass first was at `at`."""

    reservation: Reservation
    at: Instant
