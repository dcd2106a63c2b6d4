"""Run commands in terminals of their own, as a person does, and read what they show."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from support.processes import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROWS, COLUMNS = 40, 110


class Terminal:
    """A terminal in which one command runs; what it writes is read at once, so that it never waits."""

    def __init__(self, command: str, *, folder: Path, environ: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=folder,
                # These would count more than the terminal's own size.
                env={name: value for name, value in environ.items() if name not in {"COLUMNS", "LINES"}},
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        self._written = bytearray()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def lines(self) -> list[str]:
        """Return what it shows by now."""
        return self._written.decode(errors="replace").replace("\r\n", "\n").splitlines()

    def wait(self, *, seconds: float) -> int:
        """Wait for its command to end, and return the exit code."""
        code = self._process.wait(seconds)
        self._reading.join(seconds)
        return code

    def press_ctrl_c(self) -> None:
        """Do what a terminal does on Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)

    def close(self) -> None:
        """End what still runs."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reading.join()
        os.close(self._ours)

    def _read(self) -> None:
        # Linux says so with an error where nobody has the other end of a terminal any more.
        with suppress(OSError):
            while part := os.read(self._ours, 65_536):
                self._written += part


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which `campaign-runner` is this project's, in plain text, for a user `eva`."""
    commands = folder / "commands"
    commands.mkdir()
    script = commands / "campaign-runner"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m runner "$@"\n')
    script.chmod(0o755)
    # As where it is installed, the program is compiled once, not at every command.
    left_out = {"CAMPAIGN_RUNNER_CONFIG", "PYTHONDONTWRITEBYTECODE"}
    environ = {name: value for name, value in os.environ.items() if name not in left_out}
    return environ | {
        "PATH": f"{commands}{os.pathsep}{environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "NO_COLOR": "1",
        "LOGNAME": "eva",
    }
