"""A wire to a server that can be cut: for answers that get lost, and for a server that is gone."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread
from typing import Self


class CutWire:
    """Listens on loopback, and hands everything on in both directions, connection by connection."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cuts_before = b""
        """What a client sends with this in it does not arrive: from then on nothing does."""
        self.cuts_after = b""
        """What a client sends with this in it arrives, but its answer and all that follows do not."""
        self.was_cut = Event()
        Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def mend(self) -> None:
        """Let new connections through again."""
        self.cuts_before = self.cuts_after = b""
        self.was_cut.clear()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self.was_cut.is_set():
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server_port))
                for one, other, asks in ((client, server, True), (server, client, False)):
                    Thread(target=self._carry, args=(one, other, asks), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, asks: bool) -> None:  # noqa: FBT001 - a thread's
        with suppress(OSError):
            while sent := one.recv(65_536):
                if asks and self.cuts_before and self.cuts_before in sent:
                    self.was_cut.set()
                    break
                lost = asks and self.cuts_after and self.cuts_after in sent
                if lost:
                    # Before it is sent: its answer may be there at once.
                    self.was_cut.set()
                if self.was_cut.is_set() and not asks:
                    break
                other.sendall(sent)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
