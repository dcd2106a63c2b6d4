"""Prove by crash points, and print what was tried: `python -m proof.crashes`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

from proof.crashes.enumeration import Findings, explore
from proof.crashes.scenarios import SCENARIOS
from proof.crashes.trial import Trial, lived

if TYPE_CHECKING:
    from collections.abc import Sequence

PAIRS = 20_000
MOST_SHOWN = 20


def run(arguments: Sequence[str]) -> int:
    """Try all single crashes and many pairs, print a table, and return 1 if anything was wrong."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="crashes")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="pairs of crashes in all")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="0: in this process")
    parser.add_argument("--scenario", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--replay", choices=names, metavar="SCENARIO", help="live one life again")
    parser.add_argument("--at", default="", help="the boundaries at which it crashes, e.g. 17,40")
    parser.add_argument("--rests", default="", help="the seconds of rest after each, e.g. 0,20")
    chosen = parser.parse_args(arguments)
    if chosen.replay:
        return _replay(Trial(chosen.replay, _numbers(chosen.at), tuple(map(float, _split(chosen.rests)))))
    begun = time.monotonic()
    findings = explore(chosen.scenario or names, pairs=chosen.pairs, workers=chosen.workers, tell=_tell)
    sys.stdout.write("\n".join(table(findings)))
    sys.stdout.write(f"\n{time.monotonic() - begun:.0f} s\n")
    return 1 if findings.wrong else 0


def table(findings: Findings) -> list[str]:
    """Return the lines that say what was tried and found."""
    lines = [f"{'scenario':50}{'boundaries':>11}{'singles':>9}{'pairs':>8}{'violations':>12}"]
    for name, boundaries in findings.boundaries.items():
        wrong = sum(outcome.trial.scenario == name for outcome in findings.wrong)
        singles, pairs = findings.singles[name], findings.pairs[name]
        lines.append(f"{name:50}{boundaries:11}{singles:9}{pairs:8}{wrong:12}")
    lines += ["", f"{'boundary':60}{'singles':>9}{'crashes':>9}{'violations':>12}"]
    for name in sorted(findings.struck):
        crashes, wrong = findings.struck[name], findings.wrong_at[name]
        lines.append(f"{name:60}{findings.names[name]:9}{crashes:9}{wrong:12}")
    counted = {
        "scenarios": len(findings.boundaries),
        "boundaries": sum(findings.boundaries.values()),
        "names": len(findings.struck),
        "single crashes": findings.singles.total(),
        "pairs": findings.pairs.total(),
        "violations": len(findings.wrong),
    }
    lines += ["", ", ".join(f"{count} {what}" for what, count in counted.items())]
    for outcome in findings.wrong[:MOST_SHOWN]:
        lines += ["", f"at {' and '.join(outcome.struck)}", *outcome.wrong, outcome.trial.command()]
    return lines


def _replay(trial: Trial) -> int:
    outcome = lived(trial)
    sys.stdout.write("\n".join([f"at {name}" for name in outcome.struck] + list(outcome.wrong) + [""]))
    sys.stdout.write(f"{outcome.boundaries} boundaries, {len(outcome.wrong)} violations\n")
    return 1 if outcome.wrong else 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, _split(text)))


def _split(text: str) -> list[str]:
    return text.split(",") if text else []


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
