"""Every endpoint, every kind of failure that a transport can have, and any answer at all."""

from __future__ import annotations

import asyncio
import gzip
import json
import os

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.adapters.tikmatrix.client import ANSWER_BYTES, TikMatrix
from runner.errors import HostError, HostRefused, HostUnclear, HostUnreached
from runner.model.tikmatrix import (
    Created,
    Licence,
    Stats,
    Task,
    TaskFilter,
    TaskPage,
    TaskStatus,
)

BODY = b'{"serials":["R58M12345"],  "script_name":"post","script_config":{"api_key":"s3cret"}}'
EVERYTHING = TaskFilter(status=TaskStatus.PENDING, serial="a &/ä", script_name="post", source="ui")

ENDPOINTS = {
    "licence": lambda host: host.licence(),
    "create": lambda host: host.create(BODY),
    "tasks": lambda host: host.tasks(TaskFilter(), page=1),
    "task": lambda host: host.task("5"),
    "delete": lambda host: host.delete("5"),
    "delete_many": lambda host: host.delete_many(["5", "0", "07", "x-1"]),
    "stop": lambda host: host.stop("5"),
    "retry": lambda host: host.retry("5"),
    "retry_all": lambda host: host.retry_all(),
    "stats": lambda host: host.stats(),
}

each_endpoint = pytest.mark.parametrize("ask", ENDPOINTS.values(), ids=ENDPOINTS)


def client_of(handler, *, timeout_seconds=5.0, in_flight=8):
    return TikMatrix(
        "http://studio:50809/api/v1/",
        transport=httpx.MockTransport(handler),
        timeout_seconds=timeout_seconds,
        in_flight=in_flight,
        redact=lambda text: text.replace("s3cret", "***"),
    )


def outcome_of(ask, handler, **options):
    return asyncio.run(ask(client_of(handler, **options)))


def outcome_or_error(ask, handler):
    try:
        return outcome_of(ask, handler)
    except HostError as error:
        return error


def answering(data):
    return lambda _request: httpx.Response(200, json={"code": 0, "message": "ok", "data": data})


def raising(error):
    def handler(_request):
        raise error

    return handler


async def never(_request):
    await asyncio.Event().wait()


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


def endless():
    async def body():
        while True:
            yield b" " * 1_000_000

    return body()


def test_an_answer_without_end_is_not_read_beyond_the_cap():
    with pytest.raises(HostUnclear, match="larger than 8 MiB"):
        outcome_of(ENDPOINTS["create"], lambda _: httpx.Response(200, content=endless()))


def test_an_answer_as_large_as_the_cap_is_read():
    envelope = b'{"code": 0, "data": {"task_ids": [1]}}'
    body = envelope + b" " * (ANSWER_BYTES - len(envelope))
    outcome = outcome_of(ENDPOINTS["create"], lambda _: httpx.Response(200, content=body))
    assert outcome == Created(("1",), None)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip"])
def test_a_compressed_answer_is_unclear_and_never_unpacked(encoding):
    async def bomb():
        yield gzip.compress(bytes(10_000_000))

    def handler(_request):
        return httpx.Response(200, headers={"Content-Encoding": encoding}, content=bomb())

    with pytest.raises(HostUnclear, match="is encoded"):
        outcome_of(ENDPOINTS["create"], handler)


def test_an_answer_that_calls_itself_identity_is_plain():
    def handler(_request):
        return httpx.Response(
            200, headers={"Content-Encoding": "Identity"}, json={"code": 0, "data": {"task_ids": [1]}}
        )

    assert outcome_of(ENDPOINTS["create"], handler) == Created(("1",), None)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(
                [
                    "id",
                    "task_id",
                    "task_ids",
                    "status",
                    "script_args",
                    "total",
                    "api_enabled",
                    "tasks",
                    "task",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ENVELOPES = st.fixed_dictionaries(
    {"code": st.sampled_from([0, "0", 40001, "40401", 50001]) | ANYTHING, "data": ANYTHING},
    optional={"message": ANYTHING},
)
FACTS = (Licence, Created, TaskPage, Task, Stats, type(None))


@given(
    ask=st.sampled_from(sorted(ENDPOINTS)),
    body=st.one_of(ENVELOPES, ANYTHING).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60),
    status=st.sampled_from([200, 201, 302, 400, 403, 404, 500, 502]),
)
def test_any_answer_to_any_endpoint_is_a_fact_or_one_of_the_three_errors(ask, body, status):
    outcome = outcome_or_error(ENDPOINTS[ask], lambda _: httpx.Response(status, content=body))
    if isinstance(outcome, HostError):
        assert isinstance(outcome, HostRefused | HostUnclear)
        assert 0 < len(str(outcome)) < 300
        assert str(outcome).isprintable()
    else:
        assert isinstance(outcome, FACTS)


@given(
    body=ENVELOPES.map(lambda value: json.dumps(value).encode()), code=st.sampled_from([40001, 40301, 50001])
)
def test_no_answer_but_a_success_envelope_is_taken_for_a_success(body, code):
    refused = json.dumps({**json.loads(body), "code": code}).encode()
    with pytest.raises(HostError):
        outcome_of(ENDPOINTS["create"], lambda _: httpx.Response(200, content=refused))


def test_a_proxy_in_the_environment_is_not_used(serving, asking, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")

    async def behave(connection):
        await connection.hear_request()
        connection.answer(b'{"code": 0, "data": {"total": 1}}')

    async def run():
        async with serving(behave) as host, asking(host.url) as client:
            return (await client.stats()).total

    assert asyncio.run(run()) == 1


ECHOES = {
    "a refusal": httpx.Response(400, json={"code": 40001, "message": f"{'x' * 150} s3cret"}),
    "an error": httpx.Response(200, json={"code": 50001, "message": "s3cret"}),
    "a page": httpx.Response(502, content=f"<html>{'x' * 148} s3cret</html>".encode()),
    "a header": httpx.Response(200, headers={"Content-Encoding": "s3cret"}, content=b"{}"),
    "a broken answer": httpx.RemoteProtocolError("illegal status line: s3cret"),
    "a proxy": httpx.ConnectError("no way to s3cret"),
    "a bug": ValueError("s3cret"),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_no_error_repeats_a_secret_nor_the_beginning_of_one(echo):
    handler = raising(echo) if isinstance(echo, Exception) else lambda _request: echo
    error = outcome_or_error(ENDPOINTS["create"], handler)
    assert "s3" not in str(error)
    assert "*" in str(error)


def test_no_text_that_is_kept_holds_a_secret():
    row = {
        "id": 5,
        "status": 3,
        "remark": f"{'x' * 1996} s3cret",
        "start_time": "s3cret",
        "end_time": "s3cret",
    }
    task = outcome_of(ENDPOINTS["task"], answering(row))
    assert (task.remark, task.start_time, task.end_time) == (f"{'x' * 1996} ***", "***", "***")
    licence = outcome_of(
        ENDPOINTS["licence"], answering({"api_enabled": 1, "plan_name": "s3cret", "message": "s3cret!"})
    )
    assert (licence.plan_name, licence.message) == ("***", "***!")
