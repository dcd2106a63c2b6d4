"""A daemon with its HTTP API on a free port of this machine, in a thread, and raw requests to it."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.engine_parts import HereChecker, RecordingLog
from support.store import store_in, told

from runner.adapters.clock import SystemClock
from runner.adapters.ledger import Ledger
from runner.adapters.scheduler import ApSchedulerAlarms
from runner.adapters.store_lock import sole_user
from runner.adapters.tikmatrix.client import TikMatrix
from runner.adapters.tikmatrix.transport import AiohttpTransport
from runner.app.beside import Surroundings
from runner.app.daemon import Daemon
from runner.app.journal import Journal
from runner.app.load_config import load_config
from runner.web.serve import serve_api

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CAMPAIGN = {
    "device_groups": {"studio": {"serials": ["16091FDD40050N", "R58M12345"]}},
    "scripts": [
        {
            "name": "clip",
            "script_name": "post",
            "device_groups": ["studio"],
            "start_time": "00:00-23:59",
            "script_config": {"content_type": 1, "captions": "Hej ${env:CAPTION}"},
        }
    ],
}
CANARY = 'c4n4ry-\u00e9 "0815"'


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Served:
    """A folder whose daemon runs."""

    def __init__(self, folder: Path, *, port: int, log: RecordingLog) -> None:
        self.folder = folder
        self.port = port
        self.log = log
        self.store = store_in(folder)
        self.token_file = folder / "state/api.token"

    @property
    def token(self) -> str:
        return self.token_file.read_text().strip()

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: Any = None,
        token: str | None = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask as a client does that has the token; `token=None` sends none."""
        sent = {} if token is None else {"Authorization": f"Bearer {token or self.token}"}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if content is not None:
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, body=content, headers={**sent, **(headers or {})})
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, told, response.read())
        finally:
            connection.close()

    def make_unknown(self, key: str) -> str:
        """Let an assignment be unknown, as after a restore, and return its day."""
        change = "UPDATE assignments SET state = 'unknown', reason = 'lost', finished_at = 1 WHERE key = ?"
        told(self.store, change, key)
        return str(self.ask(f"/api/v1/assignments/{key}").json["date"])

    def send(self, request: bytes, *, seconds: float = 15.0) -> bytes:
        """Send bytes as they are, and return all that comes back until the other side closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            received = b""
            try:
                line.sendall(request)
                line.shutdown(socket.SHUT_WR)
                while some := line.recv(65536):
                    received += some
            except TimeoutError:
                raise
            except OSError:
                # Closed before all of it was read; what was answered may be lost with it.
                pass
            return received


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def served(
    folder: Path, *, web: Mapping[str, Any] | None = None, port: int | None = None, wait: bool = True
) -> Iterator[Served]:
    """Run a daemon whose one host does not answer, with its API, until the block ends."""
    port = port or free_port()
    config = {
        "timezone": "Europe/Stockholm",
        "hosts": {"pc": {"url": f"http://127.0.0.1:{free_port()}/api/v1"}},
        "web": {"listen": f"127.0.0.1:{port}", **(web or {})},
        "store": store_in(folder),
    }
    (folder / "campaigns").mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(json.dumps(config))
    (folder / "campaigns/spring.yaml").write_text(json.dumps(CAMPAIGN))
    log = RecordingLog()
    runs = _Running(folder, log)
    thread = threading.Thread(target=asyncio.run, args=(runs.life(),))
    thread.start()
    try:
        wait_until(lambda: runs.failed or (runs.loop is not None and (not wait or _listens(log))))
        if runs.failed:
            raise runs.failed
        yield Served(folder, port=port, log=log)
    finally:
        if runs.loop is not None and runs.daemon is not None:
            runs.loop.call_soon_threadsafe(runs.daemon.stop)
        thread.join(20)
        assert not thread.is_alive()


class _Running:
    def __init__(self, folder: Path, log: RecordingLog) -> None:
        self._folder = folder
        self._log = log
        self.loop: asyncio.AbstractEventLoop | None = None
        self.daemon: Daemon | None = None
        self.failed: Exception | None = None
        self.checks_fail = False

    async def life(self) -> None:
        try:
            with sole_user(store_in(self._folder)):
                await self._live()
        except Exception as error:  # noqa: BLE001 - told to the test's thread
            self.failed = error

    async def _live(self) -> None:
        environ = {"CAPTION": CANARY}
        config = load_config(self._folder / "config.yaml", environ=environ, working_folder=self._folder)
        ledger = Ledger.open(config.config.settings.store, durable=False)
        journal, clock = Journal(ledger, self._log), SystemClock()
        self.daemon = Daemon(
            config,
            ledger=ledger,
            journal=journal,
            clock=clock,
            scheduler=ApSchedulerAlarms(),
            client_of=lambda host: TikMatrix(
                host.url, transport=AiohttpTransport(in_flight=8), timeout_seconds=2.0
            ),
            checker=HereChecker(self, environ=environ, working_folder=self._folder),
            working_folder=self._folder,
        )
        self.loop = asyncio.get_running_loop()
        company = asyncio.create_task(
            serve_api(Surroundings(config, self.daemon.insight, journal, clock, ledger))
        )
        try:
            await self.daemon.run()
        finally:
            company.cancel()
            await asyncio.wait([company])
            await ledger.close()


def _listens(log: RecordingLog) -> bool:
    # The plan is there, too, so that there is something to ask for.
    names = {event.name for event in log.events}
    return {"api.listening", "campaign.planned", "host.unreachable"} <= names


def wait_until(met: Any) -> None:
    """Look again and again until a condition is met; fail the test where it never is."""
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline, "it has not come"
        time.sleep(0.02)
