"""A folder with a config and campaigns, in which commands are run and whose store is filled by hand."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from support.store import on_server, store_in

from runner.adapters.ledger import Ledger
from runner.app.load import load
from runner.cli.main import main
from runner.core.expand import plan_days
from runner.model.instant import SECOND, instant
from runner.model.record import (
    Act,
    Event,
    HostObserved,
    HostState,
    IntentClosed,
    IntentOpened,
    Outcome,
    StateChanged,
    TaskBound,
    TaskObserved,
)
from runner.model.state import State
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from click.testing import Result

CONFIG = """\
timezone: Europe/Stockholm
hosts:
  studio-pc: {url: "http://localhost:50809/api/v1"}
"""
CONFIGS = ("config.yaml", "draft.yaml")
CAMPAIGN = """\
device_groups:
  studio: {serials: [16091FDD40050N, R58M12345]}
scripts:
  - name: clip
    script_name: post
    device_groups: [studio]
    start_time: "09:00-11:00"
    script_config: {captions: Hej}
"""


class Project:
    """One folder; every command is run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = store_in(folder)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in CONFIGS and on_server() and "\nstore:" not in f"\n{text}":
            text += f"store: {self.store}\n"
        path.write_text(text, encoding="utf-8")

    def ask(self, *words: object, **env: str) -> Result:
        """Run a command in this process."""
        return CliRunner(env=env).invoke(main, [str(word) for word in words], prog_name="campaign-runner")

    def table(self, *words: object, **env: str) -> str:
        """Return the table that a command shows."""
        result = self.ask(*words, "--format", "table", **env)
        assert result.exit_code == 0, result.output
        return result.stdout

    def rows(self, *words: object) -> Any:
        """Return what a command shows as JSON."""
        result = self.ask(*words, "--format", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def plan(self, day: date, *, days: int = 1) -> list[str]:
        """Store the plan of a day, accept the campaigns, and return the keys in the order of the plan."""
        loaded = load(None, environ={}, working_folder=self.folder)
        keys = []

        async def store(ledger: Ledger) -> None:
            for campaign in loaded.campaigns:
                await ledger.accept_version(
                    campaign.name, file=campaign.file, version=campaign.version, text="", now=0
                )
                runs = list(plan_days([campaign], first=day, days=days))
                for of_day in sorted({run.run.day for run in runs}):
                    planned = [run for run in runs if run.run.day == of_day]
                    await ledger.store_plan(campaign.name, of_day, campaign.version, planned, now=0)
                keys.extend(assignment.key for run in runs for assignment in run.assignments)

        self.with_ledger(store)
        return keys

    def commit(self, *changes: Any) -> None:
        self.with_ledger(lambda ledger: ledger.commit(changes))

    def beat(self, at: int) -> None:
        self.with_ledger(lambda ledger: ledger.beat(at))

    def with_ledger(self, work: Any) -> None:
        async def scenario() -> None:
            ledger = Ledger.open(self.store, durable=False)
            try:
                await work(ledger)
            finally:
                await ledger.close()

        asyncio.run(scenario())


def at(text: str) -> int:
    """Return an instant that is written as ISO 8601."""
    return instant(datetime.fromisoformat(text))


def now() -> int:
    return instant(datetime.now(UTC))


def seconds(count: float) -> int:
    return round(count * SECOND)


def moved(key: str, *states: str, **more: Any) -> Sequence[StateChanged]:
    """Return the changes of an assignment from `planned` through states; `more` belongs to the last one."""
    way = [State.PLANNED, *map(State, states)]
    return [
        StateChanged(key, was, becomes, **(more if becomes is way[-1] else {}))
        for was, becomes in pairwise(way)
    ]


def submitted(key: str, *, task: str, when: int, outcome: str = "accepted") -> list[Any]:
    """Return an intent, its outcome and its task."""
    intent_id = f"{key}.1"
    body = '{"serials":["S"]}'
    return [
        IntentOpened(intent_id, key, "studio-pc", Act.CREATE, 1, body, "0" * 64, when),
        IntentClosed(intent_id, Outcome(outcome), None, when + SECOND),
        TaskBound("studio-pc", task, key, intent_id, when + SECOND),
    ]


def observed(task: str, *, when: int, status: int = 2, gone: bool = False, remark: str | None = None) -> Any:
    return TaskObserved(
        "studio-pc", task, TaskStatus(status), gone, remark, 0, "2026-12-01 09:30:05", None, when
    )


def host_seen(state: str = "ready", *, when: int, detail: str | None = None) -> HostObserved:
    return HostObserved("studio-pc", HostState(state), detail, "Pro", 20, when)


def happened(name: str, *, when: int, **fields: Any) -> Event:
    return Event(when, name, fields)
