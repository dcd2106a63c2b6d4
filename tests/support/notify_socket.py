"""The service manager's end of the notify protocol: a real datagram socket, on which a test listens."""

from __future__ import annotations

import select
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import StrPath


class Listener:
    """Keeps every datagram that has come, in order, each with when (monotonic clock)."""

    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver
        self._begun_at = 0
        self.heard: list[tuple[float, dict[str, str]]] = []

    def listen(self, *, seconds: float = 0.0) -> list[dict[str, str]]:
        """Wait until something has come, at most so long, take in what is there, and return all so far."""
        while select.select([self._receiver], [], [], seconds)[0]:
            lines = self._receiver.recv(65_536).decode().splitlines()
            self.heard.append((time.monotonic(), dict(line.split("=", 1) for line in lines)))
            seconds = 0.0
        return [told for _, told in self.heard]

    def new(self) -> list[dict[str, str]]:
        """Return what has come since this was asked last."""
        fresh = self.listen()[self._begun_at :]
        self._begun_at += len(fresh)
        return fresh

    def names(self) -> list[str]:
        """Return what was told since `new` or this was asked last, without status lines."""
        return [name for told in self.new() for name in told if name not in {"STATUS", "MONOTONIC_USEC"}]

    def wait_for(self, name: str, *, seconds: float, count: int = 1) -> dict[str, str]:
        """Return the datagram that tells a name for the count-th time; fails where none comes in time."""
        deadline = time.monotonic() + seconds
        while True:
            found = [told for told in self.listen(seconds=0.1) if name in told]
            if len(found) >= count:
                return found[count - 1]
            assert time.monotonic() < deadline, (name, self.heard)


@contextmanager
def listening(address: StrPath) -> Iterator[Listener]:
    """Listen at an address until the block ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(address))
        yield Listener(receiver)
