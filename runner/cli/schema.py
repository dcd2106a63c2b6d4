"""`schema`: print the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

from typing import Literal

import click

from runner.app.schema import json_schema
from runner.cli.output import write_json


@click.command(name="schema")
@click.argument("kind", type=click.Choice(["campaign", "config"]))
def command(*, kind: Literal["campaign", "config"]) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    write_json(json_schema(kind))
