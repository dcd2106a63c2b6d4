"""`poll`: ten thousand tasks of ours on ten hosts, while nothing changes and while all of them end."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure
from bench.processes import cpu_seconds, daemon, environment, history, rows, simulated_hosts, sleep_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HOSTS = 10
DEVICES = 1_000
COUNT = HOSTS * DEVICES
POLL_SECONDS = 5.0
"""The interval as it is by default."""
PAGE = 100
"""A list's most tasks a page."""
LEAD_SECONDS = 6
SETTLED_SECONDS = 70
"""From the due instant until all are submitted, begun and seen to have begun."""
QUIET_SECONDS = 40
"""For so long nothing changes."""
DURATION = (SETTLED_SECONDS + QUIET_SECONDS, SETTLED_SECONDS + QUIET_SECONDS + 60)
MOST_SECONDS = 300.0


@dataclass(slots=True)
class Poll:
    """One look of the daemon at one host."""

    at: float
    active: int
    """Tasks that had not ended at the look before."""
    ended: int
    """Tasks that had ended by this one and that none before it had read."""
    lists: int = 0
    reads: int = 0
    needless: int = 0
    """Reads of tasks that had not ended by then, or that had been read since."""

    @property
    def requests(self) -> int:
        """The question for the host's counts, and what followed it."""
        return 1 + self.lists + self.reads

    @property
    def is_over(self) -> bool:
        """Whether it asked for more than a page for each 100 active and each task that has ended, once."""
        pages = ceil(self.active / PAGE) if self.ended else 0
        return self.lists > pages or self.needless > 0


def run() -> Iterator[Figure]:
    """Submit, wait until all run, then count requests and CPU in both stretches of time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with simulated_hosts(folder, hosts=HOSTS, devices=DEVICES, duration_seconds=DURATION) as urls:
            store = write_config(folder, hosts={f"farm{number}": url for number, url in enumerate(urls)})
            due = datetime.fromtimestamp(int(time.time()) + LEAD_SECONDS, tz=UTC)
            for number in range(HOSTS):
                write_campaign(
                    folder,
                    name=f"poll{number}",
                    host=f"farm{number}",
                    serials=[serial(device) for device in range(1, DEVICES + 1)],
                    window=window_from(due, length=timedelta(minutes=10)),
                    spread="together",
                )
            with daemon(folder) as process:
                sleep_until(due.timestamp() + SETTLED_SECONDS)
                begun = rows(store, "SELECT count(*) FROM assignments WHERE state = 'running'")
                assert begun == COUNT, f"{begun} were seen to have begun"
                quiet_from, cpu = time.time(), [cpu_seconds(process.pid)]
                sleep_until(quiet_from + QUIET_SECONDS - 5)
                quiet_until = time.time()
                cpu.append(cpu_seconds(process.pid))
                _wait_for_all(store)
                cpu.append(cpu_seconds(process.pid))
            histories = [history(url) for url in urls]
            singly = _single_reads(urls)
        lags = _lags(store, histories)
    polls = [list(_polls(happenings)) for happenings in histories]
    quiet = [poll for of_host in polls for poll in of_host if quiet_from <= poll.at < quiet_until]
    ending = [poll for of_host in polls for poll in of_host if poll.at >= quiet_until]
    rounds = len(quiet) / HOSTS
    yield Figure("requests a poll of a host, nothing changed", _mean(quiet), "", most=1.0)
    yield Figure("CPU of reading every task by itself (plain httpx)", singly * 1e3, "ms")
    yield Figure("CPU of a poll of all hosts, nothing changed", (cpu[1] - cpu[0]) * 1e3 / rounds, "ms")
    over = sum(poll.is_over for poll in ending)
    yield Figure("polls with more requests than allowed while all ended", over, "", most=0)
    yield Figure("requests for each task that ended", sum(p.requests for p in ending) / COUNT, "")
    yield Figure("CPU for each task that ended", (cpu[2] - cpu[1]) * 1e3 / COUNT, "ms")
    yield Figure("from the end to its record, median", quantiles(lags, n=100)[49], "s")
    yield Figure("from the end to its record, last", max(lags), "s", most=POLL_SECONDS + 0.5)


def _polls(happenings: Iterable[dict[str, Any]]) -> Iterator[Poll]:
    """Yield the looks at a host; each begins with the question for its counts."""
    active = before = 0
    unread: set[str] = set()
    poll: Poll | None = None
    for one in happenings:
        path = str(one.get("path", "")).partition("?")[0]
        match one["kind"]:
            case "committed":
                active += len(one["tasks"])
            case "completed" | "failed":
                active -= 1
                unread.add(str(one["task_id"]))
            case "requested" if path.endswith("/task/stats"):
                if poll is not None:
                    yield poll
                poll = Poll(one["at"], before, len(unread))
                before = active
            case "requested" if one["method"] == "GET" and path.endswith("/task") and poll is not None:
                poll.lists += 1
            case "requested" if one["method"] == "GET" and "/task/" in path and poll is not None:
                poll.reads += 1
                task_id = path.rpartition("/")[2]
                poll.needless += task_id not in unread
                unread.discard(task_id)
            case _:
                pass
    if poll is not None:
        yield poll


def _mean(polls: list[Poll]) -> float:
    return sum(poll.requests for poll in polls) / len(polls)


def _lags(store: Path, histories: list[list[dict[str, Any]]]) -> list[float]:
    """Return how long after each task's end the ledger has it."""
    connection = sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)
    question = "SELECT t.host, t.task_id, a.finished_at FROM tasks t JOIN assignments a ON a.key = t.key"
    recorded = {(host, task_id): at / 1e6 for host, task_id, at in connection.execute(question)}
    connection.close()
    return [
        recorded[f"farm{number}", str(one["task_id"])] - one["at"]
        for number, happenings in enumerate(histories)
        for one in happenings
        if one["kind"] == "completed"
    ]


def _wait_for_all(store: Path) -> None:
    ends = time.monotonic() + MOST_SECONDS
    while rows(store, "SELECT count(*) FROM assignments WHERE state = 'completed'") < COUNT:
        assert time.monotonic() < ends, "not all of them were seen to have ended"
        time.sleep(0.5)


def _single_reads(urls: list[str]) -> float:
    command = [sys.executable, "-m", "bench.plain_httpx", "read", str(COUNT), *urls]
    ran = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)  # noqa: S603
    return float(json.loads(ran.stdout)["cpu"])
