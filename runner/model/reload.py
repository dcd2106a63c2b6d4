"""Looks at all files that a person asks a running daemon for, and what they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.instant import Instant

RELOAD = "reload"
"""How such a wish is called among the decisions of persons."""


@dataclass(frozen=True, slots=True)
class ReloadWish:
    """A person wants all files to be looked at now; `outcome` once that is done (see `Reloaded`)."""

    id: int
    at: Instant
    owner: str
    applied_at: Instant | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A campaign file that does not check."""

    file: str
    kept: tuple[str, ...]
    """The campaigns of it that stay in force by their last good version."""
    problems: tuple[str, ...]
    """Its errors, each as it is shown to people; the first ones where there are many."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a look at all files found, against what was in force before it."""

    campaigns: int
    """How many are in force now."""
    accepted: tuple[str, ...] = ()
    """Campaigns of which another version is in force now."""
    removed: tuple[str, ...] = ()
    """Campaigns whose file is gone."""
    rejected: tuple[RejectedFile, ...] = ()
    """All files that do not check, told before or not."""
    unread: bool = False
    """The folder could not be read, or all of its files were gone at once: everything stayed in force."""
