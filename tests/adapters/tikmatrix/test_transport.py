"""What the transport promises to whoever uses it as an httpx transport."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest

from runner.adapters.tikmatrix.transport import AiohttpTransport

PACKED = gzip.compress(bytes(100_000))


def test_a_body_is_handed_on_as_it_was_sent(serving):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(PACKED, headers="Content-Encoding: gzip\r\n")

    async def run():
        transport = AiohttpTransport()
        async with serving(behave) as host, transport:
            response = await transport.handle_async_request(httpx.Request("GET", host.url))
            return b"".join([chunk async for chunk in response.aiter_raw()])

    assert asyncio.run(run()) == PACKED


def test_it_serves_an_ordinary_httpx_client_too(serving):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(b'{"a": 1}', status="418 I am a teapot", headers="X-Two: 1\r\nX-Two: 2\r\n")

    async def run():
        async with serving(behave) as host:
            client = httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False)
            async with client:
                return await client.post(host.url, json={"b": 2})

    response = asyncio.run(run())
    assert (response.status_code, response.json()) == (418, {"a": 1})
    assert response.headers.get_list("x-two") == ["1", "2"]


def test_cookies_are_not_kept(serving):
    async def behave(connection):
        for _ in range(2):
            await connection.hear_request()
            connection.answer(b"{}", headers="Set-Cookie: a=b\r\n")

    async def run():
        transport = AiohttpTransport()
        async with serving(behave) as host, transport:
            for _ in range(2):
                response = await transport.handle_async_request(httpx.Request("GET", host.url))
                await response.aread()
            return bytes(host.heard)

    heard = asyncio.run(run())
    assert heard.count(b"GET ") == 2
    assert b"ookie" not in heard


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_no_method_is_sent_twice_when_its_connection_breaks(serving, method):
    async def behave(connection):
        await connection.hear_request()
        connection.reset()

    async def run():
        transport = AiohttpTransport()
        async with serving(behave) as host, transport:
            with pytest.raises(httpx.ReadError, match="broke before an answer came"):
                await transport.handle_async_request(httpx.Request(method, host.url))
            return host.connections, host.requests

    assert asyncio.run(run()) == (1, 1)


def test_it_may_be_made_before_any_loop_runs_and_opens_nothing_until_asked():
    transport = AiohttpTransport()
    asyncio.run(transport.aclose())
