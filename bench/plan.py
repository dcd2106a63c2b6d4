"""`plan`: a day of 100,000 assignments is planned and stored, against bare sqlite3 that is given the rows."""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.campaigns import SCRIPT_CONFIG, serial
from bench.figures import of
from bench.processes import environment
from runner.adapters.ledger import Ledger
from runner.core.expand import expand
from runner.model.campaign import Campaign, Entry, Placement, Target, TargetKind
from runner.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

CAMPAIGNS = 10
ENTRIES = 2
WINDOWS = 5
DEVICES = 1_000
COUNT = CAMPAIGNS * ENTRIES * WINDOWS * DEVICES
ROUNDS = 5
DAY = date(2026, 12, 1)
_COLUMNS = "key, run_id, host, kind, target, grp, idx, due, state, attempts"
_INSERT = f"INSERT INTO assignments ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,'planned',0)"  # noqa: S608 - constants


def run() -> Iterator[object]:
    """Measure both in processes of their own, in turn, changing who goes first."""
    ours, bare = [], []
    for number in range(ROUNDS):
        turns = [("ours", ours), ("bare", bare)]
        for who, results in turns if number % 2 else reversed(turns):
            command = [sys.executable, "-m", "bench.plan", who]
            ran = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)  # noqa: S603
            results.append(json.loads(ran.stdout))
    yield of("CPU, rows by bare sqlite3 executemany", [one["cpu"] for one in bare], unit="s")
    yield of("CPU, 100,000 planned and stored", [one["cpu"] for one in ours], unit="s", most=3)
    ratios = [mine["cpu"] / other["cpu"] for mine, other in zip(ours, bare, strict=True)]
    yield of("ratio planned and stored / bare rows", ratios, unit="x")
    yield of("growth of the largest memory held", [one["megabytes"] for one in ours], unit="MB", most=20)


def _campaign(number: int, *, devices: int) -> Campaign:
    placements = tuple(
        Placement(Target("farm", TargetKind.SERIAL, serial(device)), "devices") for device in range(devices)
    )
    hours = 86_400 // WINDOWS
    windows = tuple(Window(hours * each, hours * (each + 1)) for each in range(WINDOWS))
    entries = tuple(
        Entry(f"entry-{each}", "post", placements, windows, SCRIPT_CONFIG) for each in range(ENTRIES)
    )
    name = f"campaign-{number}"
    return Campaign(name, f"campaigns/{name}.yaml", "Europe/Stockholm", entries, version=f"{number:064}")


async def _ours(folder: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{folder / 'runner.db'}")
    # What is loaded and opened once is not the plan's.
    await _store(ledger, _campaign(-1, devices=1))
    campaigns = [_campaign(number, devices=DEVICES) for number in range(CAMPAIGNS)]
    held, cpu = _most_megabytes(), time.process_time()
    added = sum([await _store(ledger, campaign) for campaign in campaigns])
    figures = {"cpu": time.process_time() - cpu, "megabytes": _most_megabytes() - held}
    assert added == COUNT
    await ledger.close()
    print(json.dumps(figures))


async def _store(ledger: Ledger, campaign: Campaign) -> int:
    stored = await ledger.store_plan(
        campaign.name, DAY, campaign.version, expand(campaign, day=DAY), now=1_700_000_000_000_000
    )
    return stored.added


async def _bare(folder: Path) -> None:
    file = folder / "runner.db"
    await Ledger.open(f"sqlite:///{file}").close()
    rows = [
        (each.key, run_id, "farm", "serial", each.target.name, each.group, each.index, each.due)
        for number in range(CAMPAIGNS)
        for run_id, planned in enumerate(expand(_campaign(number, devices=DEVICES), day=DAY))
        for each in planned.assignments
    ]
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    cpu = time.process_time()
    connection.executemany(_INSERT, rows)
    connection.commit()
    cpu = time.process_time() - cpu
    assert connection.execute("SELECT count(*) FROM assignments").fetchone() == (COUNT,)
    connection.close()
    print(json.dumps({"cpu": cpu}))


def _most_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run({"ours": _ours, "bare": _bare}[sys.argv[1]](Path(name)))
