"""Write text and JSON for people and programs; the one way from here to the terminal.

Names, remarks and answers come from files and hosts, and a terminal obeys what stands in them. So nothing is
written but printable characters: text is escaped, and JSON is plain ASCII.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from runner.model.document import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ROWS_AT_ONCE = 200

JSON = "json"
TABLE = "table"


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--format table|json` to a command, as its argument `form`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([TABLE, JSON]),
        callback=chosen_format,
        help="Default: table on a terminal, json otherwise.",
    )(command)


def say(text: str = "") -> None:
    """Write one line to standard output."""
    click.echo(printable(text))


def complain(text: str) -> None:
    """Write one line to standard error."""
    click.echo(printable(text), err=True)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines that hold printable characters only, some at a time: each write goes to the system."""
    left = iter(lines)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        click.echo("\n".join(some))


def write_json(value: object) -> None:
    """Write one value, indented."""
    click.echo(json.dumps(value, indent=2))


def write_json_line(value: object) -> None:
    """Write one value on one line, at once."""
    click.echo(json.dumps(value))


def write_json_list(rows: Iterable[object]) -> None:
    """Write a list, a row on each line, some at a time: there may be 100,000 of them."""
    left = iter(rows)
    before = "["
    while some := list(islice(left, _ROWS_AT_ONCE)):
        lines = ",\n".join(json.dumps(row) for row in some)
        click.echo(f"{before}\n{lines}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def write_raw(lines: Iterable[str], *, end: str) -> None:
    """Write lines of a format that has its own line ends; each holds printable characters only."""
    for line in lines:
        # Bytes, so that no system makes other line ends of these.
        click.echo(f"{printable(line)}{end}".encode(), nl=False)


def chosen_format(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Return the format that was asked for, else the one that suits what reads standard output."""
    return value or (TABLE if sys.stdout.isatty() else JSON)
