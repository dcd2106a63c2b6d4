"""`burst`: very many assignments due at one instant, against plain httpx, which records nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure, of
from bench.processes import cpu_seconds, daemon, environment, history, rows, simulated_hosts, sleep_until
from runner.app.submit import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
LEAD_SECONDS = 5
"""How long before the due instant the daemon is started."""
DURATION = (900, 900)
"""No task ends during a burst."""
MOST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much falls due at one instant, and on how many hosts, each of which has as much."""

    count: int = 1_000
    hosts: int = 1
    rounds: int = ROUNDS

    def __str__(self) -> str:
        return f"{self.count:,} on {self.hosts} host{'s' if self.hosts > 1 else ''}"

    @property
    def devices(self) -> int:
        """How many devices each host has."""
        return self.count // self.hosts


LOADS = (Load(), Load(hosts=10), Load(10_000, rounds=1))
_ONE = LOADS[0]


@dataclass(frozen=True, slots=True)
class Burst:
    """What one burst took; seconds."""

    first: float
    """From the due instant to the first create on any host; negative where one came early."""
    last: float
    cpu: float


def run() -> Iterator[Figure]:
    """Measure each load, then prove that every intent was on disk before its request."""
    for load in LOADS:
        yield from _compared(load)
    yield from proof()


def _compared(load: Load) -> Iterator[Figure]:
    """Measure both in turn, changing who goes first."""
    ours: list[Burst] = []
    plain: list[Burst] = []
    for number in range(load.rounds):
        turns = [lambda: ours.append(daemon_burst(load)), lambda: plain.append(plain_burst(load))]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    ratios = [mine.last / other.last for mine, other in zip(ours, plain, strict=True)]
    shares = [mine.cpu / other.cpu for mine, other in zip(ours, plain, strict=True)]
    first = [burst.first * 1e3 for burst in ours]
    each = 1e3 / load.count
    yield of(f"{load}: last submission, plain httpx", [burst.last for burst in plain], unit="s")
    yield of(f"{load}: last submission, daemon", [burst.last for burst in ours], unit="s")
    yield of(f"{load}: ratio daemon / plain httpx", ratios, unit="x", most=1.0)
    yield of(f"{load}: first submission after the due instant", first, unit="ms", most=50)
    yield of(f"{load}: earliest submission before it", [max(0, -b.first) for b in ours], unit="s", most=0)
    yield of(f"{load}: CPU per POST, plain httpx", [burst.cpu * each for burst in plain], unit="ms")
    yield of(f"{load}: CPU per submission", [burst.cpu * each for burst in ours], unit="ms", most=1.0)
    yield of(f"{load}: ratio of CPU, daemon / plain httpx", shares, unit="x")


def proof() -> Iterator[Figure]:
    """Run a burst against a host that looks into the store before it answers each create."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _daemon_burst(_ONE, folder, store=str(folder / "state" / "runner.db"))
        seen = [json.loads(line) for line in (folder / "state" / "runner.db.seen").read_text().splitlines()]
    assert len(seen) == _ONE.count
    unnoted = sum(one["outcomes"] != ["open"] for one in seen)
    yield Figure("creates whose intent was not committed on arrival", unnoted, "", most=0)
    yield Figure("most intents open at once", max(one["open"] for one in seen), "", most=WORKERS)


def daemon_burst(load: Load) -> Burst:
    """Let the daemon meet all assignments at one instant."""
    with TemporaryDirectory() as name:
        return _daemon_burst(load, Path(name))


def _daemon_burst(load: Load, folder: Path, **options: Any) -> Burst:
    with simulated_hosts(folder, **_hosts(load), **options) as urls:
        store = write_config(folder, hosts={f"farm{number}": url for number, url in enumerate(urls)})
        due = datetime.fromtimestamp(int(time.time()) + LEAD_SECONDS, tz=UTC)
        for number in range(load.hosts):
            write_campaign(
                folder,
                name=f"burst{number}",
                host=f"farm{number}",
                serials=[serial(device) for device in range(1, load.devices + 1)],
                window=window_from(due, length=timedelta(minutes=10)),
                spread="together",
            )
        with daemon(folder) as process:
            sleep_until(due.timestamp() - 0.5)
            before = cpu_seconds(process.pid)
            _wait_for_all(store, load)
            cpu = cpu_seconds(process.pid) - before
        at = _commits(urls)
    _check(at, store=store, load=load)
    return Burst(at[0] - due.timestamp(), at[-1] - due.timestamp(), cpu)


def plain_burst(load: Load) -> Burst:
    """Let plain httpx make the same creates."""
    with TemporaryDirectory() as name, simulated_hosts(Path(name), **_hosts(load)) as urls:
        command = [sys.executable, "-m", "bench.plain_httpx", "create", str(load.count), *urls]
        ran = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)  # noqa: S603
        told = json.loads(ran.stdout)
        at = _commits(urls)
    assert len(at) == load.count
    return Burst(at[0] - told["began"], at[-1] - told["began"], told["cpu"])


def _hosts(load: Load) -> dict[str, Any]:
    return {"hosts": load.hosts, "devices": load.devices, "duration_seconds": DURATION}


def _commits(urls: list[str]) -> list[float]:
    return sorted(one["at"] for url in urls for one in history(url) if one["kind"] == "committed")


def _wait_for_all(store: Path, load: Load) -> None:
    ends = time.monotonic() + MOST_SECONDS
    while rows(store, "SELECT count(*) FROM tasks") < load.count:
        assert time.monotonic() < ends, "not all of them were submitted"
        time.sleep(0.1)


def _check(at: list[float], *, store: Path, load: Load) -> None:
    accepted = "SELECT count(*) FROM intents WHERE act = 'create' AND outcome = 'accepted'"
    assert len(at) == load.count, f"{len(at)} creates were carried out"
    assert rows(store, "SELECT count(*) FROM intents") == load.count
    assert rows(store, accepted) == load.count
