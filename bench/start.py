"""`start`: how much CPU a short command needs, against Python that does nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.figures import Figure, of
from bench.processes import ROOT, cpu_of_command

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 9
COMMANDS: dict[str, tuple[list[str], float | None]] = {
    "python -c pass": (["-c", "pass"], None),
    "python -c 'import click'": (["-c", "import click"], None),
    "campaign-runner --help": (["-m", "runner", "--help"], 0.2),
    "campaign-runner validate (the examples)": (["-m", "runner", "validate"], 0.4),
}


def run() -> Iterator[Figure]:
    """Measure all in turn, again and again, beginning with another one each time."""
    found: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "campaigns", folder / "campaigns")
        shutil.copy(ROOT / "config.example.yaml", folder / "config.yaml")
        names = list(COMMANDS)
        for number in range(ROUNDS):
            first = number % len(names)
            for each in names[first:] + names[:first]:
                found[each].append(cpu_of_command([sys.executable, *COMMANDS[each][0]], folder=folder))
    for each, (_, most) in COMMANDS.items():
        yield of(f"CPU, {each}", found[each], unit="s", most=most)
