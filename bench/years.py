"""`years`: a store of a million assignments, asked, planned into, worked from and rid of its older half."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from bench.campaigns import serial, window_from, write_campaign, write_config
from bench.figures import Figure, of
from bench.million import COUNT, DAYS, build
from bench.processes import environment, history, rows, simulated_hosts, started
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TURNS = 3
DEVICES = 1_000
PLANNED_DEVICES = 10_000
START_SECONDS = 30
"""From the start of a daemon to its first window; a store of many gigabytes is checked first."""
EVEN_SECONDS = 300
"""The window beside which the older half is deleted."""
CALM_SECONDS = 60
"""How much of it passes before that."""
LAST_SECONDS = 20
MOST_SECONDS = 600.0
_ASKED: dict[str, tuple[Sequence[str], float | None]] = {
    "status": (("status",), 0.3),
    "results of a day": (("results", "--date", "{day}"), 0.5),
    "runs of a day": (("runs", "--date", "{day}"), None),
    "show": (("show", "{key}"), None),
    "why": (("why", "--date", "{day}", "{target}"), None),
    "events": (("events",), None),
    "plan": (("plan",), None),
    "audit verify": (("audit", "verify"), None),
}


@dataclass(slots=True)
class Place:
    """A folder with its config, its store and its daemon's log."""

    folder: Path
    url: str
    store: Path

    @property
    def log(self) -> Path:
        """Where its daemon's log is."""
        return self.folder / "runner.log"


