"""`schema`: print the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.app.schema import schema_text

if TYPE_CHECKING:
    from runner.app.schema import Kind


@click.command(name="schema")
@click.argument("kind", type=click.Choice(["campaign", "config"]))
def command(*, kind: Kind) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    click.echo(schema_text(kind), nl=False)
