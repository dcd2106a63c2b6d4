"""A channel for alarms on a real port of this machine: it takes messages, refuses them, or never answers."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ChannelServer(ThreadingHTTPServer):
    """Keeps what it was sent."""

    daemon_threads = True

    def __init__(self, *, answers: int | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        """The status of each answer; None: there is none before it is closed."""
        self.messages: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.closed = threading.Event()

    @property
    def url(self) -> str:
        """Its address, as Apprise writes it."""
        return f"json://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ChannelServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.messages.append(json.loads(body))
        if self.server.answers is None:
            self.server.closed.wait(30)
            return
        self.send_response(self.server.answers)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def channel(*, answers: int | None = 200) -> Iterator[ChannelServer]:
    """Serve a channel in a thread of its own."""
    server = ChannelServer(answers=answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()
