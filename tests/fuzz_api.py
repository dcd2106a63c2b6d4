"""`python -m fuzz_api`, in `tests`: let schemathesis try the HTTP API by its own OpenAPI document.

Not one of the tests: it takes minutes, and needs thirty packages that nothing else does. See `make fuzz`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from support.served import served

from runner.web import guard

PLENTY = 1_000_000
LEFT_OUT = "positive_data_acceptance"
"""A schema cannot say that `until` lies ahead: such orders are refused, rightly."""
REFUSALS = """\
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 421, 422, 431]
"""
"""What is wrong may be too long as well, and is refused for that first."""


def main() -> int:
    """Run schemathesis with the token against a daemon; then ask everything once more without it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schemathesis", default="st", help="its command")
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    # What it finds must not be that it is quick.
    with (
        TemporaryDirectory() as folder,
        patch.object(guard, "BURST", PLENTY),
        patch.object(guard, "REFUSED_BURST", PLENTY),
        served(Path(folder)) as api,
    ):
        (Path(folder) / "schemathesis.toml").write_text(REFUSALS)
        common = [
            f"http://127.0.0.1:{api.port}/openapi.json",
            *("--max-time", str(options.seconds), "--max-examples", "20", "--continue-on-failure"),
            *("--phases", "examples,coverage,fuzzing", "--exclude-checks", LEFT_OUT, "--no-shrink"),
            *("--suppress-health-check", "all", "--warnings", "off"),
        ]
        ran = subprocess.run(
            [options.schemathesis, "run", *common, "-H", f"Authorization: Bearer {api.token}"],
            cwd=folder,
            check=False,
        )
        if api.log.failures:
            print(f"errors of ours: {api.log.failures}", file=sys.stderr)  # noqa: T201 - a report
            return 1
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
