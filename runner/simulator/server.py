"""A simulated host on a port of this machine: HTTP over asyncio streams, faults done on the socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

import h11

from runner.simulator.controls import CONTROLS, answer_control
from runner.simulator.exchange import Delivery, Ending, request_of

if TYPE_CHECKING:
    from runner.simulator.exchange import Answer, Request
    from runner.simulator.host import SimulatedHost

ADDRESS = "127.0.0.1"
BODY_LIMIT_BYTES = 8 * 1024 * 1024
IDLE_SECONDS = 75.0

_CHUNK_BYTES = 65_536
_BACKLOG = 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST."""


class HostServer:
    """One host on one port of the loopback address."""

    def __init__(self, host: SimulatedHost, *, port: int, idle_seconds: float = IDLE_SECONDS) -> None:
        """Prepare to serve.

        Args:
            host: answers.
            port: 0 takes a free one.
            idle_seconds: after how long without a whole request a connection is closed.
        """
        self.host = host
        self.port = port
        self._idle_seconds = idle_seconds
        self._listener: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._reopening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; raises OSError where the port is taken."""
        self._listener = await asyncio.start_server(self._accept, ADDRESS, self.port, backlog=_BACKLOG)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._close_port()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._connections[task] = writer
        try:
            with suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
                await self._converse(reader, writer)
        finally:
            del self._connections[task]
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        client = "{}:{}".format(*writer.get_extra_info("peername"))
        going_on = True
        while going_on:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    request = await _received(connection, reader, writer, client=client)
            except h11.RemoteProtocolError as error:
                status = error.error_status_hint
                writer.write(
                    b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status
                )
                return
            if request is None:
                return
            delivery = self._delivery(request)
            if delivery.wait_seconds > 0:
                await asyncio.sleep(delivery.wait_seconds)
            going_on = await _deliver(delivery, connection, writer, bodiless=request.method == "HEAD")
            if self.host.closed_seconds > 0:
                self._close_for_a_while(but_not=writer)
                return

    def _delivery(self, request: Request) -> Delivery:
        if request.path.startswith(CONTROLS):
            return Delivery(Ending.WHOLE, answer_control(request, host=self.host))
        return self.host.exchange(request)

    def _close_for_a_while(self, *, but_not: asyncio.StreamWriter) -> None:
        """Close the port and reset all connections but the one that was answered last."""
        if self._listener is None:
            return
        self._close_port()
        for writer in self._connections.values():
            if writer is not but_not:
                _reset(writer)
        self._reopening = asyncio.create_task(self._reopen())

    def _close_port(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _reopen(self) -> None:
        while (seconds := self.host.closed_seconds) > 0:  # noqa: ASYNC110 - closed for longer meanwhile
            await asyncio.sleep(seconds)
        await self.start()


async def _received(
    connection: h11.Connection,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    client: str,
) -> Request | None:
    """Return the next request; None once the other side is done."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK_BYTES))
        elif isinstance(event, h11.Request):
            head = event
            if connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > BODY_LIMIT_BYTES:
                raise h11.RemoteProtocolError("the body is too long", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return request_of(
                head.method.decode(),
                target=head.target.decode(),
                body=bytes(body),
                client=client,
            )
        else:
            return None


async def _deliver(
    delivery: Delivery, connection: h11.Connection, writer: asyncio.StreamWriter, *, bodiless: bool
) -> bool:
    """Carry a delivery out; return whether the connection can take another request."""
    answer = delivery.answer
    if delivery.ending in (Ending.REFUSED, Ending.RESET):
        _reset(writer)
    elif answer is None:
        writer.close()
    elif delivery.ending is Ending.RAW:
        writer.write(answer.body)
    else:
        body = b"" if bodiless else answer.body
        head = connection.send(_head(answer)) or b""
        match delivery.ending:
            case Ending.CUT:
                writer.write(head + body[: delivery.at_byte])
            case Ending.DRIPPED:
                writer.write(head)
                for position in range(len(body)):
                    await asyncio.sleep(delivery.gap_seconds)
                    writer.write(connection.send(h11.Data(data=body[position : position + 1])) or b"")
                    await writer.drain()
                return _ended(connection)
            case _:
                writer.write(head + (connection.send(h11.Data(data=body)) or b""))
                await writer.drain()
                return _ended(connection)
    return False


def _head(answer: Answer) -> h11.Response:
    headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
    return h11.Response(status_code=answer.status, headers=[*headers, *answer.headers])


def _ended(connection: h11.Connection) -> bool:
    connection.send(h11.EndOfMessage())
    if connection.our_state is h11.MUST_CLOSE:
        return False
    connection.start_next_cycle()
    return True


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other side sees RST."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
