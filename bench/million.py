"""A ledger as it is after months: a million assignments with their requests, tasks and events."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bench.campaigns import SCRIPT_CONFIG, serial
from runner.adapters.ledger import Ledger
from runner.core.keys import keys_of_run
from runner.model.audit import GENESIS, link
from runner.model.campaign import Target, TargetKind
from runner.model.instant import SECOND, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from runner.model.instant import Instant

COUNT = 1_000_000
DAYS = 90
DEVICES = 1_000
"""In each run, a hundred on each host."""
PER_HOST = 100
CAMPAIGNS = 5
_WINDOW = "00:00-24:00"
_DAY_US = 86_400 * SECOND
_ORDER = {
    "script_config": SCRIPT_CONFIG,
    "enable_multi_account": False,
    "min_interval": None,
    "max_interval": None,
    "expected_tasks": 1,
    "retry": None,
    "at_close": "leave",
    "on_unsettled": "resubmit",
}
_INSERTS = {
    "runs": 11,
    "assignments": 16,
    "intents": 18,
    "tasks": 14,
    "observations": 10,
    "events": 8,
}
_EVENTS = (
    ("assignment.submitting", 0, {"state": "submitting"}),
    ("submission.accepted", 300_000, {"attempt": 1}),
    ("assignment.submitted", 300_000, {"state": "submitted"}),
    ("assignment.running", 20 * SECOND, {"state": "running"}),
    ("task.observed", 20 * SECOND, {"status": "running"}),
    ("assignment.completed", 90 * SECOND, {"state": "completed", "duration_seconds": 89.7}),
)


@dataclass(slots=True)
class _Rows:
    """The rows of one day, by table."""

    events: Iterator[int] = field(default_factory=lambda: count(1))
    observations: Iterator[int] = field(default_factory=lambda: count(1))
    last_hash: bytes = GENESIS
    last_id: int = 0
    of: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in _INSERTS})

    def write(self, connection: sqlite3.Connection) -> None:
        # As in life: each table grows in the order of time.
        self.of["events"].sort(key=lambda row: row[0])
        numbered = []
        for at, name, campaign, key, host, fields in self.of["events"]:
            self.last_id += 1
            self.last_hash = link(
                self.last_hash, self.last_id, at, name, campaign=campaign, key=key, host=host, fields=fields
            )
            numbered.append((self.last_id, at, name, campaign, key, host, fields, self.last_hash))
        self.of["events"] = numbered
        for table, columns in _INSERTS.items():
            marks = ",".join("?" * columns)
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", self.of[table])  # noqa: S608
            self.of[table] = []


def build(file: Path, *, now: Instant, total: int = COUNT, days: int = DAYS) -> None:
    """Write a ledger with so many assignments, of which the last were due just before `now`."""
    asyncio.run(Ledger.open(f"sqlite:///{file}").close())
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    connection.execute("BEGIN")
    rows = _Rows()
    today = moment(now, zone=ZoneInfo("UTC")).date()
    runs = max(1, total // DEVICES)
    written_for = today - timedelta(days=days)
    for number in range(runs):
        day = today - timedelta(days=days - 1 - number * days // runs)
        if day != written_for:
            rows.write(connection)
            written_for = day
        _run(rows, number + 1, day, now=now)
    rows.write(connection)
    connection.execute("UPDATE chain SET head_id = ?, head_hash = ?", (rows.last_id, rows.last_hash))
    for number in range(CAMPAIGNS):
        planned = {today - timedelta(days=back) for back in range(days)}
        connection.executemany(
            "INSERT INTO plans VALUES (?,?,?,?)",
            [(f"campaign-{number}", day.isoformat(), "v1", now) for day in sorted(planned)],
        )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _run(rows: _Rows, run_id: int, day: date, *, now: Instant) -> None:
    campaign, script = f"campaign-{run_id % CAMPAIGNS}", f"entry-{run_id}"
    today = moment(now, zone=ZoneInfo("UTC")).date()
    opens = now - now % _DAY_US - (today - day).days * _DAY_US
    order = json.dumps(_ORDER, separators=(",", ":"))
    closes = opens + _DAY_US
    rows.of["runs"].append(
        (run_id, campaign, script, "post", day.isoformat(), _WINDOW, "UTC", opens, closes, "v1", order)
    )
    key_of = keys_of_run(campaign, script=script, day=day, window=_WINDOW)
    for number in range(DEVICES):
        target = Target(f"pc-{number // PER_HOST}", TargetKind.SERIAL, serial(number % PER_HOST + 1))
        due = min(opens + number * _DAY_US // DEVICES, now - 300 * SECOND)
        _assignment(rows, run_id, number, key_of(target), target, due, campaign=campaign, script=script)


def _assignment(
    rows: _Rows,
    run_id: int,
    number: int,
    key: str,
    target: Target,
    due: Instant,
    *,
    campaign: str,
    script: str,
) -> None:
    assigned = (run_id - 1) * DEVICES + number + 1
    place = (assigned, key, run_id, target.host, "serial", target.name, "devices", number, due)
    about = {"script": script, "script_name": "post", "serial": target.name}
    if number % 50 == 0:
        reason = "the host was not reachable until its window closed"
        rows.of["assignments"].append((*place, "missed", reason, 0, None, due, due, None))
        told = json.dumps({**about, "state": "missed", "reason": reason})
        rows.of["events"].append((due, "assignment.missed", campaign, key, target.host, told))
        return
    ended = due + 90 * SECOND
    intent_id, task_id = f"{due}.{key}", str(run_id * PER_HOST + number % PER_HOST)
    rows.of["assignments"].append((*place, "completed", None, 1, due, ended, due, None))
    shown = {"task_ids": [str(int(task_id) - back * PER_HOST) for back in range(1, 9)], "sentinel": task_id}
    body = json.dumps({"serials": [target.name], "script_name": "post", "script_config": SCRIPT_CONFIG})
    rows.of["intents"].append(
        (
            *(intent_id, key, target.host, "create", 1, body, "0" * 64, due, "accepted", None, due + 300_000),
            *(json.dumps(shown), campaign, script, "post", "serial", target.name, assigned),
        )
    )
    times = (moment(due + 20 * SECOND).isoformat(" ")[:19], moment(ended).isoformat(" ")[:19])
    rows.of["tasks"].append(
        (target.host, task_id, 0, key, intent_id, due + 300_000, 2, False, None, 0, *times, ended, assigned)
    )
    for status, at, shown_times in ((1, due + 20 * SECOND, (times[0], None)), (2, ended, times)):
        seen = next(rows.observations)
        rows.of["observations"].append((seen, target.host, task_id, status, False, None, 0, *shown_times, at))
    for name, later, fields in _EVENTS:
        told = json.dumps({**about, **fields, "task_ids": [int(task_id)]}, separators=(",", ":"))
        rows.of["events"].append((due + later, name, campaign, key, target.host, told))
