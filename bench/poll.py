"""`poll`: two thousand tasks of ours on one host, while nothing changes and while all of them end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure
from bench.processes import cpu_seconds, daemon, environment, history, rows, simulated_host, sleep_until

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 2_000
LEAD_SECONDS = 6
SETTLED_SECONDS = 16
"""From the due instant until all are submitted, begun and seen to have begun."""
QUIET_SECONDS = 40
"""For so long nothing changes."""
DURATION = (SETTLED_SECONDS + QUIET_SECONDS, SETTLED_SECONDS + QUIET_SECONDS + 20)
MOST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was counted up to a moment."""

    cpu: float
    requests: int
    polls: int


def run() -> Iterator[Figure]:
    """Submit, wait until all run, then count requests and CPU in both stretches of time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with simulated_host(folder, devices=COUNT, duration_seconds=DURATION) as url:
            store = write_config(folder, hosts={"farm": url})
            due = datetime.fromtimestamp(int(time.time()) + LEAD_SECONDS, tz=UTC)
            write_campaign(
                folder,
                name="poll",
                host="farm",
                serials=[serial(number) for number in range(1, COUNT + 1)],
                window=window_from(due, length=timedelta(minutes=10)),
                spread="together",
            )
            with daemon(folder) as process:
                sleep_until(due.timestamp() + SETTLED_SECONDS)
                begun = rows(store, "SELECT count(*) FROM assignments WHERE state = 'running'")
                assert begun == COUNT, f"{begun} were seen to have begun"
                settled = _reading(process.pid, url)
                sleep_until(due.timestamp() + SETTLED_SECONDS + QUIET_SECONDS)
                quiet = _reading(process.pid, url)
                _wait_for_all(store)
                ended = _reading(process.pid, url)
            singly = _single_reads(url)
    polls = quiet.polls - settled.polls
    yield Figure("requests a poll, every task by itself", COUNT, "")
    yield Figure("requests a poll, nothing changed", (quiet.requests - settled.requests) / polls, "")
    yield Figure("CPU a poll, every task by itself (plain httpx)", singly * 1e3, "ms")
    yield Figure("CPU a poll, nothing changed", (quiet.cpu - settled.cpu) * 1e3 / polls, "ms")
    yield Figure("polls while all ended", ended.polls - quiet.polls, "")
    yield Figure("requests for each task that ended", (ended.requests - quiet.requests) / COUNT, "")
    yield Figure("CPU for each task that ended", (ended.cpu - quiet.cpu) * 1e3 / COUNT, "ms")


def _reading(pid: int, url: str) -> Reading:
    cpu = cpu_seconds(pid)
    asked = [one for one in history(url) if one["kind"] == "requested" and one["method"] == "GET"]
    return Reading(cpu, len(asked), sum(one["path"].endswith("/task/stats") for one in asked))


def _wait_for_all(store: Path) -> None:
    ends = time.monotonic() + MOST_SECONDS
    while rows(store, "SELECT count(*) FROM assignments WHERE state = 'completed'") < COUNT:
        assert time.monotonic() < ends, "not all of them were seen to have ended"
        time.sleep(0.5)


def _single_reads(url: str) -> float:
    command = [sys.executable, "-m", "bench.plain_httpx", "read", url, str(COUNT)]
    ran = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)  # noqa: S603
    return float(json.loads(ran.stdout)["cpu"])