def run(total: int = COUNT, days: int = DAYS) -> Iterator[Figure]:
    """Build the store, then measure on it and on an empty one in turn."""
    with TemporaryDirectory() as name, simulated_hosts(Path(name), **_hosts()) as urls:
        old, new = (_place(Path(name) / which, url) for which, url in zip(("old", "new"), urls, strict=True))
        old.store.parent.mkdir()
        began = time.monotonic()
        build(old.store, now=time.time_ns() // 1_000, total=total, days=days)
        yield Figure(f"building a store of {total:,}", time.monotonic() - began, "s")
        yield from _asked(old)
        yield from _burst(old, new)
        yield from _deleted(old, total=total, days=days)


def _hosts() -> dict[str, Any]:
    return {"hosts": 2, "devices": PLANNED_DEVICES, "duration_seconds": (5, 10)}


def _place(folder: Path, url: str) -> Place:
    folder.mkdir()
    return Place(folder, url, write_config(folder, hosts={"farm": url}))


def _asked(place: Place) -> Iterator[Figure]:
    day = (datetime.now(tz=UTC) - timedelta(days=10)).date().isoformat()
    key = rows_of(place, "SELECT key FROM assignments WHERE submitted_at IS NOT NULL LIMIT 1")
    target = rows_of(place, "SELECT target FROM assignments LIMIT 1")
    for name, (words, most) in _ASKED.items():
        command = [word.format(day=day, key=key, target=target) for word in words]
        yield of(f"`{name}`", [_seconds(place, command) for _ in range(TURNS)], unit="s", most=most)
    yield of("`--help`, which asks nothing", [_seconds(place, ["--help"]) for _ in range(TURNS)], unit="s")


def rows_of(place: Place, question: str) -> str:
    """Return the text that a question to the store has for an answer."""
    with closing(sqlite3.connect(f"{place.store.as_uri()}?mode=ro", uri=True)) as connection:
        return str(connection.execute(question).fetchone()[0])


def _seconds(place: Place, words: Sequence[str]) -> float:
    command = [sys.executable, "-m", "runner", *words]
    began = time.monotonic()
    ran = subprocess.run(  # noqa: S603 - commands of ours
        command, cwd=place.folder, env=environment(), check=False, capture_output=True, text=True
    )
    took = time.monotonic() - began
    assert ran.returncode == 0, (words, ran.returncode, ran.stderr[-500:])
    return took


def _burst(old: Place, new: Place) -> Iterator[Figure]:
    """Let both stores plan much, then submit a thousand at one instant."""
    found: dict[str, list[tuple[float, float, float]]] = {"old": [], "new": []}
    for number in range(TURNS):
        turns = [("old", old), ("new", new)]
        for which, place in turns if number % 2 else reversed(turns):
            found[which].append(_one_burst(place, number))
    for index, what in enumerate(("start", f"planning {PLANNED_DEVICES:,}", "burst of 1,000")):
        on_old, on_new = ([turn[index] for turn in found[which]] for which in ("old", "new"))
        yield of(f"{what}, empty store", on_new, unit="s")
        yield of(f"{what}, store of years", on_old, unit="s")
        ratios = [a / b for a, b in zip(on_old, on_new, strict=True)]
        yield of(f"{what}, ratio", ratios, unit="x", most=None if what == "start" else 1.25)


def _one_burst(place: Place, number: int) -> tuple[float, float, float]:
    """Return the seconds of a start, of planning from the edit on, and to the last create of a burst."""
    due = datetime.fromtimestamp(int(time.time()) + START_SECONDS + 15, tz=UTC)
    serials = [serial(one) for one in range(1, DEVICES + 1)]
    window = window_from(due, length=timedelta(minutes=5))
    before = len(_committed(place))
    began = time.time()
    with _daemon(place):
        started_at = _told(place, '"daemon.started"', since=began)
        name = f"burst-{number}"
        write_campaign(
            place.folder, name=name, host="farm", serials=serials, window=window, spread="together"
        )
        wrote = time.time()
        many = [serial(one) for one in range(1, PLANNED_DEVICES + 1)]
        tomorrow = window_from(due + timedelta(hours=12), length=timedelta(minutes=5))
        write_campaign(place.folder, name=f"many-{number}", host="farm", serials=many, window=tomorrow)
        planned_at = _told(place, f'"campaign.planned", "campaign": "many-{number}"', since=wrote)
        while len(_committed(place)) < before + DEVICES:
            assert time.time() < due.timestamp() + MOST_SECONDS, "not all were submitted"
            time.sleep(0.5)
    last = max(_committed(place))
    for name in (f"burst-{number}", f"many-{number}"):
        (place.folder / "campaigns" / f"{name}.yaml").unlink()
    return started_at - began, planned_at - wrote, last - due.timestamp()


def _deleted(place: Place, *, total: int, days: int) -> Iterator[Figure]:
    """Submit evenly, and have the older half deleted meanwhile."""
    config = json.loads((place.folder / "config.yaml").read_text())
    (place.folder / "config.yaml").write_text(json.dumps({**config, "retention": f"{days // 2}d"}))
    opens = datetime.fromtimestamp(int(time.time()) + START_SECONDS, tz=UTC)
    serials = [serial(one) for one in range(1, DEVICES + 1)]
    window = window_from(opens, length=timedelta(seconds=EVEN_SECONDS))
    write_campaign(place.folder, name="even", host="farm", serials=serials, window=window)
    size, began = place.store.stat().st_size, time.time()
    with _largest(place.store.with_name("runner.db-wal")) as log_sizes:
        with _daemon(place, delay_seconds=START_SECONDS + CALM_SECONDS):
            from_at = _told(place, '"audit.head"', since=began)
            until = _told(place, '"store.compacted"', since=began)
            yield of("`backup` while it runs", [_seconds(place, ["backup", "copy.db"])], unit="s")
            time.sleep(max(0.0, opens.timestamp() + EVEN_SECONDS - LAST_SECONDS - time.time()))
        left = rows(place.store, "SELECT count(*) FROM assignments")
    ends = opens.timestamp() + EVEN_SECONDS - LAST_SECONDS
    late = sorted((due, at - due) for due, at in _dues(place) if due < ends)
    calm = [by for due, by in late if due < from_at - 1]
    beside = [by for due, by in late if from_at <= due <= until]
    yield Figure(f"deleting about half of {total:,}", until - from_at, "s", most=30, note=f"{left:,} left")
    yield Figure("late by, 99th percentile, before", quantiles(calm, n=100)[98] * 1e3, "ms")
    yield Figure("late by, 99th percentile, meanwhile", quantiles(beside, n=100)[98] * 1e3, "ms")
    yield Figure("late by, most, before", max(calm) * 1e3, "ms")
    yield Figure("late by, most, meanwhile", max(beside) * 1e3, "ms", most=max(calm) * 1e3 + 100)
    yield Figure("store before", size / 1e6, "MB")
    yield Figure("store after, with room for what comes", place.store.stat().st_size / 1e6, "MB")
    yield Figure("the log at its largest", max(log_sizes) / 1e6, "MB")


@contextmanager
def _daemon(place: Place, *, delay_seconds: float = 86_400.0) -> Iterator[None]:
    with place.log.open("a") as log:
        command = [sys.executable, "-m", "bench.retaining", str(delay_seconds), "run"]
        with started(command, folder=place.folder, output=subprocess.DEVNULL, errors=log):
            yield


@contextmanager
def _largest(file: Path) -> Iterator[list[int]]:
    """Look again and again how large a file is."""
    sizes, ended = [0], Event()

    def look() -> None:
        while not ended.wait(0.2):
            if file.exists():
                sizes.append(file.stat().st_size)

    looking = Thread(target=look, daemon=True)
    looking.start()
    try:
        yield sizes
    finally:
        ended.set()
        looking.join()


def _told(place: Place, words: str, *, since: float) -> float:
    """Wait until the log holds an event from some moment on, and return when it happened."""
    ends = time.monotonic() + MOST_SECONDS
    while time.monotonic() < ends:
        for line in place.log.read_text().splitlines() if place.log.exists() else ():
            if words in line:
                at = datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
                if at >= since - 1:
                    return at
        time.sleep(0.1)
    raise AssertionError(f"{words} was never told")


def _committed(place: Place) -> list[float]:
    return [one["at"] for one in history(place.url) if one["kind"] == "committed"]


def _dues(place: Place) -> list[tuple[float, float]]:
    """Return when each assignment of the even window was due, and when its create was carried out."""
    question = (
        "SELECT json_group_object(target, due) FROM assignments "
        "WHERE submitted_at IS NOT NULL AND run_id IN (SELECT id FROM runs WHERE campaign = 'even')"
    )
    due = {target: at / SECOND for target, at in json.loads(rows_of(place, question)).items()}
    first = min(due.values()) - 1
    return [
        (due[task["serial"]], one["at"])
        for one in history(place.url)
        if one["kind"] == "committed" and one["at"] > first
        for task in one["tasks"]
    ]
