"""What `doctor` finds: one line for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARNING = "warning"
    """It works, but somebody should know."""
    PROBLEM = "problem"
    """It does not work, or will not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    """What kind of thing, e.g. `host`; a stable name."""
    subject: str
    """Which one, e.g. the host's name; empty where there is only one."""
    verdict: Verdict
    message: str
    advice: str | None = None
    """What to do; None where nothing has to be done."""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a look at the store has shown, without changing it."""

    damage: str | None
    """What is broken in it, None where nothing is."""
    revision: str | None
    head: str
    """The revision of this program."""
    size_bytes: int
    log_bytes: int
    """Of the write-ahead log beside it."""
    server: str | None = None
    """What keeps it and with which version, where it is no file."""
    at_risk: str | None = None
    """Why what is said to be on disk may not be there."""


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """What the operating system says of a folder, or of the nearest one above it that is there."""

    path: str
    there: bool
    readable: bool
    writable: bool
    open_to_all: bool
    """May everybody on this machine write to it?"""
    free_bytes: int | None
    file_system: str | None
    """Its kind, e.g. ext4; None where it cannot be told."""
