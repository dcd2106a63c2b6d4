"""A PostgreSQL server for a session of tests: Debian's package, in a temporary folder, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

USER = "runner"
_ACCOUNT = "postgres"
"""Of Debian's package: a server refuses to run as root."""
# Nothing of it outlives the session, so that nothing has to wait for the disk.
_SETTINGS = """\
fsync = off
full_page_writes = off
synchronous_commit = on
autovacuum = off
max_connections = 200
shared_buffers = 128MB
max_wal_size = 2GB
listen_addresses = '127.0.0.1'
"""


def programs() -> Path | None:
    """Return the folder of the newest server that is installed, None where there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    beside = shutil.which("initdb")
    if not found and beside is not None:
        found.append(Path(beside).resolve().parent)
    return max(
        found,
        key=lambda path: [int(part) for part in path.parent.name.split(".") if part.isdigit()],
        default=None,
    )


class Server:
    """One server, started and stopped as its methods are called."""

    def __init__(self) -> None:
        binaries = programs()
        assert binaries is not None, "there is no PostgreSQL here; Debian's package is `postgresql`"
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="campaign-runner-postgresql-"))
        self._as = ["runuser", "-u", _ACCOUNT, "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(self._folder, _ACCOUNT)
        self.port = _free_port()
        self.url = f"postgresql://{USER}@127.0.0.1:{self.port}"
        # An order of text that is not that of code points, so that what rests on it shows.
        self._call(
            "initdb",
            "--username",
            USER,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-sync",
            "--locale-provider",
            "icu",
            "--icu-locale",
            "en",
            "--locale",
            "C.UTF-8",
        )
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"{_SETTINGS}port = {self.port}\nunix_socket_directories = '{self._folder}'\n")
        # It ends the server as soon as its input ends: also where tests are killed.
        guarding = 'read -r _; "$0" stop --pgdata "$1/data" --mode immediate --silent; rm -rf "$1"'
        words = [*self._as, "sh", "-c", guarding, str(self._binaries / "pg_ctl"), str(self._folder)]
        self._guard = subprocess.Popen(words, cwd="/", stdin=subprocess.PIPE, start_new_session=True)
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        self._call("pg_ctl", "start", "--wait", "--log", str(self._folder / "log"))

    def stop(self, *, mode: str = "immediate") -> None:
        self._call("pg_ctl", "stop", "--wait", "--mode", mode)

    def close(self) -> None:
        """Stop it, and leave nothing of it behind."""
        self._guard.communicate()

    def _call(self, program: str, *words: str) -> None:
        # Its output goes to a file, since what it starts would keep a pipe open.
        with (self._folder / "said").open("w") as said:
            done = subprocess.run(
                [*self._as, str(self._binaries / program), "--pgdata", str(self._data), *words],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                check=False,
            )
        assert done.returncode == 0, (program, (self._folder / "said").read_text())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    # For `make test`: 0 where a server can be started, and asked.
    sys.exit(programs() is None or find_spec("psycopg") is None)
