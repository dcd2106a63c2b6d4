"""`burst`: a thousand assignments due at one instant on one host, against plain httpx, recording nothing."""

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
from bench.processes import cpu_seconds, daemon, environment, history, rows, simulated_host, sleep_until
from runner.app.submit import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 1_000
ROUNDS = 5
HOST: dict[str, Any] = {"devices": COUNT, "duration_seconds": (900, 900)}
"""No task ends during a burst."""
LEAD_SECONDS = 5
"""How long before the due instant the daemon is started."""
MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What one burst took; seconds."""

    first: float
    """From the due instant to the host's first create; negative where one came early."""
    last: float
    cpu: float


def run() -> Iterator[Figure]:
    """Measure both in turn, changing who goes first, then prove that every intent was on disk before."""
    ours: list[Burst] = []
    plain: list[Burst] = []
    for number in range(ROUNDS):
        turns = [lambda: ours.append(daemon_burst()), lambda: plain.append(plain_burst())]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    ratios = [mine.last / other.last for mine, other in zip(ours, plain, strict=True)]
    yield of("last submission, plain httpx", [burst.last for burst in plain], unit="s")
    yield of("last submission, daemon", [burst.last for burst in ours], unit="s")
    yield of("ratio daemon / plain httpx", ratios, unit="x", most=1.0)
    yield of(
        "first submission after the due instant", [burst.first * 1e3 for burst in ours], unit="ms", most=50
    )
    yield of("earliest submission before it", [max(0, -burst.first) for burst in ours], unit="s", most=0)
    yield of("CPU per POST, plain httpx", [burst.cpu * 1e3 / COUNT for burst in plain], unit="ms")
    yield of("CPU per submission, daemon", [b.cpu * 1e3 / COUNT for b in ours], unit="ms", most=1.0)
    shares = [mine.cpu / other.cpu for mine, other in zip(ours, plain, strict=True)]
    yield of("ratio of CPU, daemon / plain httpx", shares, unit="x")
    yield from proof()


def proof() -> Iterator[Figure]:
    """Run a burst against a host that looks into the store before it answers each create."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        daemon_burst(folder, ask_store=True)
        seen = [json.loads(line) for line in _seen_by_host(folder)]
    assert len(seen) == COUNT
    unnoted = sum(one["outcomes"] != ["open"] for one in seen)
    yield Figure("creates whose intent was not committed on arrival", unnoted, "", most=0)
    yield Figure("most intents open at once", max(one["open"] for one in seen), "", most=WORKERS)


def _seen_by_host(folder: Path) -> list[str]:
    return (folder / "state" / "runner.db.seen").read_text().splitlines()


def daemon_burst(folder: Path | None = None, *, ask_store: bool = False) -> Burst:
    """Let the daemon meet a thousand assignments due at one instant."""
    if folder is None:
        with TemporaryDirectory() as name:
            return daemon_burst(Path(name))
    options: dict[str, Any] = {"store": str(folder / "state" / "runner.db")} if ask_store else {}
    with simulated_host(folder, **HOST, **options) as url:
        store = write_config(folder, hosts={"farm": url})
        due = datetime.fromtimestamp(int(time.time()) + LEAD_SECONDS, tz=UTC)
        write_campaign(
            folder,
            name="burst",
            host="farm",
            serials=[serial(number) for number in range(1, COUNT + 1)],
            window=window_from(due, length=timedelta(minutes=10)),
            spread="together",
        )
        with daemon(folder) as process:
            sleep_until(due.timestamp() - 0.5)
            before = cpu_seconds(process.pid)
            _wait_for_all(store)
            cpu = cpu_seconds(process.pid) - before
        return _checked(_commits(url), store=store, due=due.timestamp(), cpu=cpu)


def plain_burst() -> Burst:
    """Let plain httpx make the same creates."""
    with (
        TemporaryDirectory() as name,
        simulated_host(Path(name), devices=COUNT, duration_seconds=(900, 900)) as url,
    ):
        command = [sys.executable, "-m", "bench.plain_httpx", "create", url, str(COUNT)]
        ran = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)  # noqa: S603
        told = json.loads(ran.stdout)
        at = _commits(url)
        assert len(at) == COUNT
        return Burst(at[0] - told["began"], at[-1] - told["began"], told["cpu"])


def _commits(url: str) -> list[float]:
    return [one["at"] for one in history(url) if one["kind"] == "committed"]


def _wait_for_all(store: Path) -> None:
    ends = time.monotonic() + MOST_SECONDS
    while rows(store, "SELECT count(*) FROM tasks") < COUNT:
        assert time.monotonic() < ends, "not all of them were submitted"
        time.sleep(0.1)


def _checked(at: list[float], *, store: Path, due: float, cpu: float) -> Burst:
    accepted = "SELECT count(*) FROM intents WHERE act = 'create' AND outcome = 'accepted'"
    assert len(at) == COUNT, f"{len(at)} creates were carried out"
    assert rows(store, "SELECT count(*) FROM intents") == COUNT
    assert rows(store, accepted) == COUNT
    return Burst(at[0] - due, at[-1] - due, cpu)
