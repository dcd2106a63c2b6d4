"""What each fault does to the work, and what the client sees of it, in process and on jumping time."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from support.simulated import SimulatedTransport
from support.simulation import START, Bench
from support.virtual import run_virtually

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.history import HappeningKind

CREATE = {"serials": ["A", "B"], "script_name": "post", "script_config": {}}
URL = "http://host:1/api/v1"


def struck(kind, **fault):
    return Bench(faults=FaultPlan(script=(Fault(kind, **fault),)))


async def post(bench, *, read_seconds=10.0):
    transport = SimulatedTransport(bench.host)
    async with httpx.AsyncClient(transport=transport, timeout=read_seconds) as client:
        return await client.post(f"{URL}/task", json=CREATE)


def made(bench):
    return len(bench.host.farm.tasks)


def test_without_faults_a_request_is_answered():
    bench = Bench()
    answer = run_virtually(post(bench))
    assert answer.json()["data"] == {"task_ids": [1, 2], "created_count": 2}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(FaultKind.REFUSE), httpx.ConnectError),
        (Fault(FaultKind.RESET), httpx.ReadError),
        (Fault(FaultKind.CLOSE), httpx.RemoteProtocolError),
        (Fault(FaultKind.CUT, at_byte=5), httpx.RemoteProtocolError),
        (Fault(FaultKind.CUT), httpx.RemoteProtocolError),
        (Fault(FaultKind.HANG, seconds=60), httpx.ReadTimeout),
        (Fault(FaultKind.HANG, seconds=6), httpx.RemoteProtocolError),
        (Fault(FaultKind.SLOW, seconds=11), httpx.ReadTimeout),
        (Fault(FaultKind.DRIP, seconds=11), httpx.ReadTimeout),
        (Fault(FaultKind.NOT_HTTP), httpx.RemoteProtocolError),
    ],
)
def test_faults_of_the_connection_are_the_errors_that_httpx_raises(fault, error):
    bench = Bench(faults=FaultPlan(script=(fault,)))
    with pytest.raises(error):
        run_virtually(post(bench))
    assert made(bench) == (0 if fault.kind is FaultKind.REFUSE else 2)


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.REFUSE])
def test_a_fault_that_strikes_before_the_work_makes_nothing(kind):
    bench = struck(kind, work=Work.NONE, size_bytes=1000)
    try:
        answer = run_virtually(post(bench))
    except httpx.TransportError:
        answer = None
    assert made(bench) == 0
    assert answer is None or b'"task_ids"' not in answer.content


@pytest.mark.parametrize("kind", [FaultKind.SLOW, FaultKind.DRIP])
def test_slow_answers_are_right_and_take_their_time(kind):
    async def timed():
        loop = asyncio.get_running_loop()
        begun = loop.time()
        answer = await post(struck(kind, seconds=2))
        return answer.json()["code"], loop.time() - begun

    code, seconds = run_virtually(timed())
    assert code == 0
    assert seconds == (2 if kind is FaultKind.SLOW else pytest.approx(2 * 85, rel=0.2))


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (Fault(FaultKind.HTML, http_status=503), 503, "text/html"),
        (Fault(FaultKind.EMPTY, http_status=500), 500, "application/json"),
        (Fault(FaultKind.REDIRECT), 302, "application/json"),
        (Fault(FaultKind.GARBAGE), 200, "application/json"),
        (Fault(FaultKind.TRUNCATED, at_byte=9), 200, "application/json"),
        (Fault(FaultKind.TRUNCATED), 200, "application/json"),
    ],
)
def test_faults_of_the_answer_are_whole_http_without_an_envelope(fault, status, content_type):
    bench = Bench(faults=FaultPlan(script=(fault,)))
    answer = run_virtually(post(bench))
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    with pytest.raises(ValueError):  # noqa: PT011 - bad JSON or bad text, both are this
        json.loads(answer.content)


def test_a_wrong_content_type_hides_a_right_answer():
    answer = run_virtually(post(struck(FaultKind.WRONG_TYPE)))
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.json()["data"]["created_count"] == 2


@pytest.mark.parametrize("kind", [FaultKind.HUGE, FaultKind.BOMB])
def test_huge_answers_are_as_long_as_was_chosen(kind):
    answer = run_virtually(post(struck(kind, size_bytes=200_000)))
    assert len(answer.content) == 200_000
    assert answer.json()["code"] == 0
    assert (int(answer.headers["content-length"]) < 2000) == (kind is FaultKind.BOMB)


@pytest.mark.parametrize(("work", "count"), [(Work.NONE, 0), (Work.PARTIAL, 1), (Work.DONE, 2)])
def test_an_internal_error_may_leave_some_tasks_behind(work, count):
    bench = struck(FaultKind.INTERNAL_ERROR, work=work, tasks_made=1, http_status=500)
    answer = run_virtually(post(bench))
    assert (answer.status_code, answer.json()["code"], made(bench)) == (500, 50001, count)


def test_late_work_is_done_although_the_client_gave_up():
    bench = struck(FaultKind.RESET, work=Work.LATE, late_seconds=20)
    with pytest.raises(httpx.ReadError):
        run_virtually(post(bench))
    bench.at += 19
    assert bench.payload("GET", "/task/stats")["total"] == 0
    bench.at += 5
    assert bench.payload("GET", "/task/stats")["total"] == 2
    (commit,) = bench.host.history.of(HappeningKind.COMMITTED)
    assert (commit.at, commit.details["request"]) == (START + 20, 1)


def test_late_work_dies_with_the_program():
    bench = struck(FaultKind.HTML, work=Work.LATE, late_seconds=20)
    run_virtually(post(bench))
    bench.host.person.restart()
    bench.at += 60
    assert bench.payload("GET", "/task/stats")["total"] == 0


def test_a_refusing_port_stays_closed_and_hears_nothing():
    bench = struck(FaultKind.REFUSE, seconds=30)
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            run_virtually(post(bench))
    assert len(bench.host.history.of(HappeningKind.FAULTED)) == 1
    assert not bench.host.history.of(HappeningKind.REQUESTED)
    bench.at += 30
    assert run_virtually(post(bench)).json()["code"] == 0


def test_a_script_strikes_one_request_after_the_other_and_only_its_own():
    script = (None, Fault(FaultKind.EMPTY), None)
    bench = Bench(faults=FaultPlan(script=script))

    async def ask():
        async with httpx.AsyncClient(transport=SimulatedTransport(bench.host)) as client:
            posts = [(await client.post(f"{URL}/task", json=CREATE)).status_code for _ in range(4)]
            return posts, (await client.get(f"{URL}/task?page_size=3")).json()["data"]["total"]

    assert run_virtually(ask()) == ([200, 502, 200, 200], 8)


def strikes(bench, count):
    run = [run_virtually(post(bench)).status_code for _ in range(count)]
    return [position for position, status in enumerate(run) if status == 502]


def test_a_rule_strikes_its_share_and_the_same_requests_in_every_run():
    rule = FaultRule(Fault(FaultKind.EMPTY), rate=0.25, requests="POST *")
    first, second = (strikes(Bench(faults=FaultPlan(rules=(rule,))), 200) for _ in range(2))
    assert first == second
    assert 30 < len(first) < 70


def test_a_rule_is_in_force_for_its_time_and_its_requests():
    rules = (
        FaultRule(Fault(FaultKind.EMPTY), requests="GET *"),
        FaultRule(Fault(FaultKind.EMPTY), from_at=START + 10, until_at=START + 20),
    )
    bench = Bench(faults=FaultPlan(rules=rules))
    seen = []
    for _ in range(3):
        seen.append(len(strikes(bench, 1)))
        bench.at += 10
    assert seen == [0, 1, 0]


def test_a_fault_is_in_the_history_with_its_request():
    bench = struck(FaultKind.RESET, work=Work.DONE)
    with pytest.raises(httpx.ReadError):
        run_virtually(post(bench))
    kinds = [(str(h.kind), h.details["request"]) for h in bench.host.history]
    assert kinds == [("faulted", 1), ("requested", 1), ("committed", 1)]


def test_the_history_knows_who_asked():
    bench = Bench()

    async def ask():
        for name in ("runner", "somebody"):
            transport = SimulatedTransport(bench.host, client=name)
            async with httpx.AsyncClient(transport=transport) as client:
                await client.get(f"{URL}/task?page=1")

    run_virtually(ask())
    asked = [(h.details["client"], h.details["query"]) for h in bench.host.history]
    assert asked == [("runner", {"page": "1"}), ("somebody", {"page": "1"})]


def test_latency_is_within_its_range_and_repeatable():
    async def waits():
        loop = asyncio.get_running_loop()
        bench = Bench(latency_seconds=(0.1, 0.5))
        seen = []
        for _ in range(20):
            begun = loop.time()
            await post(bench)
            seen.append(loop.time() - begun)
        return seen

    first = run_virtually(waits())
    assert first == pytest.approx(run_virtually(waits()))
    assert 0.1 <= min(first) < 0.25
    assert 0.35 < max(first) <= 0.5 + 1e-9


def test_each_address_has_its_own_host_and_others_are_refused():
    one, two = Bench(), Bench(first_task_id=7)
    hosts = {"host:1": one.host, "other:2": two.host}

    async def ask():
        async with httpx.AsyncClient(transport=SimulatedTransport(hosts)) as client:
            first = await client.post("http://other:2/api/v1/task", json=CREATE)
            with pytest.raises(httpx.ConnectError):
                await client.post("http://other:3/api/v1/task", json=CREATE)
            return first.json()["data"]["task_ids"]

    assert run_virtually(ask()) == [7, 8]
    assert made(one) == 0
