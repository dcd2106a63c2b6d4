"""Prove by kills, and print what was done and found: `python -m proof.kills`."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from proof.kills.life import Report, killed_often
from proof.kills.load import Load

if TYPE_CHECKING:
    from collections.abc import Sequence

KILLS = 300
SECONDS_A_KILL = 3.0
"""About, with the start in between; there is to be something to do until the last of them."""


def run(arguments: Sequence[str]) -> int:
    """Kill the daemon many times in one life, print a table, and return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="kills")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1, help="decides when each kill comes, and the faults")
    chosen = parser.parse_args(arguments)
    usual = Load()
    windows = math.ceil(chosen.kills * SECONDS_A_KILL / usual.apart_seconds)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = killed_often(
            Path(folder), Load(windows=windows), kills=chosen.kills, seed=chosen.seed, tell=_tell
        )
    sys.stdout.write("\n".join(table(report)))
    sys.stdout.write(f"\n{time.monotonic() - begun:.0f} s\n")
    return 1 if report.wrong else 0


def table(report: Report) -> list[str]:
    """Return the lines that say what was done and found."""
    rows = {
        "kills": len(report.kills),
        "  while a request's effect was open": report.in_doubt,
        "assignments": report.states.total(),
        **{f"  {state}": count for state, count in sorted(report.states.items())},
        "commits on the hosts": report.commits,
        "lost answers": report.faulted.total(),
        **{f"  {fault}": count for fault, count in sorted(report.faulted.items())},
        "violations": len(report.wrong),
    }
    lines = [f"{what:40}{count:8}" for what, count in rows.items()]
    if report.wrong:
        lines += [
            "",
            *report.wrong,
            f"python -m proof.kills --kills {len(report.kills)} --seed {report.seed}",
        ]
    return lines


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
