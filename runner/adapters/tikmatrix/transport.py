"""Carry httpx requests over aiohttp, and say truthfully whether anything was sent (ADR 0005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import httpx
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

IDLE_SECONDS = 0.5
"""How long an unused connection is kept: shorter than any host's own patience, so that a request never
meets a connection that the host is closing at that moment."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """An httpx transport for one host: no proxies, no redirects, no cookies, no decoding, no repeats.

    Raises httpx.ConnectError and httpx.ConnectTimeout only where no byte of the request was sent; whatever
    fails later is another httpx.TransportError.
    """

    def __init__(self, *, in_flight: int = 8) -> None:
        self._in_flight = in_flight
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, once; of httpx's time-outs only `connect` counts, in seconds."""
        session = self._session
        if session is None:
            session = self._session = self._open_session()
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        answer = await session.request(
            request.method,
            URL(str(request.url), encoded=True),
            headers=headers,
            data=await request.aread() or None,
            timeout=_connection_timeout(request),
            allow_redirects=False,
        )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        """Open the session late: it belongs to the event loop that is running now."""
        connector = _AttentiveConnector(
            limit=self._in_flight,
            keepalive_timeout=IDLE_SECONDS,
            resolver=aiohttp.ThreadedResolver(),  # the system's own: it knows hosts files and local names
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            middlewares=(_once_and_truthfully,),
        )


class _AttentiveConnector(aiohttp.TCPConnector):
    """Passes over pooled connections on which the host has spoken without being asked.

    aiohttp would hand such bytes to the next request as its answer, and a create would be believed to have
    made somebody else's tasks.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        for _ in range(self.limit):
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        return await super().connect(req, traces, timeout)


class _Body(httpx.AsyncByteStream):
    """The bytes of an answer's body, as they were sent."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError("the connection broke in the middle of the answer") from error

    async def aclose(self) -> None:
        # A body that was read to its end has given its connection back by now; any other cannot be reused.
        self._answer.close()


def _connection_timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    """Return how long pool, name and connection may take together; the rest has the caller's deadline."""
    wanted = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(total=None, connect=wanted.get("connect"))


async def _once_and_truthfully(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Turn aiohttp's errors into httpx's, before aiohttp can send a GET or DELETE a second time.

    aiohttp repeats idempotent requests whose connection broke, without a public switch; it does so only for
    errors of its own, and these are gone here. ClientConnectorError, ConnectionTimeoutError and InvalidURL
    are raised by its connector alone, which has finished before the first byte is written (read in 3.14.5).
    """
    try:
        return await send(request)
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout("no connection within the time-out") from error
    except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
        raise httpx.ConnectError(_why_unconnected(error)) from error
    except aiohttp.ClientResponseError as error:
        raise httpx.RemoteProtocolError("what came back is not HTTP") from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.ReadError("the connection broke before an answer came") from error


def _why_unconnected(error: aiohttp.ClientConnectorError | aiohttp.InvalidURL) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name cannot be resolved"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "connection refused"
        case aiohttp.ClientConnectorError(os_error=cause):
            return str(cause)
        case _:
            return "its address is not valid"
