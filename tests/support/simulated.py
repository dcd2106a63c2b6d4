"""An httpx transport that asks simulated hosts in process, and carries their faults out as httpx errors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from runner.simulator.exchange import Delivery, Ending, request_of
from runner.simulator.host import SimulatedHost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from runner.simulator.exchange import Answer

_CHUNK_BYTES = 65_536


class SimulatedTransport(httpx.AsyncBaseTransport):
    """Answers from one host, or from several by `host:port` of the URL; an address without one is refused.

    Waits with asyncio.sleep, so it runs on whatever clock the loop has. The read time-out of a request is
    kept as httpx keeps it: from one piece of an answer to the next. `client` is who asks, for the history.
    """

    def __init__(self, hosts: SimulatedHost | Mapping[str, SimulatedHost], *, client: str = "") -> None:
        self._hosts = hosts
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        host = self._host(request)
        if host is None:
            raise httpx.ConnectError("nothing listens there", request=request)
        asked = request_of(
            request.method, target=request.url.raw_path.decode(), body=body, client=self._client
        )
        delivery = host.exchange(asked)
        if delivery.ending is Ending.REFUSED:
            raise httpx.ConnectError("connection refused", request=request)
        await _pause(delivery.wait_seconds, request=request)
        answer = delivery.answer
        if answer is None or delivery.ending is Ending.RAW:
            raise _broken(delivery, request=request)
        return httpx.Response(
            answer.status,
            headers=[
                ("Content-Type", answer.content_type),
                ("Content-Length", str(len(answer.body))),
                *answer.headers,
            ],
            stream=_Stream(answer, delivery=delivery, request=request),
            request=request,
        )

    def _host(self, request: httpx.Request) -> SimulatedHost | None:
        if isinstance(self._hosts, SimulatedHost):
            return self._hosts
        return self._hosts.get(f"{request.url.host}:{request.url.port}")


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: Answer, *, delivery: Delivery, request: httpx.Request) -> None:
        self._body = answer.body
        self._delivery = delivery
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        match self._delivery.ending:
            case Ending.DRIPPED:
                for position in range(len(self._body)):
                    await _pause(self._delivery.gap_seconds, request=self._request)
                    yield self._body[position : position + 1]
            case Ending.CUT:
                if self._delivery.at_byte:
                    yield self._body[: self._delivery.at_byte]
                raise httpx.RemoteProtocolError(
                    "peer closed connection without sending complete message body", request=self._request
                )
            case _:
                for start in range(0, len(self._body), _CHUNK_BYTES):
                    yield self._body[start : start + _CHUNK_BYTES]


async def _pause(seconds: float, *, request: httpx.Request) -> None:
    """Wait; raise ReadTimeout where the request's read time-out comes first."""
    read_seconds = request.extensions.get("timeout", {}).get("read")
    if read_seconds is not None and seconds > read_seconds:
        await asyncio.sleep(read_seconds)
        raise httpx.ReadTimeout("no answer in time", request=request)
    if seconds > 0:
        await asyncio.sleep(seconds)


def _broken(delivery: Delivery, *, request: httpx.Request) -> httpx.TransportError:
    match delivery.ending:
        case Ending.RESET:
            return httpx.ReadError("connection reset", request=request)
        case Ending.RAW:
            return httpx.RemoteProtocolError("illegal status line", request=request)
        case _:
            return httpx.RemoteProtocolError(
                "server disconnected without sending a response", request=request
            )
