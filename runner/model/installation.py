"""What installing the service does to a machine, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

_MARK = "`campaign-runner service install"
"""Stands in the first comment of each unit that this program writes."""


@dataclass(frozen=True, slots=True)
class MakeUser:
    """A user of the system, without a password, a shell or a home that is made."""

    name: str
    home: Path


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """A folder, with those above it; one that is there keeps what is in it."""

    path: Path
    mode: int
    owner: str | None = None
    """Whose it becomes; None: of who installs."""


@dataclass(frozen=True, slots=True)
class WriteUnit:
    """The unit's file; one that somebody else wrote is not overwritten."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class RemoveUnit:
    """The unit's file is deleted; one that somebody else wrote is not."""

    path: Path


@dataclass(frozen=True, slots=True)
class Tell:
    """A command to systemd; left out where no systemd runs."""

    words: tuple[str, ...]


Step: TypeAlias = MakeUser | MakeFolder | WriteUnit | RemoveUnit | Tell


def is_ours(unit: str) -> bool:
    """Tell whether a unit was written by this program."""
    return any(_MARK in line for line in unit.splitlines() if line.startswith("#"))
