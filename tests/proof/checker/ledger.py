"""What the runner says: its store's file, read as tables."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof.checker.plan import Key

if TYPE_CHECKING:
    from pathlib import Path

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One assignment as the store tells it; instants in seconds of the runner's clock."""

    key: Key
    name: str
    """The key by which the store knows it."""
    state: str
    reason: str | None
    opens: float
    closes: float
    due: float
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A task number that the store gives to an assignment."""

    host: str
    task_id: str
    name: str
    bound_at: float
    gone: bool


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that the store says it was about to make."""

    name: str
    host: str
    act: str
    outcome: str
    at: float
    body_sha256: str
    task_ids: frozenset[str]


class Store:
    """The tables, read once."""

    def __init__(self, path: Path) -> None:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            self.rows = [
                Row(
                    Key(campaign, script, day, window, host, target),
                    key, state, reason, opens / MICRO, closes / MICRO, due / MICRO,
                    None if finished_at is None else finished_at / MICRO,
                )
                for key, state, reason, due, finished_at, host, target, campaign, script, day, window, opens,
                closes in connection.execute(
                    "SELECT a.key, a.state, a.reason, a.due, a.finished_at, a.host, a.target,"
                    " r.campaign, r.script, r.day, r.window, r.opens, r.closes"
                    " FROM assignments a JOIN runs r ON r.id = a.run_id"
                )
            ]  # fmt: skip
            self.bound = [
                Bound(host, task_id, key, at / MICRO, bool(gone))
                for host, task_id, key, at, gone in connection.execute(
                    "SELECT host, task_id, key, bound_at, gone FROM tasks"
                )
            ]
            self.intents = [
                Intent(key, host, act, outcome, at / MICRO, sha, _task_ids(act, body))
                for key, host, act, outcome, at, sha, body in connection.execute(
                    "SELECT key, host, act, outcome, at, body_sha256, body FROM intents"
                )
            ]
            told = connection.execute(
                "SELECT at, host FROM events WHERE name = 'task.withdrawal_failed' AND host IS NOT NULL"
            )
            self.completed = {
                key
                for (key,) in connection.execute(
                    "SELECT key FROM events WHERE name = 'assignment.completed' AND key IS NOT NULL"
                )
            }
            """What was said to have completed at any time."""
            self.withdrawals_failed = [(at / MICRO, host) for at, host in told]
        finally:
            connection.close()
        self.by_key = {row.key: row for row in self.rows}
        self.by_name = {row.name: row for row in self.rows}
        self.intents_of: dict[str, list[Intent]] = {}
        for intent in self.intents:
            self.intents_of.setdefault(intent.name, []).append(intent)


def _task_ids(act: str, body: str) -> frozenset[str]:
    if act == "create":
        return frozenset()
    return frozenset(str(task_id) for task_id in json.loads(body).get("task_ids", ()))
