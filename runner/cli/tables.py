"""Draw tables that lose no letter: in a narrow terminal long sentences fold, names never do."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import zip_longest
from shutil import get_terminal_size
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from runner.adapters.terminal import wants_colours
from runner.cli.cells import cell_len, chop_cells
from runner.cli.output import write_lines
from runner.model.checkup import Verdict
from runner.model.document import printable
from runner.model.record import HostState
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_GAP = "  "
_FOLDED_WIDTH = 16
"""A column of sentences is not made narrower than this."""

_PLAIN: Mapping[str, Any] = MappingProxyType({})
_DIM = MappingProxyType({"dim": True})
_RED = MappingProxyType({"fg": "red"})
_GREEN = MappingProxyType({"fg": "green"})
_CYAN = MappingProxyType({"fg": "cyan"})
_YELLOW = MappingProxyType({"fg": "yellow"})
_STATE_STYLES: Mapping[State, Mapping[str, Any]] = MappingProxyType(
    {
        State.PLANNED: _DIM,
        State.SUBMITTING: _CYAN,
        State.SUBMITTED: _CYAN,
        State.RUNNING: _CYAN,
        State.COMPLETED: _GREEN,
        State.FAILED: _RED,
        State.EXPIRED: _RED,
        State.MISSED: _RED,
        State.CANCELLED: _YELLOW,
        State.SKIPPED: _YELLOW,
        State.UNKNOWN: MappingProxyType({"fg": "red", "bold": True}),
    }
)
_HOST_STYLES: Mapping[HostState, Mapping[str, Any]] = MappingProxyType(
    {
        HostState.UNKNOWN: _DIM,
        HostState.READY: _GREEN,
        HostState.UNREACHABLE: _RED,
        HostState.UNLICENSED: _RED,
        HostState.UNCLEAR: _RED,
    }
)
_VERDICT_STYLES: Mapping[Verdict, Mapping[str, Any]] = MappingProxyType(
    {Verdict.OK: _GREEN, Verdict.WARNING: _YELLOW, Verdict.PROBLEM: _RED}
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and how its cells are set."""

    name: str
    folds: bool = False
    """Sentences: they go on in the next line where there is no room."""
    right: bool = False
    """Numbers, under each other."""


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to standard output; a cell that is a State or a HostState gets its colour.

    Without a terminal no sentence folds: whoever reads it then searches, cuts and compares lines.
    """
    source = list(rows)
    table = [[printable(cell) for cell in row] for row in source]
    names = [column.name for column in columns]
    widths = [max(map(cell_len, cells)) for cells in zip(names, *table, strict=True)]
    terminal = sys.stdout.isatty()
    if terminal:
        widths = _fitted(widths, columns, width=get_terminal_size().columns)
    coloured = wants_colours(sys.stdout)
    if any(names):
        write_lines(_row_lines(names, columns, widths, styles=[{"bold": True}] * len(names)))
    plain = [_PLAIN] * len(names)
    write_lines(
        line
        for cells, row in zip(table, source, strict=True)
        for line in _row_lines(cells, columns, widths, styles=list(map(_style, row)) if coloured else plain)
    )


def heading(text: str) -> None:
    """Write a heading to standard output."""
    click.secho(printable(text), bold=True)


def counts_in_words(counts: Mapping[State, int]) -> str:
    """Return how many are in each state, in the order of a life, e.g. `3 completed, 1 failed`."""
    return ", ".join(f"{counts[state]} {state}" for state in State if counts.get(state))


def how_many(count: int, noun: str) -> str:
    """Return a number and its noun, e.g. `1 file` or `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _style(cell: str) -> Mapping[str, Any]:
    match cell:
        case State():
            return _STATE_STYLES[cell]
        case HostState():
            return _HOST_STYLES[cell]
        case Verdict():
            return _VERDICT_STYLES[cell]
        case _:
            return _PLAIN


def _row_lines(
    cells: Sequence[str],
    columns: Sequence[Column],
    widths: Sequence[int],
    *,
    styles: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    folded = [
        _folded(cell, width=width) if cell_len(cell) > width else [cell]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for parts in zip_longest(*folded, fillvalue=""):
        line = ""
        for part, column, width, style in zip(parts, columns, widths, styles, strict=True):
            space = " " * (width - cell_len(part))
            shown = click.style(part, **style) if style and part else part
            line += (space + shown if column.right else shown + space) + _GAP
        yield line.rstrip()


def _fitted(widths: Sequence[int], columns: Sequence[Column], *, width: int) -> list[int]:
    """Return widths whose sum fits a terminal, as far as columns of sentences can make room."""
    fitted = list(widths)
    surplus = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    # The last ones first: they hold the longest sentences.
    for number, column in reversed(list(enumerate(columns))):
        if column.folds and surplus > 0:
            least = max(len(column.name), _FOLDED_WIDTH)
            taken = min(surplus, max(0, fitted[number] - least))
            fitted[number] -= taken
            surplus -= taken
    return fitted


def _folded(text: str, *, width: int) -> list[str]:
    """Return text in lines of at most so many cells, broken between words where that can be."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
            continue
        lines += chop_cells(word, width)
    return [line for line in lines if line]
