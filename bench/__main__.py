"""Run all benchmarks, or those that are named."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("burst", "plan", "idle", "start", "poll", "isolation", "validate", "edit", "years", "stop")


def main(names: list[str]) -> int:
    """Print every figure beside its yardstick; return 1 where one misses its target."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"there is no {unknown[0]}; known are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    missed = False
    for name in names or NAMES:
        print(f"{name}:", flush=True)
        for figure in import_module(f"bench.{name}").run():
            print(figure, flush=True)
            missed = missed or not figure.fits
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
