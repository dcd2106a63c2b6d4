"""The demo's two processes, started as a user would start them: simulated hosts, and the daemon."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runner.cli.demo.files import DEVICES_EACH, HOSTS
from runner.errors import RunnerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOP_SECONDS = 30
"""How long the daemon may take to end; it promises less."""

_SIMULATOR = (
    "simulator", "--port", "0", "--hosts", str(len(HOSTS)), "--devices", str(DEVICES_EACH),
    "--accounts-each", "1", "--duration", "0.8..2", "--failure-rate", "0.12", "--seed", "7",
    "--name", "demo",
)  # fmt: skip


@contextmanager
def simulated_hosts(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the demo's hosts, and give their URLs by name.

    Raises:
        RunnerError: they did not start.
    """
    with _process(*_SIMULATOR, folder=folder, log=folder / "simulator.log") as process:
        stdout = process.stdout
        lines = [] if stdout is None else [stdout.readline() for _ in HOSTS]
        # Each line names a host, its address and how many devices it has.
        urls = [word for line in lines for word in line.split() if word.startswith("http://")]
        if len(urls) != len(HOSTS):
            raise RunnerError(f"the simulated hosts did not start; see {folder / 'simulator.log'}")
        yield dict(zip(HOSTS, urls, strict=True))


@contextmanager
def daemon(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon on the demo's config; its log goes to `daemon.log`."""
    config = str(folder / "config.yaml")
    with _process("--config", config, "run", folder=folder, log=folder / "daemon.log") as process:
        yield process


@contextmanager
def _process(*arguments: str, folder: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "runner", *arguments]
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=folder, stdout=subprocess.PIPE, stderr=written, text=True, encoding="utf-8"
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
