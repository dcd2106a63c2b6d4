"""What is doubtful about files together: a rule, where it is told, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.document import Path
    from runner.rules import Rule


@dataclass(frozen=True, slots=True)
class Concern:
    """A warning that shows only across files, or against what the ledger knows."""

    file: str
    path: Path
    rule: Rule
    message: str
    at_key: bool = False


def some_of(names: Sequence[str]) -> str:
    """Return the first of some names, and how many there are besides."""
    rest = len(names) - 1
    return f"`{names[0]}`" if rest == 0 else f"`{names[0]}` and {rest} more"
