"""The daemon, which deletes what is old some seconds after its start, not after an hour: `SECONDS run`."""

from __future__ import annotations

import sys

from runner.app import retention
from runner.cli.main import main

if __name__ == "__main__":
    retention.STEADY_SECONDS = float(sys.argv.pop(1))
    main(prog_name="campaign-runner")
