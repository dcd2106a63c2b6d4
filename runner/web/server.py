"""Serve HTTP on asyncio's streams, one request a connection; h11 frames it (ADR 0032).

Everything has an end: a head, a body, a connection and the number of connections.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import h11

from runner.core.check.web import is_loopback
from runner.web.wire import Answer, Asked, Refused, problem_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from typing import TypeAlias

    from runner.model.settings import WebSettings

    _Accept: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

MOST_HEAD_BYTES = 16 * 1024
MOST_BODY_BYTES = 64 * 1024
MOST_CONNECTIONS = 64
RECEIVE_SECONDS = 10.0
"""So long may a whole request take to arrive."""
ANSWER_SECONDS = 30.0
"""So long may its answer take to be made and sent."""
_CHUNK_BYTES = 16 * 1024
_BACKLOG = 64
_LINGER_BYTES = 1024 * 1024
_LINGER_SECONDS = 1.0
_SOCKET_MODE = 0o600
_SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Responder(Protocol):
    """What answers requests."""

    def admit(self, asked: Asked) -> bool:
        """Tell whether the request may have a body, before any of it is read; raises Refused."""
        ...

    async def answer(self, asked: Asked, body: bytes) -> Answer:
        """Return the answer; raises nothing but Refused and CancelledError."""
        ...

    def told(self, asked: Asked | None, answer: Answer) -> None:
        """Take note of an answer that goes out; no request could be read where `asked` is None."""
        ...


class ApiServer:
    """Listens on one address or socket."""

    def __init__(self, settings: WebSettings, responder: Responder) -> None:
        self._settings = settings
        self._responder = responder
        self._listener: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.port = settings.port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken, or a file of the certificate cannot be read.
            ValueError: the address is not of this machine and there is no certificate.
        """
        settings = self._settings
        context = _tls(settings)
        if settings.socket is not None:
            self._listener = await _on_socket(settings.socket, self._accept, context=context)
            return
        if context is None and not is_loopback(settings.host):
            raise ValueError(
                f"{settings.host} can be reached from other machines, and there is no certificate"
            )
        # A name may stand for several addresses, and for others tomorrow.
        host = "127.0.0.1" if settings.host.lower() == "localhost" else settings.host
        self._listener = await asyncio.start_server(
            self._accept, host, settings.port, backlog=_BACKLOG, limit=_CHUNK_BYTES, **_ends_of(context)
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close the port, and every connection whatever it waits for; returns at once."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
            # Only of who listens: another program may have a socket under this name.
            if self._settings.socket is not None:
                with suppress(OSError):
                    self._settings.socket.unlink()
        for task, writer in self._connections.items():
            writer.transport.abort()
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections[task] = writer
        try:
            with suppress(ConnectionError, TimeoutError, ssl.SSLError):
                async with asyncio.timeout(RECEIVE_SECONDS + ANSWER_SECONDS):
                    await self._converse(reader, writer)
        except asyncio.CancelledError:
            pass  # the server stops; asyncio's streams would log a task that was cancelled
        finally:
            del self._connections[task]
            # What was sent is with the system by now; whoever does not read it keeps nothing of us busy.
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD_BYTES)
        if writer.can_write_eof():
            # Not of TLS, which would wait for ever then: asyncio pauses at 0 and goes on below it.
            writer.transport.set_write_buffer_limits(high=0)
        whole = False
        asked: Asked | None = None
        try:
            async with asyncio.timeout(RECEIVE_SECONDS):
                asked = await self._head(connection, reader, peer=_peer(writer))
                if asked is None:
                    return
                with_body = self._responder.admit(asked)
                body = await _body(connection, reader, asked, with_body=with_body)
            whole = True
            answer = await self._responder.answer(asked, body)
        except Refused as refused:
            answer = problem_answer(refused)
        except h11.RemoteProtocolError as error:
            too_large = error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            status = error.error_status_hint if too_large else HTTPStatus.BAD_REQUEST
            answer = problem_answer(Refused(status, "this is no request of HTTP/1.1 that is taken here"))
        except TimeoutError:
            if asked is None and connection.their_state is h11.IDLE and not connection.trailing_data[0]:
                return
            answer = problem_answer(Refused(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive in time"))
        self._responder.told(asked, answer)
        writer.write(_bytes_of(answer, head_only=asked is not None and asked.method == "HEAD"))
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        else:
            # Of TLS some may still be with us, and would be lost with the connection.
            writer.close()
            await writer.wait_closed()
        if not whole:
            await _let_it_read(reader)

    async def _head(
        self, connection: h11.Connection, reader: asyncio.StreamReader, *, peer: str
    ) -> Asked | None:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                received = await reader.read(_CHUNK_BYTES)
                if not received:
                    return None
                connection.receive_data(received)
            elif isinstance(event, h11.Request):
                headers = tuple((bytes(name), bytes(value)) for name, value in event.headers)
                return Asked(event.method.decode(), event.target, headers, peer)
            else:
                return None


async def _let_it_read(reader: asyncio.StreamReader) -> None:
    """Wait a moment for who still sends: closed on it now, its system would throw our answer away."""
    left = _LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while left > 0 and (received := await reader.read(_CHUNK_BYTES)):
                left -= len(received)


async def _body(
    connection: h11.Connection, reader: asyncio.StreamReader, asked: Asked, *, with_body: bool
) -> bytes:
    length = asked.one(b"content-length")
    if not with_body:
        if length not in {None, b"0"}:
            raise Refused(HTTPStatus.BAD_REQUEST, f"{asked.method} takes no body here")
        return b""
    if length is None:
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "say how long the body is: Content-Length")
    if int(length) > MOST_BODY_BYTES:
        detail = f"a body has at most {MOST_BODY_BYTES} bytes"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK_BYTES))
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            return bytes(body)


def _bytes_of(answer: Answer, *, head_only: bool) -> bytes:
    # Written by hand, not by h11: a request that could not be read leaves it in no state to answer.
    headers = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "Connection": "close",
        **_SECURITY_HEADERS,
        **answer.headers,
    }
    status = HTTPStatus(answer.status)
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (b"" if head_only else answer.body)


def _peer(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else ""


async def _on_socket(path: Path, accept: _Accept, *, context: ssl.SSLContext | None) -> asyncio.Server:
    """Listen on a Unix socket that only its owner may use."""
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "this system has no Unix sockets", str(path))
    if await asyncio.to_thread(_is_answered, path):
        raise OSError(errno.EADDRINUSE, "another program listens on this socket", str(path))
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Under another name until nobody else may use it: between `bind` and `chmod` it would be open to all.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        listening.bind(str(draft))
        draft.chmod(_SOCKET_MODE)
        draft.replace(path)
        listening.setblocking(False)  # noqa: FBT003 - the library's signature
        return await asyncio.start_unix_server(
            accept, sock=listening, backlog=_BACKLOG, limit=_CHUNK_BYTES, **_ends_of(context)
        )
    except BaseException:
        listening.close()
        raise


def _is_answered(path: Path) -> bool:
    """Tell whether a program listens there; what a crash has left behind is no such."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(1.0)
        try:
            asking.connect(str(path))
        except OSError:
            return False
        return True


def _ends_of(context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the certificate, and how long a client may take to shake hands and to take its leave."""
    if context is None:
        return {}
    return {
        "ssl": context,
        "ssl_handshake_timeout": RECEIVE_SECONDS,
        "ssl_shutdown_timeout": ANSWER_SECONDS,
    }


def _tls(settings: WebSettings) -> ssl.SSLContext | None:
    if settings.certfile is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certfile, settings.keyfile)
    return context
