"""A host on a real socket that does with each connection what a test tells it."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from runner.adapters.tikmatrix.client import TikMatrix
from runner.adapters.tikmatrix.transport import AiohttpTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class Connection:
    """One connection of a client, as the host sees it; `number` counts from 1."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: bytearray, number: int
    ) -> None:
        self.reader, self.writer, self.heard, self.number = reader, writer, heard, number

    async def hear(self, count: int) -> bytes:
        """Read exactly so many bytes."""
        read = await self.reader.readexactly(count)
        self.heard += read
        return read

    async def hear_request(self) -> bytes:
        """Read one whole request."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.heard += head
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        return head + await self.hear(int(length[1]) if length else 0)

    def say(self, raw: bytes) -> None:
        self.writer.write(raw)

    def answer(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
        self.say(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def reset(self) -> None:
        """Close so that the client gets a reset instead of an end."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


class Host:
    """What a scripted host saw."""

    def __init__(self, port: int, heard: bytearray) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v1"
        self.heard = heard
        self.connections = 0

    @property
    def requests(self) -> int:
        return self.heard.count(b" HTTP/1.1\r\n")


@asynccontextmanager
async def _serving(behave: Callable[[Connection], Awaitable[Any]]) -> AsyncIterator[Host]:
    heard = bytearray()
    tasks: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await behave(Connection(reader, writer, heard, host.connections))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away, which is its right
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host = Host(server.sockets[0].getsockname()[1], heard)
    try:
        yield host
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _asking(url: str, *, timeout_seconds: float = 5, in_flight: int = 8) -> AsyncIterator[TikMatrix]:
    transport = AiohttpTransport(in_flight=in_flight)
    client = TikMatrix(url, transport=transport, timeout_seconds=timeout_seconds, in_flight=in_flight)
    try:
        yield client
    finally:
        await client.aclose()


@pytest.fixture
def serving():
    """`async with serving(behaviour) as host` runs a host on a real socket."""
    return _serving


@pytest.fixture
def asking():
    """`async with asking(url) as client` asks over the transport that the product uses."""
    return _asking
