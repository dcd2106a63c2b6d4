"""Processes that are measured: how they are started and ended, and what the kernel counts of them."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 30.0
_open = build_opener(ProxyHandler({})).open  # a proxy in the environment takes even loopback calls


def environment() -> dict[str, str]:
    """Return this process's environment, in which `runner` and `bench` are those of this folder."""
    # As where it is installed, the program is compiled once, not at every command.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environ | {"PYTHONPATH": str(ROOT)}


@contextmanager
def started(
    command: Sequence[str], *, folder: Path, output: Any = subprocess.PIPE, errors: Any = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command for a while; it is ended with SIGTERM, or killed where that does not help."""
    process = subprocess.Popen(  # noqa: S603 - commands of ours
        command, cwd=folder, env=environment(), stdout=output, stderr=errors, text=True
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def simulated_hosts(folder: Path, **options: Any) -> Iterator[list[str]]:
    """Serve simulated hosts in one process, and give their URLs; see `bench.host` for options."""
    with started([sys.executable, "-m", "bench.host", json.dumps(options)], folder=folder) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()


@contextmanager
def daemon(folder: Path, *, before: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """Run the real daemon in a folder with `config.yaml` and campaigns; its log goes to a file there."""
    with (folder / "runner.log").open("a") as log:
        command = [*before, sys.executable, "-m", "runner", "run"]
        with started(command, folder=folder, output=subprocess.DEVNULL, errors=log) as process:
            yield process


def history(url: str) -> list[dict[str, Any]]:
    """Return what truly happened on a simulated host."""
    with _open(url.replace("/api/v1", "/simulator/history"), timeout=30) as answer:
        return [json.loads(line) for line in answer.read().splitlines()]


def rows(store: Path, question: str) -> int:
    """Return the number that a question to a ledger's file has for an answer."""
    connection = sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute(question).fetchone()[0])
    finally:
        connection.close()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used so far, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def resident_megabytes(pid: int) -> float:
    """Return the memory that a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def cpu_of_command(command: Sequence[str], *, folder: Path, exits: int = 0) -> float:
    """Run a command to its end and return the CPU seconds of it and of all that it started.

    `exits` is the code that it has to end with.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(command, cwd=folder, env=environment(), check=False, capture_output=True)  # noqa: S603
    assert ran.returncode == exits, ran.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def sleep_until(unix_seconds: float) -> None:
    """Sleep until a moment of the wall clock."""
    time.sleep(max(0.0, unix_seconds - time.time()))
