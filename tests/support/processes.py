"""The daemon and simulated hosts as processes of their own, ended by their id whatever a test does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from support.store import store_in

import runner
from runner.adapters.ledger import Reader
from runner.errors import LedgerUnavailable
from runner.model.instant import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from runner.model.record import AssignmentRecord

PROJECT = Path(runner.__file__).parents[1]
_HOST_FARM = Path(__file__).with_name("host_farm.py")
_LOOK_SECONDS = 0.1


def daemon_command(config: Path) -> list[str]:
    """Return the command that runs the daemon."""
    return [sys.executable, "-m", "runner", "--config", str(config), "run"]


def wait_until(met: Callable[[], Any], *, seconds: float, else_say: Callable[[], str]) -> None:
    """Look again and again until a condition is met; fail the test where that takes too long."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, f"after {seconds:g} s: {else_say()}"
        time.sleep(_LOOK_SECONDS)


def window(*, opens_in: float, lasts: float) -> str:
    """Return a window that opens so many seconds from now, e.g. `09:00:05-09:02:05`, in UTC."""
    opens = datetime.now(UTC) + timedelta(seconds=opens_in)
    closes = opens + timedelta(seconds=lasts)
    return f"{opens:%H:%M:%S}-{closes:%H:%M:%S}"


class Workplace:
    """A folder with a config, campaigns, a ledger and the log of all daemons that ran in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.log = folder / "daemon.log"

    @property
    def store_shown(self) -> str:
        """Return the store as the log names it."""
        return store_in(self.folder).removeprefix("sqlite:///")

    def write_config(
        self, hosts: Mapping[str, str], *, timeout: str = "2s", web: Mapping[str, Any] | None = None
    ) -> None:
        """Write a config with these hosts (name to URL) and quick intervals."""
        settings = {
            "poll_interval": "1s",
            "http": {"timeout": timeout, "settle": "1s"},
            "hosts": {name: {"url": url} for name, url in hosts.items()},
            # Several daemons at once would take the one default port from each other.
            "web": web or {"listen": "off"},
            "store": store_in(self.folder),
        }
        self.config.write_text(json.dumps(settings))
        (self.folder / "campaigns").mkdir(exist_ok=True)

    def write_campaign(self, name: str, **keys: Any) -> None:
        """Write a campaign file; JSON is YAML."""
        self.write_text(name, json.dumps({"name": name, **keys}))

    def write_text(self, name: str, text: str) -> None:
        """Put a campaign file in place as editors do: whole, by renaming."""
        file = self.folder / "campaigns" / f"{name}.yaml"
        draft = file.with_suffix(".draft")
        draft.write_text(text)
        draft.replace(file)

    def assignments(self, **wanted: Any) -> list[AssignmentRecord]:
        """Return what the ledger has; nothing while there is no ledger yet."""
        try:
            reader = Reader.open(store_in(self.folder))
        except LedgerUnavailable:
            return []
        try:
            return reader.assignments(**wanted)
        finally:
            reader.close()

    def states(self) -> Counter[str]:
        """Return how many assignments are in each state."""
        return Counter(record.state.value for record in self.assignments())

    def events(self) -> list[dict[str, Any]]:
        """Return the log's lines; the last one may still be being written."""
        text = self.log.read_text() if self.log.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def events_named(self, name: str) -> list[dict[str, Any]]:
        """Return the log's lines of one event."""
        return [event for event in self.events() if event["event"] == name]

    def command(self, *words: str) -> subprocess.Popen[str]:
        """Start a command beside the daemon; its output is to be read."""
        return subprocess.Popen(
            [sys.executable, "-m", "runner", "--config", str(self.config), *words, "--format", "json"],
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def daemon(
        self, *, through: Callable[[Sequence[str]], list[str]] = list, **options: Any
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run the daemon until the block ends; it is killed if it has not ended by then."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                through(daemon_command(self.config)),
                cwd=self.folder,
                env=_environment(),
                **{"stdout": log, "stderr": log, **options},
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def stopped(daemon: subprocess.Popen[bytes], *, within_seconds: float = 30) -> int:
    """Ask a daemon to stop, as systemd does, and return its exit code."""
    daemon.terminate()
    return daemon.wait(within_seconds)


@dataclass(frozen=True)
class Farm:
    """Simulated hosts in another process."""

    ports: Mapping[str, int]

    @property
    def urls(self) -> dict[str, str]:
        """The address of each host's API, by its name."""
        return {name: f"http://127.0.0.1:{port}/api/v1" for name, port in self.ports.items()}

    def lines(self, host: str) -> list[str]:
        """Return what truly happened on a host, in order, as JSON lines."""
        url = f"http://127.0.0.1:{self.ports[host]}/simulator/history"
        return httpx.get(url, trust_env=False, timeout=10).text.splitlines()

    def history(self, host: str) -> list[dict[str, Any]]:
        """Return what truly happened on a host, in order."""
        return [json.loads(line) for line in self.lines(host)]

    def commits(self, host: str) -> list[dict[str, Any]]:
        """Return the creates that made tasks on a host."""
        return [happening for happening in self.history(host) if happening["kind"] == "committed"]


@contextmanager
def farm(hosts: Sequence[Mapping[str, Any]]) -> Iterator[Farm]:
    """Serve simulated hosts on free ports until the block ends."""
    process = subprocess.Popen(
        [sys.executable, str(_HOST_FARM), json.dumps(hosts)],
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready = [json.loads(process.stdout.readline()) for _ in hosts]
        yield Farm({host["name"]: host["port"] for host in ready})
        process.stdin.close()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@dataclass(frozen=True)
class TrueResult:
    """What became of one submission, by the history of the host that it reached."""

    host: str
    serial: str
    script_name: str
    script_config: str
    state: str
    remark: str | None


_BECOMES = {
    "started": "running",
    "completed": "completed",
    "failed": "failed",
    "stopped": "failed",
    "returned": "submitted",
    "retried": "submitted",
}


def true_results(farm: Farm) -> list[TrueResult]:
    """Return what became of every submission of one task, by what the hosts recorded."""
    results = []
    for host in farm.ports:
        tasks: dict[int, TrueResult] = {}
        for happening in farm.history(host):
            kind = happening["kind"]
            if kind == "committed":
                body = happening["body"]
                (task,) = happening["tasks"]
                config = json.dumps(body["script_config"], sort_keys=True)
                tasks[task["number"]] = TrueResult(
                    host, task["serial"], body["script_name"], config, "submitted", None
                )
            elif kind in _BECOMES:
                made = tasks[happening["number"]]
                remark = happening.get("remark") if kind == "failed" else None
                tasks[happening["number"]] = TrueResult(
                    made.host, made.serial, made.script_name, made.script_config, _BECOMES[kind], remark
                )
        results += tasks.values()
    return results


def told_results(records: Sequence[AssignmentRecord]) -> list[TrueResult]:
    """Return the same facts as the ledger tells them."""
    return [
        TrueResult(
            record.assignment.target.host,
            record.assignment.target.name,
            record.run.order.script_name,
            sent_config(record),
            record.state.value,
            record.reason,
        )
        for record in records
    ]


def sent_config(record: AssignmentRecord) -> str:
    """Return the configuration that an assignment of these tests has to be sent with."""
    names = {
        "${campaign}": record.run.campaign,
        "${script}": record.run.script,
        "${serial}": record.assignment.target.name,
        "${date}": record.run.day.isoformat(),
    }
    text = json.dumps(dict(record.run.order.script_config), sort_keys=True)
    for placeholder, value in names.items():
        text = text.replace(placeholder, value)
    return text


def instant_of(seconds: float) -> int:
    """Return the instant of a time of a host's history."""
    return instant(datetime.fromtimestamp(seconds, UTC))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}
