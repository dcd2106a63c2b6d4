"""`edit`: from a campaign file's change on disk to its effect in the daemon, among a thousand files."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.campaigns import SCRIPT_CONFIG, window_from, write_config
from bench.figures import Figure, of
from bench.processes import cpu_seconds, daemon, simulated_hosts, started

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 1_000
ENTRIES = (1, 20)
EDITS = 15
MOST_SECONDS = 2.0
IDLE_SECONDS = 10.0
_QUIET_SECONDS = 12.0
_EFFECT_SECONDS = 60.0
_LOOK_SECONDS = 0.005
# What an edit needs at the very least: a process that imports what checks files.
_YARDSTICK = "import runner.app.check_main"


def run() -> Iterator[Figure]:
    """Measure with small files and with large ones; edits come at random moments of the daemon's rhythm."""
    for entries in ENTRIES:
        with TemporaryDirectory() as name:
            yield from _edited(Path(name), entries=entries)


def _edited(folder: Path, *, entries: int) -> Iterator[Figure]:
    what = f"{FILES:,} files of {entries}"
    chance = Random(1)  # noqa: S311 - the same moments each time
    with simulated_hosts(folder, hosts=1, devices=5, duration_seconds=(1, 2)) as urls:
        write_config(folder, hosts={"farm": urls[0]})
        # Windows that are always half a day away: nothing else happens.
        opens = datetime.now(tz=UTC) + timedelta(hours=11)
        for number in range(FILES):
            _write(folder, number, entries=entries, opens=opens, caption="first")
        with daemon(folder) as process:
            began = time.monotonic()
            yield Figure(f"start, {what}: all planned", _quiet_after(folder) - began, "s")
            before, began = cpu_seconds(process.pid), time.monotonic()
            time.sleep(IDLE_SECONDS)
            share = 100 * (cpu_seconds(process.pid) - before) / (time.monotonic() - began)
            yield Figure(f"CPU while nothing is edited, {what}", share, "% of a core")
            seconds, yardsticks = [], []
            for edit in range(EDITS):
                time.sleep(chance.uniform(1.0, 3.0))
                seconds.append(_effect(folder, chance.randrange(FILES), entries, opens, f"edit {edit}"))
                yardsticks.append(_import_seconds(folder))
            yield of(f"a process that imports the checks, {what}", yardsticks, unit="s")
            yield of(f"edit to effect, {what}", seconds, unit="s", most=MOST_SECONDS)
            yield Figure(f"edit to effect, the slowest, {what}", max(seconds), "s", most=MOST_SECONDS)
            yield Figure("ratio edit / process", median(seconds) / median(yardsticks), "x")
            began = time.monotonic()
            for number in range(FILES):
                os.utime(folder / "campaigns" / f"c{number:04}.yaml")
            _effect(folder, 0, entries, opens, "after all were touched")
            yield Figure(f"edit among {FILES:,} touched files of {entries}", time.monotonic() - began, "s")
            began = time.monotonic()
            for number in range(FILES):
                _write(folder, number, entries=entries, opens=opens, caption="all at once")
            yield Figure(f"all {what} edited at once", _quiet_after(folder) - began, "s")


def _effect(folder: Path, number: int, entries: int, opens: datetime, caption: str) -> float:
    """Save a file as editors do, and return the seconds until the log tells of the plan that it changed."""
    log = folder / "runner.log"
    at = log.stat().st_size
    began = time.monotonic()
    _write(folder, number, entries=entries, opens=opens, caption=caption)
    wanted = f'"event": "campaign.planned", "campaign": "c{number:04}"'
    with log.open() as lines:
        lines.seek(at)
        found = ""
        while wanted not in found:
            assert time.monotonic() < began + _EFFECT_SECONDS, found
            time.sleep(_LOOK_SECONDS)
            found += lines.read()
    return time.monotonic() - began


def _quiet_after(folder: Path) -> float:
    """Wait until the daemon tells of nothing new any more; return since when."""
    log, since = folder / "runner.log", time.monotonic()
    size = -1
    while time.monotonic() < since + _QUIET_SECONDS:
        if log.exists() and log.stat().st_size != size:
            size, since = log.stat().st_size, time.monotonic()
        time.sleep(_LOOK_SECONDS)
    return since


def _import_seconds(folder: Path) -> float:
    began = time.monotonic()
    with started([sys.executable, "-c", _YARDSTICK], folder=folder) as process:
        process.wait()
    return time.monotonic() - began


def _write(folder: Path, number: int, *, entries: int, opens: datetime, caption: str) -> None:
    scripts = [
        {
            "name": f"entry-{each}",
            "script_name": "post",
            "device_groups": ["devices"],
            "start_time": window_from(opens + timedelta(minutes=each), length=timedelta(hours=1)),
            "script_config": {**SCRIPT_CONFIG, "captions": caption},
        }
        for each in range(entries)
    ]
    groups = {"devices": {"host": "farm", "serials": [f"SIM{1 + number % 5:04}"]}}
    beside = folder / "campaigns" / f".c{number:04}.tmp"
    beside.write_text(json.dumps({"device_groups": groups, "scripts": scripts}))
    beside.rename(folder / "campaigns" / f"c{number:04}.yaml")
