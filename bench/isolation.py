"""`isolation`: do hosts that hang, are dead or answer garbage delay what goes to the others?

The same load goes to two hosts that are well, once alone and once beside three that are not; each of the
five has the same number of assignments, spread evenly over one window.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure
from bench.processes import daemon, history, simulated_hosts, sleep_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WELL = 2
DEVICES = 300
WINDOW_SECONDS = 60
LAST_SECONDS = 20
"""What falls due in the last seconds goes before it is due, so that its answer comes inside the window."""
LEAD_SECONDS = 6
SICK: Mapping[str, dict[str, Any]] = {
    "hanging": {"kind": "hang", "work": "none", "seconds": 600},
    "garbage": {"kind": "garbage", "work": "none"},
}
DEAD = "http://127.0.0.1:9/api/v1"
"""The port for what is thrown away: nothing listens there."""


def run() -> Iterator[Figure]:
    """Measure how late the creates of the well hosts are, alone and in bad company."""
    alone = _late(beside_sick=False)
    beside = _late(beside_sick=True)
    yield Figure("late by, 99th percentile, alone", _p99(alone) * 1e3, "ms")
    yield Figure("late by, 99th percentile, beside the sick", _p99(beside) * 1e3, "ms", most=100)
    yield Figure("late by, most, beside the sick", max(beside) * 1e3, "ms")
    yield Figure("more than alone, 99th percentile", (_p99(beside) - _p99(alone)) * 1e3, "ms", most=100)


def _late(*, beside_sick: bool) -> list[float]:
    """Return how long after its due instant each create reached its host, in seconds."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        options = {"devices": DEVICES, "duration_seconds": (900, 900)}
        well = running.enter_context(simulated_hosts(folder, hosts=WELL, **options))
        hosts = {f"well{number}": url for number, url in enumerate(well)}
        if beside_sick:
            for sickness, fault in SICK.items():
                (hosts[sickness],) = running.enter_context(simulated_hosts(folder, fault=fault, **options))
            hosts["dead"] = DEAD
        store = write_config(folder, hosts=hosts)
        opens = datetime.fromtimestamp(int(time.time()) + LEAD_SECONDS, tz=UTC)
        for host in hosts:
            write_campaign(
                folder,
                name=f"isolation-{host}",
                host=host,
                serials=[serial(number) for number in range(1, DEVICES + 1)],
                window=window_from(opens, length=timedelta(seconds=WINDOW_SECONDS)),
            )
        running.enter_context(daemon(folder))
        sleep_until(opens.timestamp() + WINDOW_SECONDS + 2)
        due = _due(store)
        late = [
            one["at"] - due[f"well{number}", task["serial"]]
            for number, url in enumerate(well)
            for one in history(url)
            if one["kind"] == "committed"
            for task in one["tasks"]
            if due[f"well{number}", task["serial"]] < opens.timestamp() + WINDOW_SECONDS - LAST_SECONDS
        ]
    expected = WELL * DEVICES * (WINDOW_SECONDS - LAST_SECONDS) // WINDOW_SECONDS
    assert len(late) == expected, f"{len(late)} creates were carried out, not {expected}"
    assert min(late) >= 0, f"one was {-min(late):.3f} s early"
    return late


def _due(store: Path) -> dict[tuple[str, str], float]:
    """Return when each target's assignment falls due, in Unix seconds, by host and serial."""
    connection = sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)
    planned = connection.execute(
        "SELECT host, target, min(due) FROM assignments GROUP BY host, target"
    ).fetchall()
    connection.close()
    return {(host, target): due / 1e6 for host, target, due in planned}


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]
