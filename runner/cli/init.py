"""`init`: write a config and a first campaign to edit."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.app.schema import schema_file, schema_text
from runner.cli.output import say
from runner.errors import RunnerError

if TYPE_CHECKING:
    from runner.app.schema import Kind

_TEMPLATES = {"config.yaml": "config.yaml", "campaigns/first.yaml": "first.yaml"}
_KINDS: tuple[Kind, ...] = ("campaign", "config")


@click.command(name="init")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(*, folder: Path) -> None:
    """Write a config and a first campaign to edit.

    They go into DIR, which is made where it is missing, or into the working folder; so do their JSON Schemas,
    for editors. Nothing is overwritten.
    """
    templates = files("runner.cli") / "templates"
    texts = {name: (templates / file).read_text(encoding="utf-8") for name, file in _TEMPLATES.items()}
    texts |= {schema_file(kind): schema_text(kind) for kind in _KINDS}
    for path in (folder / name for name in texts):
        if path.exists() or path.is_symlink():
            raise RunnerError(f"{path} is there already; nothing was written")
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        say(f"wrote {path}")
    config = "" if folder == Path() else f"--config {shlex.quote(str(folder / 'config.yaml'))} "
    say()
    say("Edit them, then:")
    say(f"  campaign-runner {config}validate")
    say(f"  campaign-runner {config}plan")
    say(f"  campaign-runner {config}run")
    say("Without TikMatrix, `campaign-runner simulator` in another terminal stands in for it.")
