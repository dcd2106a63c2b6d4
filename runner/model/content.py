"""Rows of content files: what each assignment of an entry says, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from runner.errors import Problem

DATE = "date"
TARGET_COLUMNS = ("target", "serial", "username")
ID = "id"
"""A column of this name tells rows apart, whatever is edited in them."""

MOST_ROWS = 20_000
MOST_COLUMNS = 100


class By(StrEnum):
    """What chooses the row of an assignment."""

    DATE = "date"
    ORDER = "order"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a content file."""

    file: str
    """As the campaign names it."""
    number: int
    """From 1, the header not counted."""
    line: int
    values: Mapping[str, str]
    """By column."""

    @property
    def target(self) -> str:
        """The name of the target that it is for; empty: for any."""
        return next((self.values[name] for name in TARGET_COLUMNS if self.values.get(name)), "")


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of an entry, and what chooses among them."""

    file: str
    by: By
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A content file as read: its rows, or what is wrong with it."""

    file: str
    """As problems call it."""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentText:
    """A content file that a campaign file names."""

    name: str
    """As the campaign file names it."""
    path: Path
    text: str | None
    """None where it could not be read as text."""
    stamp: tuple[int, int, int, int]
    """Changes when the file does; taken before it was read."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that an assignment has: it is planned with it, or was submitted with it."""

    script: str
    key: str
    day: date
    planned: bool
    """Is it still planned, so that an edit may take the row back?"""
    row: Row
