"""Hosts that break off, hang, drip and lie, for a server of a test."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from runner.model.tikmatrix import TaskFilter

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


async def turns(count):
    """Let the loop go round, so that what lies in the sockets is read."""
    for _ in range(count):
        await asyncio.sleep(0)
