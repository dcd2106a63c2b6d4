"""Simulated hosts over real HTTP: keep-alive, each fault on the socket, the controls, a graceful stop."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import textwrap
import time

import httpx
import pytest

from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.host import SimulatedHost
from runner.simulator.options import HostOptions
from runner.simulator.server import BODY_LIMIT_BYTES, HostServer

CREATE = {"serials": ["A"], "script_name": "post", "script_config": {}}


def served(test, *, idle_seconds=60.0, **options):
    """Run `test(server, client)` against a host on a free port and return its result."""

    async def run():
        host = SimulatedHost(HostOptions(serials=("A",), **options), now=time.time)
        server = HostServer(host, port=0, idle_seconds=idle_seconds)
        await server.start()
        try:
            url = f"http://127.0.0.1:{server.port}"
            async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
                return await test(server, client)
        finally:
            await server.stop()

    return asyncio.run(run())


async def raw(server, *sent):
    """Send bytes on one connection and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for part in sent:
            writer.write(part)
        return await reader.read()
    finally:
        writer.close()


async def committed(server):
    while not server.host.farm.tasks:  # noqa: ASYNC110 - the host tells nobody
        await asyncio.sleep(0)


def test_one_connection_takes_many_requests():
    async def test(server, client):
        for expected in (1, 2, 3):
            answer = await client.post("/api/v1/task", json=CREATE)
            assert answer.json()["data"]["task_ids"] == [expected]
        listed = (await client.get("/api/v1/task", params={"page_size": 2})).json()["data"]
        assert (listed["total"], len(listed["tasks"])) == (3, 2)
        return len(server._connections)

    assert served(test) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(FaultKind.RESET), httpx.ReadError),
        (Fault(FaultKind.CLOSE), httpx.RemoteProtocolError),
        (Fault(FaultKind.HANG, seconds=0.05), httpx.RemoteProtocolError),
        (Fault(FaultKind.HANG, seconds=30), httpx.ReadTimeout),
        (Fault(FaultKind.CUT, at_byte=5), httpx.RemoteProtocolError),
        (Fault(FaultKind.CUT, at_byte=10**6), httpx.RemoteProtocolError),
        (Fault(FaultKind.NOT_HTTP), httpx.RemoteProtocolError),
    ],
)
def test_faults_of_the_connection_are_real(fault, error):
    async def test(_server, client):
        with pytest.raises(error):
            await client.post("/api/v1/task", json=CREATE, timeout=0.5)
        assert (await client.post("/api/v1/task", json=CREATE)).json()["data"]["task_ids"] == [2]

    served(test, faults=FaultPlan(script=(fault,)))


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(FaultKind.SLOW, seconds=0.05), 200),
        (Fault(FaultKind.DRIP, seconds=0.001), 200),
        (Fault(FaultKind.HTML), 502),
        (Fault(FaultKind.EMPTY, http_status=500), 500),
        (Fault(FaultKind.REDIRECT), 302),
        (Fault(FaultKind.HUGE, size_bytes=3_000_000), 200),
        (Fault(FaultKind.BOMB, size_bytes=3_000_000), 200),
    ],
)
def test_faults_of_the_answer_leave_the_connection_usable(fault, status):
    async def test(server, client):
        assert (await client.post("/api/v1/task", json=CREATE)).status_code == status
        assert (await client.post("/api/v1/task", json=CREATE)).json()["code"] == 0
        return len(server._connections)

    assert served(test, faults=FaultPlan(script=(fault,))) == 1


def test_a_reset_is_a_reset_and_a_close_is_none():
    request = b"GET /api/v1/task/stats HTTP/1.1\r\nHost: x\r\n\r\n"
    script = (Fault(FaultKind.RESET), Fault(FaultKind.CLOSE))

    async def test(server, _client):
        with pytest.raises(ConnectionResetError):
            await raw(server, request)
        assert await raw(server, request) == b""

    served(test, faults=FaultPlan(script=script, scripted_requests="GET *"))


def test_a_closed_port_refuses_and_opens_again():
    fault = Fault(FaultKind.REFUSE, work=Work.NONE, seconds=0.4)

    async def test(server, client):
        idle = await asyncio.open_connection("127.0.0.1", server.port)
        with pytest.raises(httpx.ReadError):
            await client.post("/api/v1/task", json=CREATE)
        with pytest.raises(httpx.ConnectError):
            await client.post("/api/v1/task", json=CREATE)
        with pytest.raises(ConnectionResetError):
            await idle[0].read()
        idle[1].close()
        await server._reopening
        assert (await client.post("/api/v1/task", json=CREATE)).json()["data"]["task_ids"] == [1]

    served(test, faults=FaultPlan(script=(fault,)))


def test_a_server_stops_while_its_port_is_closed_and_while_a_request_hangs():
    plan = FaultPlan(script=(Fault(FaultKind.HANG, seconds=600),))

    async def test(server, client):
        hanging = asyncio.create_task(client.post("/api/v1/task", json=CREATE))
        await committed(server)
        assert (
            await client.post("/simulator/person", json={"act": "close_port", "seconds": 600})
        ).status_code == 200
        with pytest.raises(httpx.TransportError):
            await hanging
        with pytest.raises(httpx.ConnectError):
            await client.get("/api/v1/task")

    served(test, faults=plan)


