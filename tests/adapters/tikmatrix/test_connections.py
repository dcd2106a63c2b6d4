"""Connections that are kept, refused, closed or abused."""

from __future__ import annotations

import asyncio

import pytest
from support.broken_hosts import (
    BODY,
    CREATED,
    answering,
    each_ask,
    turns,
)

from runner.errors import HostUnclear


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
