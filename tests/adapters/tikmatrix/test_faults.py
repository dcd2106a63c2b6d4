"""What a broken host does on a real socket, and which error it becomes: the frozen table.

The one thing that must never happen is HostUnreached after the host has read a byte: the runner would post
twice.
"""

from __future__ import annotations

import asyncio
import socket

import pytest
from support.broken_hosts import (
    BODY,
    CREATED,
    HEAD,
    LENGTH,
    SECRET,
    UNCLEAR,
    answering,
    each_ask,
    saying,
)

from runner.errors import HostRefused, HostUnclear, HostUnreached
from runner.model.tikmatrix import Created


@each_ask
@pytest.mark.parametrize("behave", UNCLEAR.values(), ids=UNCLEAR)
def test_a_broken_answer_is_unclear_asked_for_once_and_tells_no_secret(serving, asking, ask, behave):
    async def run():
        async with serving(behave) as host, asking(host.url, timeout_seconds=0.2) as client:
            with pytest.raises(HostUnclear) as caught:
                await ask(client)
            return host, caught.value

    host, error = asyncio.run(run())
    assert host.connections == 1
    assert host.requests <= 1
    assert SECRET not in str(error)
    assert 0 < len(str(error)) < 300


@pytest.mark.parametrize(
    "behave",
    [
        answering(CREATED, headers="X-Powered-By: y\r\n"),
        answering(CREATED, status="201 Created"),
        answering(CREATED, status="404 Not Found"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + LENGTH + CREATED),
        saying(b"HTTP/1.1 200 OK\r\n\r\n" + CREATED),
        saying(b"HTTP/1.0 200 OK\r\n\r\n" + CREATED),
        saying(b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n4b\r\n" + CREATED + b"\r\n0\r\n\r\n"),
        saying(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + LENGTH + CREATED),
        saying(HEAD + b"Set-Cookie: a=b\r\n" + LENGTH + CREATED),
    ],
)
def test_the_right_json_counts_however_it_is_wrapped(serving, asking, behave):
    async def run():
        async with serving(behave) as host, asking(host.url) as client:
            return await client.create(BODY)

    assert asyncio.run(run()) == Created(("1",), 1)


def test_a_refusal_counts_even_before_the_request_was_read_whole(serving, asking):
    async def refuse_at_once(connection):
        await connection.hear(1)
        connection.answer(b'{"code": 40301, "message": "Starter"}', status="403 Forbidden")
        await connection.hear_request()

    async def run():
        async with serving(refuse_at_once) as host, asking(host.url) as client:
            with pytest.raises(HostRefused, match="has no API access") as caught:
                await client.create(BODY)
            return caught.value.code

    assert asyncio.run(run()) == 40301


@pytest.mark.parametrize("end", ["close", "reset", "garbage"])
def test_once_a_byte_was_read_it_is_never_called_unreached(serving, asking, end):
    """For every length of what the host read, up to the whole request."""

    async def whole_request():
        async with serving(answering(CREATED)) as host, asking(host.url) as client:
            await client.create(BODY)
            return len(host.heard)

    async def cut_after(count):
        async def behave(connection):
            await connection.hear(count)
            if end == "reset":
                connection.reset()
            elif end == "garbage":
                connection.say(b"?")

        async with serving(behave) as host, asking(host.url) as client:
            with pytest.raises(HostUnclear):
                await client.create(BODY)
            assert (host.connections, len(host.heard)) == (1, count)

    async def run():
        for count in range(1, await whole_request() + 1):
            await cut_after(count)

    asyncio.run(run())


def test_a_connection_refused_is_unreached(asking):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens

        async def run():
            port = taken.getsockname()[1]
            async with asking(f"http://127.0.0.1:{port}/api/v1") as client:
                with pytest.raises(
                    HostUnreached, match=f"127.0.0.1:{port} cannot be reached: connection refused"
                ):
                    await client.create(BODY)

        asyncio.run(run())


def test_a_connection_that_nobody_accepts_is_unreached_before_the_deadline(asking):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())

        async def run():
            port = full.getsockname()[1]
            async with asking(f"http://127.0.0.1:{port}/api/v1", timeout_seconds=0.2) as client:
                with pytest.raises(HostUnreached, match="no connection within the time-out"):
                    await client.create(BODY)

        asyncio.run(run())


def test_a_name_that_does_not_resolve_is_unreached(asking, monkeypatch):
    def no_such_name(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)

    async def run():
        async with asking("http://studio-pc:50809/api/v1") as client:
            with pytest.raises(
                HostUnreached, match="studio-pc:50809 cannot be reached: its name cannot be resolved"
            ):
                await client.create(BODY)

    asyncio.run(run())


def test_a_name_of_two_addresses_is_reached_by_the_one_that_listens(serving, asking, monkeypatch):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(CREATED)

    async def run():
        async with serving(behave) as host:
            port = int(host.url.split(":")[2].split("/")[0])
            addresses = [
                (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", port, 0, 0)),
                (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)),
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: addresses)
            async with asking(f"http://localhost:{port}/api/v1") as client:
                assert (await client.create(BODY)).task_ids
            assert host.requests == 1

    asyncio.run(run())


def test_an_address_in_short_form_is_unreached(asking):
    async def run():
        async with asking("http://127.1:50809/api/v1") as client:
            with pytest.raises(HostUnreached, match="its address is not valid"):
                await client.create(BODY)

    asyncio.run(run())


def test_a_failed_handshake_is_unreached_for_it_carries_nothing_of_the_request(serving, asking):
    async def plain(connection):
        await connection.hear(5)
        connection.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def run():
        async with serving(plain) as host, asking(host.url.replace("http:", "https:")) as client:
            with pytest.raises(HostUnreached):
                await client.create(BODY)
            assert host.requests == 0

    asyncio.run(run())
