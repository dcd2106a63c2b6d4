"""`idle`: a daemon with a hundred campaigns and three hosts that has nothing to do for a minute."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure
from bench.processes import cpu_seconds, daemon, resident_megabytes, simulated_hosts, started

if TYPE_CHECKING:
    from collections.abc import Iterator

CAMPAIGNS = 100
HOSTS = 3
DEVICES = 20
STARTING_SECONDS = 20
IDLE_SECONDS = 60
_LIBRARIES = "import apscheduler, httpx, yaml, pydantic, structlog, time; time.sleep(600)"
"""The five given ones, as a script would import them; without what apscheduler loads for a scheduler."""


def run() -> Iterator[Figure]:
    """Measure both at the same time: they do not disturb each other, since neither does anything."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        urls = running.enter_context(
            simulated_hosts(folder, hosts=HOSTS, devices=DEVICES, duration_seconds=(20, 90))
        )
        hosts = {f"farm-{number}": url for number, url in enumerate(urls)}
        write_config(folder, hosts=hosts)
        # A window that is always half a day away.
        window = window_from(datetime.now(tz=UTC) + timedelta(hours=11), length=timedelta(hours=2))
        for number in range(CAMPAIGNS):
            write_campaign(
                folder,
                name=f"campaign-{number:03}",
                host=f"farm-{number % HOSTS}",
                serials=[serial(device) for device in range(1, DEVICES + 1)],
                window=window,
            )
        bare = running.enter_context(started([sys.executable, "-c", _LIBRARIES], folder=folder))
        process = running.enter_context(daemon(folder))
        time.sleep(STARTING_SECONDS)
        before, began = cpu_seconds(process.pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        share = 100 * (cpu_seconds(process.pid) - before) / (time.monotonic() - began)
        ours, libraries = resident_megabytes(process.pid), resident_megabytes(bare.pid)
    yield Figure("memory, five libraries and a sleep", libraries, "MB")
    yield Figure("memory, daemon", ours, "MB", most=90)
    yield Figure("ratio daemon / five libraries", ours / libraries, "x")
    yield Figure("CPU over a minute, daemon", share, "% of a core", most=0.3)
