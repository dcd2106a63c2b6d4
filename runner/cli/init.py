"""`init`: write a config and a first campaign to edit."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

import click

from runner.cli.output import say
from runner.errors import RunnerError

_WRITTEN = {"config.yaml": "config.yaml", "campaigns/first.yaml": "first.yaml"}


@click.command(name="init")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(*, folder: Path) -> None:
    """Write a config and a first campaign to edit.

    They go into DIR, which is made where it is missing, or into the working folder. Nothing is overwritten.
    """
    paths = {folder / name: template for name, template in _WRITTEN.items()}
    for path in paths:
        if path.exists() or path.is_symlink():
            raise RunnerError(f"{path} is there already; nothing was written")
    templates = files("runner.cli") / "templates"
    for path, template in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write((templates / template).read_text(encoding="utf-8"))
        say(f"wrote {path}")
    config = "" if folder == Path() else f"--config {shlex.quote(str(folder / 'config.yaml'))} "
    say()
    say("Edit them, then:")
    say(f"  campaign-runner {config}validate")
    say(f"  campaign-runner {config}plan")
    say(f"  campaign-runner {config}run")
    say("Without TikMatrix, `campaign-runner simulator` in another terminal stands in for it.")
