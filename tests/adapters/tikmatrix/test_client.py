"""Every endpoint, every kind of failure that a transport can have, and any answer at all."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from support.tikmatrix import (
    BODY,
    ENDPOINTS,
    EVERYTHING,
    answering,
    client_of,
    each_endpoint,
    never,
    outcome_of,
    raising,
)

from runner.errors import HostRefused, HostUnclear, HostUnreached
from runner.model.tikmatrix import (
    Created,
    Licence,
    Stats,
    Task,
    TaskPage,
    TaskStatus,
)


@pytest.mark.parametrize(
    ("ask", "line", "body", "data", "fact"),
    [
        (
            ENDPOINTS["licence"],
            "GET /api/v1/license/check",
            b"",
            {"plan_name": "Pro", "api_enabled": True, "device_limit": 20, "message": ""},
            Licence("Pro", api_enabled=True, device_limit=20, message=""),
        ),
        (ENDPOINTS["create"], "POST /api/v1/task", BODY, {"task_ids": [1]}, Created(("1",), None)),
        (
            ENDPOINTS["tasks"],
            "GET /api/v1/task?page=1&page_size=100",
            b"",
            {"tasks": [], "total": 0},
            TaskPage((), 0),
        ),
        (
            lambda host: host.tasks(EVERYTHING, page=3, page_size=9),
            "GET /api/v1/task?status=0&serial=a%20%26%2F%C3%A4&script_name=post&source=ui&page=3&page_size=9",
            b"",
            [],
            TaskPage((), None),
        ),
        (
            ENDPOINTS["task"],
            "GET /api/v1/task/5",
            b"",
            {"id": 5, "status": 2},
            Task("5", TaskStatus.COMPLETED),
        ),
        (lambda host: host.delete("a/../b"), "DELETE /api/v1/task/a%2F..%2Fb", b"", None, None),
        (ENDPOINTS["delete"], "DELETE /api/v1/task/5", b"", None, None),
        (
            ENDPOINTS["delete_many"],
            "DELETE /api/v1/task/batch",
            b'{"task_ids": [5, 0, "07", "x-1"]}',
            {"deleted": 4},
            None,
        ),
        (ENDPOINTS["stop"], "POST /api/v1/task/5/stop", b"", None, None),
        (ENDPOINTS["retry"], "POST /api/v1/task/5/retry", b"", None, None),
        (ENDPOINTS["retry_all"], "POST /api/v1/task/retry-all", b"", None, None),
        (
            ENDPOINTS["stats"],
            "GET /api/v1/task/stats",
            b"",
            {"total": 3, "pending": 0, "running": 1, "completed": 2, "failed": 0},
            Stats(3, 0, 1, 2, 0),
        ),
    ],
)
def test_an_endpoint_asks_on_the_wire_what_the_api_documents(serving, asking, ask, line, body, data, fact):
    async def behave(connection):
        await connection.hear_request()
        connection.answer(json.dumps({"code": 0, "message": "ok", "data": data}).encode())

    async def run():
        async with serving(behave) as host, asking(host.url) as client:
            assert await ask(client) == fact
            return bytes(host.heard)

    head, _, sent = asyncio.run(run()).partition(b"\r\n\r\n")
    first, *rest = head.decode("ascii").split("\r\n")
    headers = dict(header.lower().split(": ", 1) for header in rest)
    assert first == f"{line} HTTP/1.1"
    assert sent == body
    assert len(headers) == len(rest), "no header twice"
    assert headers.pop("host").startswith("127.0.0.1:")
    expected = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "campaign-runner"}
    if body:
        expected["content-type"] = "application/json"
    if body or not line.startswith("GET"):
        expected["content-length"] = str(len(body))
    assert headers == expected


def test_the_seam_sees_the_same_requests_as_a_host():
    seen = []

    def handler(request):
        seen.append((request.method, str(request.url), request.content, request.headers["content-length"]))
        return httpx.Response(200, json={"code": 0, "data": {"task_ids": ["1"]}})

    assert outcome_of(ENDPOINTS["create"], handler) == Created(("1",), None)
    assert seen == [("POST", "http://studio:50809/api/v1/task", BODY, str(len(BODY)))]


def test_deleting_nothing_asks_nothing():
    outcome_of(lambda host: host.delete_many([]), raising(AssertionError("asked")))


def test_a_task_other_than_the_one_asked_for_is_unclear():
    with pytest.raises(HostUnclear, match="shows task 6 instead"):
        outcome_of(ENDPOINTS["task"], answering({"id": 6}))


@each_endpoint
def test_a_refusal_of_any_endpoint_carries_its_code(ask):
    with pytest.raises(HostRefused, match=r"no such task or resource \(code 40401\): gone") as caught:
        outcome_of(ask, lambda _: httpx.Response(404, json={"code": "40401", "message": "gone"}))
    assert caught.value.code == 40401


@each_endpoint
@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_the_transport_surely_did_not_send_is_unreached(ask, error):
    with pytest.raises(HostUnreached, match="studio:50809 cannot be reached: no way"):
        outcome_of(ask, raising(error("no way")))


@each_endpoint
@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError(""),
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.WriteTimeout("x"),
        httpx.CloseError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.LocalProtocolError("x"),
        httpx.ProxyError("x"),
        httpx.UnsupportedProtocol("x"),
        httpx.DecodingError("x"),
        httpx.TooManyRedirects("x"),
        httpx.InvalidURL("x"),
        httpx.StreamClosed(),
        TimeoutError(),
        ConnectionRefusedError("x"),
        OSError("x"),
        RuntimeError("x"),
        KeyError("x"),
        RecursionError(),
        MemoryError(),
        ExceptionGroup("x", [httpx.ConnectError("x")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_other_failure_of_the_transport_is_unclear(ask, error):
    with pytest.raises(HostUnclear) as caught:
        outcome_of(ask, raising(error))
    assert str(caught.value)
    assert caught.value.__cause__ is error


def test_an_error_that_sounds_unsent_is_unclear_once_the_answer_has_begun():
    async def body():
        yield b'{"code"'
        raise httpx.ConnectError("a lie")

    with pytest.raises(HostUnclear, match="a lie"):
        outcome_of(ENDPOINTS["create"], lambda _: httpx.Response(200, content=body()))


@each_endpoint
def test_no_answer_within_the_deadline_is_unclear(ask):
    with pytest.raises(HostUnclear, match=r"no complete answer within 0\.01 s"):
        outcome_of(ask, never, timeout_seconds=0.01)


def test_a_request_that_finds_no_place_in_time_was_not_sent():
    asked = []
    gate = asyncio.Event()

    async def handler(request):
        asked.append(request.url.path)
        if len(asked) == 1:
            try:
                await asyncio.Event().wait()
            finally:
                await gate.wait()  # keeps its place beyond its deadline
        return httpx.Response(200, json={"code": 0})

    async def run():
        client = client_of(handler, timeout_seconds=0.01, in_flight=1)
        holder = asyncio.create_task(client.delete("1"))
        await asyncio.sleep(0)
        with pytest.raises(HostUnreached, match="not sent: all of its 1 places were taken for"):
            await client.delete("2")
        gate.set()
        with pytest.raises(HostUnclear):
            await holder
        await client.delete("3")

    asyncio.run(run())
    assert asked == ["/api/v1/task/1", "/api/v1/task/3"]


def test_waiting_for_a_place_does_not_eat_into_the_deadline():
    gate = asyncio.Event()
    inside: list[int] = []

    async def handler(_request):
        inside.append(len(inside))
        await gate.wait()
        return httpx.Response(200, json={"code": 0, "data": None})

    async def run():
        client = client_of(handler, in_flight=3)
        calls = [asyncio.create_task(client.stop(str(number))) for number in range(10)]
        for _ in range(20):
            await asyncio.sleep(0)
        crowd = len(inside)
        gate.set()
        await asyncio.gather(*calls)
        return crowd

    assert asyncio.run(run()) == 3
    assert len(inside) == 10


@pytest.mark.parametrize("ask", [ENDPOINTS["create"], ENDPOINTS["tasks"]])
def test_cancellation_passes_untouched_and_gives_the_place_back(ask):
    async def run():
        client = client_of(never, in_flight=1)
        for _ in range(3):
            call = asyncio.create_task(ask(client))
            for _ in range(5):
                await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        assert not client._places.locked()

    asyncio.run(run())


def test_the_deadline_that_a_caller_sets_stays_the_callers():
    async def run():
        async with asyncio.timeout(0.01):
            await client_of(never).stats()

    with pytest.raises(TimeoutError):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Mon, 23 Nov 2026 13:30:00 GMT", 1_795_440_600),
        ("Mon, 23 Nov 2026 14:30:00 +0100", 1_795_440_600),
        ("Mon, 23 Nov 2026 13:30:00 -0000", 1_795_440_600),
        ("yesterday", None),
        ("", None),
        ("Mon, 23 Nov 20260 13:30:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        (None, None),
    ],
)
def test_the_hosts_clock_is_what_its_last_answer_says_where_it_says_it(date, seconds):
    headers = {} if date is None else {"Date": date}
    envelope = {"code": 0, "message": "ok", "data": {"task_ids": [1]}}
    host = client_of(lambda _request: httpx.Response(200, json=envelope, headers=headers))
    assert host.host_clock is None
    asyncio.run(host.create(BODY))
    assert host.host_clock == (None if seconds is None else seconds * 1_000_000)
