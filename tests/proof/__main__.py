"""Run the proof, or a part of it, and print one table."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from proof.parts import PARTS, Outcome, replay


def main() -> int:
    """Return 0 if nothing is wrong."""
    parser = ArgumentParser(prog="python -m proof")
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--seeds", default="0:500", help="FIRST:LAST, the last one left out")
    parser.add_argument("--inputs", default="0:100000", help="of the part fuzz: seeds, as FIRST:LAST")
    parser.add_argument("--edited", default="0:100", help="of the part edits: seeds, as FIRST:LAST")
    parser.add_argument("--days", type=float, default=20.0, help="of each life")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--replay", type=int, metavar="SEED", help="live this life alone")
    options = parser.parse_args()
    rows: dict[str, Outcome] = {}
    if options.replay is not None:
        rows["replay"] = replay(options)
    else:
        for name in PARTS if options.part == "all" else [options.part]:
            print(f"== {name}", flush=True)
            rows[name] = PARTS[name](options)
    print()
    for name, outcome in rows.items():
        print(f"{name:<10} {outcome.tried:<40} {outcome.wrong} wrong")
    return 1 if any(outcome.wrong for outcome in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
