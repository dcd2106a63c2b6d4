"""Draw tables that lose no letter: in a narrow terminal long sentences fold, names never do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.model.document import printable
from runner.model.record import HostState
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_GAP = 2
_FOLDED_WIDTH = 16
"""A column of sentences is not made narrower than this."""
_UNBOUNDED_WIDTH = 100_000

_STYLES = {
    State.PLANNED: "dim",
    State.SUBMITTING: "cyan",
    State.SUBMITTED: "cyan",
    State.RUNNING: "cyan",
    State.COMPLETED: "green",
    State.FAILED: "red",
    State.EXPIRED: "red",
    State.MISSED: "red",
    State.CANCELLED: "yellow",
    State.SKIPPED: "yellow",
    State.UNKNOWN: "bold red",
    HostState.UNKNOWN: "dim",
    HostState.READY: "green",
    HostState.UNREACHABLE: "red",
    HostState.UNLICENSED: "red",
    HostState.UNCLEAR: "red",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and how its cells are set."""

    name: str
    folds: bool = False
    """Sentences: they go on in the next line where there is no room."""
    right: bool = False
    """Numbers, under each other."""


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to standard output; a cell that is a State or a HostState gets its colour."""
    cells = [[Text(printable(cell), _STYLES.get(cell, "")) for cell in row] for row in rows]  # type: ignore[call-overload]
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(
            Text(column.name),
            no_wrap=not column.folds,
            overflow="fold",
            justify="right" if column.right else "left",
        )
    for row in cells:
        table.add_row(*row)
    console = Console(highlight=False)
    # Where there is no terminal there is no edge: whoever reads it searches, cuts and compares lines.
    console.width = (
        max(console.width, _least_width(columns, cells)) if console.is_terminal else _UNBOUNDED_WIDTH
    )
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def heading(text: str) -> None:
    """Write a heading to standard output."""
    click.secho(printable(text), bold=True)


def counts_in_words(counts: Mapping[State, int]) -> str:
    """Return how many are in each state, in the order of a life, e.g. `3 completed, 1 failed`."""
    return ", ".join(f"{counts[state]} {state}" for state in State if counts.get(state))


def how_many(count: int, noun: str) -> str:
    """Return a number and its noun, e.g. `1 file` or `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _least_width(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> int:
    width = 0
    for number, column in enumerate(columns):
        widest = max((row[number].cell_len for row in rows), default=0)
        needed = min(widest, _FOLDED_WIDTH) if column.folds else widest
        width += max(needed, len(column.name)) + _GAP
    return width
