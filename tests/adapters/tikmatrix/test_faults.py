"""What a broken host does on a real socket, and which error it becomes: the frozen table.

The one thing that must never happen is HostUnreached after the host has read a byte: the runner would post
twice.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket

import pytest

from runner.errors import HostRefused, HostUnclear, HostUnreached
from runner.model.tikmatrix import Created, TaskFilter

SECRET = "s3cret-canary"
BODY = json.dumps({"serials": ["R58M12345"], "script_config": {"api_key": SECRET}}).encode()
CREATED = b'{"code": 0, "message": "ok", "data": {"task_ids": [1], "created_count": 1}}'

ASKS = {
    "create": lambda client: client.create(BODY),
    "tasks": lambda client: client.tasks(TaskFilter(), page=1),
    "delete": lambda client: client.delete("5"),
}
each_ask = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)


async def reset_on_accept(connection):
    connection.reset()


async def close_on_accept(connection):
    pass


async def reset_after_one_byte(connection):
    await connection.hear(1)
    connection.reset()


async def close_after_one_byte(connection):
    await connection.hear(1)


async def reset_after_the_request(connection):
    await connection.hear_request()
    connection.reset()


async def close_after_the_request(connection):
    await connection.hear_request()


async def hang(connection):
    await connection.hear_request()
    await asyncio.Event().wait()


async def hang_without_reading(_connection):
    await asyncio.Event().wait()


def saying(raw, *, then_reset=False):
    async def behave(connection):
        await connection.hear_request()
        connection.say(raw)
        await connection.writer.drain()
        if then_reset:
            connection.reset()

    return behave


def answering(body, **options):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(body, **options)

    return behave


async def drip_the_body(connection):
    await connection.hear_request()
    connection.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.say(b"1\r\n \r\n")
        await connection.writer.drain()
        await asyncio.sleep(0)


async def go_on_saying_continue(connection):
    await connection.hear_request()
    while True:
        connection.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        await connection.writer.drain()
        await asyncio.sleep(0)


async def flood(connection):
    await connection.hear_request()
    connection.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.say(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await connection.writer.drain()


async def echo_the_request(connection):
    connection.answer((await connection.hear_request()).partition(b"\r\n\r\n")[2] or b"{}")


async def echo_raw(connection):
    connection.say(await connection.hear_request())


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(CREATED)
SHORT_LENGTH = b"Content-Length: %d\r\n\r\n" % (len(CREATED) - 5)

UNCLEAR = {
    "reset on accept": reset_on_accept,
    "closed on accept": close_on_accept,
    "reset after one byte": reset_after_one_byte,
    "closed after one byte": close_after_one_byte,
    "reset after the request": reset_after_the_request,
    "closed after the request": close_after_the_request,
    "hangs": hang,
    "hangs without reading": hang_without_reading,
    "a dripping body": drip_the_body,
    "for ever 100 Continue": go_on_saying_continue,
    "head cut": saying(HEAD),
    "head cut by a reset": saying(HEAD, then_reset=True),
    "body cut": saying(HEAD + LENGTH + CREATED[:-1]),
    "body cut by a reset": saying(HEAD + LENGTH + CREATED[:-1], then_reset=True),
    "body missing": saying(HEAD + LENGTH),
    "length too small": saying(HEAD + SHORT_LENGTH + CREATED),
    "length negative": saying(HEAD + b"Content-Length: -1\r\n\r\n" + CREATED),
    "two lengths": saying(HEAD + b"Content-Length: 5\r\nContent-Length: 75\r\n\r\n" + CREATED),
    "chunk cut": saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{"),
    "chunk garbage": saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{"),
    "body to the end, cut": saying(HEAD + b"\r\n" + CREATED[:-1]),
    "garbage": saying(b"\x00\x01\x02\xff\r\n\r\n"),
    "another protocol": saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a head too long": saying(HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n"),
    "too many headers": saying(HEAD + b"X: x\r\n" * 5_000 + b"\r\n"),
    "HTML under 200": answering(b"<html>Login</html>"),
    "HTML under 502": answering(b"<html>Bad Gateway</html>", status="502 Bad Gateway"),
    "empty under 204": saying(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "empty under 200": answering(b""),
    "bad UTF-8": answering(b'{"code": 0, "message": "\xff"}'),
    "NaN": answering(b'{"code": 0, "data": NaN}'),
    "nested bomb": answering(b"[" * 200_000),
    "a flood": flood,
    "declared too large": saying(HEAD + b"Content-Length: 99999999999\r\n\r\n" + CREATED),
    "gzip": answering(gzip.compress(CREATED), headers="Content-Encoding: gzip\r\n"),
    "gzip bomb": answering(gzip.compress(bytes(50_000_000)), headers="Content-Encoding: gzip\r\n"),
    "gzip in transfer": saying(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "redirect": answering(b"", status="302 Found", headers="Location: http://127.0.0.1:9/\r\n"),
    "redirect that keeps the method": answering(
        b"", status="307 Temporary Redirect", headers="Location: /api/v1/task\r\n"
    ),
    "success under a redirect": answering(CREATED, status="307 Temporary Redirect"),
    "success under 500": answering(CREATED, status="500 Internal Server Error"),
    "another protocol is offered": saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "internal error": answering(b'{"code": 50001, "message": "x"}', status="500 Internal Server Error"),
    "internal error under 200": answering(b'{"code": "50001", "message": "x"}'),
    "unknown code": answering(b'{"code": 42900, "message": "x"}'),
    "no envelope": answering(b"[1]"),
    "echo": echo_the_request,
    "raw echo": echo_raw,
}


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


@pytest.mark.parametrize(("idle_seconds", "connections"), [(0.4, 1), (0.6, 3)])
def test_a_connection_is_used_again_only_while_it_is_fresh(
    serving, asking, monkeypatch, idle_seconds, connections
):
    async def behave(connection):
        while True:
            await connection.hear_request()
            connection.answer(CREATED)

    async def run():
        now = 0.0
        monkeypatch.setattr("aiohttp.connector.monotonic", lambda: now)
        async with serving(behave) as host, asking(host.url) as client:
            for _ in range(3):
                await client.create(BODY)
                now += idle_seconds
            return host.connections, host.requests

    assert asyncio.run(run()) == (connections, 3)


def test_no_more_connections_are_open_than_requests_may_be_in_flight(serving, asking):
    async def behave(connection):
        while True:
            await connection.hear_request()
            connection.answer(CREATED)

    async def run():
        async with serving(behave) as host, asking(host.url, in_flight=3) as client:
            await asyncio.gather(*(client.create(BODY) for _ in range(30)))
            return host.connections, host.requests

    connections, requests = asyncio.run(run())
    assert connections <= 3
    assert requests == 30


def test_a_connection_that_the_host_closed_while_idle_is_left_alone(serving, asking):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(CREATED)  # and close, without having said so

    async def run():
        async with serving(behave) as host, asking(host.url) as client:
            for _ in range(3):
                await client.create(BODY)
                await turns(20)
            return host.connections, host.requests

    assert asyncio.run(run()) == (3, 3)


@each_ask
def test_a_kept_connection_that_breaks_under_a_request_is_unclear_and_nothing_is_repeated(
    serving, asking, ask
):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(b'{"code": 0, "data": {"total": 0}}')
        await connection.hear_request()

    async def run():
        async with serving(behave) as host, asking(host.url) as client:
            await client.stats()
            with pytest.raises(HostUnclear):
                await ask(client)
            return host.connections, host.requests

    assert asyncio.run(run()) == (1, 2)


@pytest.mark.parametrize("in_flight", [1, 8])
def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_ones(serving, asking, in_flight):
    asked = asyncio.Event()

    async def behave(connection):
        await connection.hear_request()
        connection.answer(CREATED.replace(b"[1]", b"[%d]" % connection.number))
        if connection.number == 1:
            await asked.wait()
            connection.answer(CREATED.replace(b"[1]", b"[666]"))
        await asyncio.Event().wait()

    async def run():
        async with serving(behave) as host, asking(host.url, in_flight=in_flight) as client:
            first = await client.create(BODY)
            asked.set()
            await turns(20)
            return first.task_ids, (await client.create(BODY)).task_ids

    assert asyncio.run(run()) == (("1",), ("2",))


def test_closing_without_having_asked_is_fine(asking):
    async def run():
        async with asking("http://127.0.0.1:9/api/v1"):
            pass

    asyncio.run(run())


def test_asking_after_closing_is_an_error_of_the_tree(serving, asking):
    async def run():
        async with serving(answering(CREATED)) as host, asking(host.url) as client:
            await client.create(BODY)
            await client.aclose()
            with pytest.raises(HostUnclear, match="Session is closed"):
                await client.create(BODY)

    asyncio.run(run())


async def turns(count):
    """Let the loop go round, so that what lies in the sockets is read."""
    for _ in range(count):
        await asyncio.sleep(0)
