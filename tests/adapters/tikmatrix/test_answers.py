"""What a host may answer, and what the client makes of it: facts, or one of three errors."""

from __future__ import annotations

import asyncio
import gzip
import json
import os

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tikmatrix import (
    ENDPOINTS,
    answering,
    outcome_of,
    outcome_or_error,
    raising,
)

from runner.adapters.tikmatrix.client import ANSWER_BYTES
from runner.errors import HostError, HostRefused, HostUnclear
from runner.model.tikmatrix import (
    Created,
    Licence,
    Stats,
    Task,
    TaskPage,
)


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
