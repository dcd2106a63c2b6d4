"""`stop`: 500 devices in the middle of their creates, and the switch that stops everything, at each depth."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure, of
from bench.processes import daemon, environment, history, rows, simulated_hosts
from runner.model.halt import Depth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEVICES = 500
PULLED_AT = 100
ROUNDS = 3
WATCHED_SECONDS = 6.0
MOST_SECONDS = 120.0
SLOW = {"kind": "slow", "seconds": 0.3}
"""Every answer takes as long, so that there is a queue when the switch is pulled."""
_COMMANDS = {Depth.SUBMIT: "pause", Depth.WITHDRAW: "cancel", Depth.STOP: "stop"}


def run() -> Iterator[Figure]:
    """Pull the switch by command and by file; count from when it was given to the last create."""
    for depth, command in _COMMANDS.items():
        ways: dict[str, Callable[[Path], float]] = {
            f"{command} --all": lambda folder, command=command: _by_command(folder, command),
            f"the file STOP, {depth}": lambda folder, depth=depth: _by_file(folder, depth),
        }
        for name, pull in ways.items():
            last = [_last_create(pull) for _ in range(ROUNDS)]
            yield of(f"{DEVICES} devices, {name}: last create after it", last, unit="s", most=2.0)


def _last_create(pull: Callable[[Path], float]) -> float:
    """Return how long after the switch was pulled a create has still arrived; negative where none has."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        options: dict[str, Any] = {"devices": DEVICES, "duration_seconds": (900, 900), "fault": SLOW}
        with simulated_hosts(folder, **options) as urls:
            store = write_config(folder, hosts={"farm": urls[0]})
            write_campaign(
                folder,
                name="stopped",
                host="farm",
                serials=[serial(number) for number in range(1, DEVICES + 1)],
                window=window_from(datetime.now(UTC) - timedelta(seconds=5), length=timedelta(hours=1)),
                spread="together",
            )
            with daemon(folder):
                _wait_for(store)
                pulled_at = pull(folder)
                time.sleep(max(0.0, pulled_at + WATCHED_SECONDS - time.time()))
            arrived = [one["at"] for one in history(urls[0]) if one.get("request") and _is_create(one)]
    assert PULLED_AT <= len(arrived) < DEVICES, f"{len(arrived)} creates: it was not pulled in the middle"
    return max(arrived) - pulled_at


def _is_create(happening: dict[str, Any]) -> bool:
    kind, method, path = (happening.get(name) for name in ("kind", "method", "path"))
    return (kind, method) == ("requested", "POST") and str(path).endswith("/task")


def _wait_for(store: Path) -> None:
    ends = time.monotonic() + MOST_SECONDS
    while _submitted(store) < PULLED_AT:
        assert time.monotonic() < ends, "not enough of them were submitted"
        time.sleep(0.05)


def _submitted(store: Path) -> int:
    try:
        return rows(store, "SELECT count(*) FROM tasks")
    except sqlite3.OperationalError:
        return 0  # the daemon has not made it yet


def _by_command(folder: Path, command: str) -> float:
    words = [sys.executable, "-m", "runner", command, "--all", "--format", "json"]
    ran = subprocess.run(words, cwd=folder, env=environment(), check=False, capture_output=True, text=True)  # noqa: S603
    told = json.loads(ran.stdout)
    # Not when it ended: it waits until the hosts have done what it asks for.
    return datetime.fromisoformat(told.get("placed_at") or told["at"]).timestamp()


def _by_file(folder: Path, depth: Depth) -> float:
    (folder / "state" / "STOP").write_text(depth.value)
    return time.time()