def test_an_answer_that_is_under_way_dies_with_the_port():
    plan = FaultPlan(script=(Fault(FaultKind.HANG, seconds=0.1),))

    async def test(server, client):
        hanging = asyncio.create_task(client.post("/api/v1/task", json=CREATE))
        await committed(server)
        await client.post("/simulator/person", json={"act": "restart", "down_seconds": 0.3})
        with pytest.raises(httpx.ReadError):
            await hanging
        await server._reopening
        return (await client.get("/api/v1/task/1")).json()["data"]["status"]

    assert served(test, faults=plan, pickup_seconds=(0.0, 0.0)) == 3


def test_an_idle_connection_is_closed():
    async def test(server, _client):
        return await raw(server)

    assert served(test, idle_seconds=0.02) == b""


def test_what_is_not_http_is_refused():
    async def test(server, _client):
        return await raw(server, b"\x16\x03\x01 nonsense\r\n\r\n")

    assert served(test).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_is_too_long_is_refused():
    async def test(server, _client):
        head = b"POST /api/v1/task HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        size = BODY_LIMIT_BYTES + 1
        return await raw(server, head, b"%x\r\n" % size, b"x" * size)

    assert served(test).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_leaves_in_the_middle_of_a_request_is_refused():
    async def test(server, _client):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /api/v1/task HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer

    assert served(test).startswith(b"HTTP/1.1 400 ")


def test_a_client_may_ask_before_it_sends_and_may_ask_for_heads_only():
    async def test(server, client):
        sent = json.dumps(CREATE).encode()
        head = b"POST /api/v1/task HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
        answer = await raw(server, head + b"Content-Length: %d\r\n\r\n" % len(sent), sent)
        assert answer.startswith(b"HTTP/1.1 100 ")
        assert b'"created_count": 1' in answer
        assert (await client.head("/api/v1/task")).content == b""
        assert (await client.get("/api/v1/task/stats")).json()["data"]["total"] == 1

    served(test)


def test_history_and_acts_can_be_had_over_http():
    async def test(_server, client):
        await client.post("/api/v1/task", json=CREATE)
        act = {"act": "create_task", "script_name": "post", "serials": ["A"], "script_config": {}}
        assert (await client.post("/simulator/person", json=act)).json() == {"result": [2]}
        assert (await client.post("/simulator/person", json={"act": "clear_all"})).status_code == 200
        lines = (await client.get("/simulator/history?since=1")).text.splitlines()
        kinds = [json.loads(line)["kind"] for line in lines]
        assert (kinds[0], kinds[-1]) == ("committed", "cleared")

    served(test)


def test_options_can_be_changed_over_http():
    changes = {
        "failure_rate": 1.0,
        "plan": {"plan_name": "Starter"},
        "faults": {"rules": [{"fault": {"kind": "empty", "http_status": 503}, "requests": "POST *"}]},
    }

    async def test(server, client):
        assert (await client.post("/simulator/options", json=changes)).json() == {"result": None}
        assert (await client.post("/api/v1/task", json=CREATE)).status_code == 503
        assert (await client.get("/api/v1/task")).json()["code"] == 40301
        assert (await client.post("/simulator/options", json={"faults": {}})).status_code == 200
        assert (await client.post("/api/v1/task", json=CREATE)).status_code == 200
        assert (await client.post("/simulator/options", json={"own_retries": 2})).status_code == 200
        return server.host.options

    options = served(test)
    assert (options.failure_rate, options.own_retries, options.serials) == (1.0, 2, ("A",))


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/simulator/nothing", b"", 404),
        ("GET", "/simulator/history?since=x", b"", 400),
        ("POST", "/simulator/person", b"[]", 400),
        ("POST", "/simulator/person", b"{}", 400),
        ("POST", "/simulator/person", b'{"act": "__init__"}', 400),
        ("POST", "/simulator/person", b'{"act": "delete"}', 400),
        ("POST", "/simulator/person", b'{"act": "delete", "task_id": 3}', 400),
        ("POST", "/simulator/options", b'{"failure_rate": 2}', 400),
        ("POST", "/simulator/options", b'{"failure": 1}', 400),
        ("POST", "/simulator/options", b'{"faults": {"rulez": []}}', 400),
        ("POST", "/simulator/options", b'{"plan": {"name": "Pro"}}', 400),
    ],
)
def test_controls_say_what_is_wrong(method, path, body, status):
    async def test(_server, client):
        answer = await client.request(method, path, content=body)
        assert answer.json()["error"]
        return answer.status_code

    assert served(test) == status


SERVE = """
    from runner.simulator.options import HostOptions
    from runner.simulator.serve import ServedHost, serve

    hosts = [ServedHost(HostOptions(name=name, serials=("A",)), port=0) for name in ("one", "two")]
    serve(hosts, on_ready=lambda ready: print(ready.name, ready.port, ready.devices, flush=True))
    print("stopped")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_hosts_are_served_until_a_signal(number):
    command = [sys.executable, "-c", textwrap.dedent(SERVE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline().split() for _ in range(2)]
        for _, port, _ in lines:
            answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/license/check", trust_env=False)
            assert answer.json()["data"]["plan_name"] == "Pro"
        process.send_signal(number)
        rest, _ = process.communicate(timeout=10)
    assert [(name, devices) for name, _, devices in lines] == [("one", "1"), ("two", "1")]
    assert (rest, process.returncode) == ("stopped\n", 0)


def test_a_port_that_is_taken_is_an_error():
    async def test(server, _client):
        with pytest.raises(OSError, match=str(server.port)):
            await HostServer(server.host, port=server.port).start()

    served(test)
