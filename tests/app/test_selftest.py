"""The self-test sends one harmless task, once, follows it, and touches nothing that is not its own."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from support.simulated import SimulatedTransport
from support.virtual import run_virtually

from runner.adapters.tikmatrix.client import TikMatrix
from runner.app.selftest import MOST_SECONDS, selftest
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule
from runner.simulator.history import HappeningKind
from runner.simulator.host import SimulatedHost
from runner.simulator.options import AnswerShape, Echo, HostOptions, UnknownTargets

START = datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp()
OTHERS = {"serials": ["A"], "script_name": "post", "script_config": {"captions": "of a person"}}


class LoopClock:
    """The virtual loop's time."""

    def now(self):
        return round((START + self.monotonic_seconds()) * 1e6)

    def monotonic_seconds(self):
        return asyncio.get_running_loop().time()


def outcome(*, device="A", first=None, **options):
    """Run the self-test on a simulated host; return what was found, the host, and what was told."""
    told = []

    async def scenario():
        loop = asyncio.get_running_loop()
        chosen = {"serials": ("A",), "duration_seconds": (30.0, 30.0), "pickup_seconds": (1.0, 1.0)}
        host = SimulatedHost(HostOptions(**{**chosen, **options}), now=lambda: START + loop.time())
        client = TikMatrix("http://pc/api/v1", transport=SimulatedTransport(host), timeout_seconds=5)
        if first is not None:
            await client.create(json.dumps(first).encode())
        found = await selftest(client, device, clock=LoopClock(), tell=told.append)
        host.farm.advance()
        return found, host

    found, host = run_virtually(scenario())
    return found, host, told


def in_short(found):
    return [(one.check, one.verdict.value) for one in found]


def test_one_short_warm_up_that_touches_nothing_is_followed_to_its_end():
    found, host, told = outcome()
    assert in_short(found) == [("selftest", "ok"), ("echo", "ok"), ("selftest", "ok")]
    (made,) = host.history.of(HappeningKind.COMMITTED)
    body = made.details["body"]
    assert body["script_name"] == "account_warmup"
    assert body["serials"] == ["A"]
    config = body["script_config"]
    assert config["task_duration"] == 30
    assert [config[key] for key in config if key.endswith("_probable")] == [0, 0, 0, 0]
    assert told == ["task 1 was made", "task 1 is pending", "task 1 is running", "task 1 is completed"]


def test_a_host_that_shows_no_arguments_is_told():
    found, _, _ = outcome(shape=AnswerShape(echo=Echo.ABSENT))
    assert in_short(found)[1] == ("echo", "warning")
    assert found[1].message == "the host shows no arguments"


def test_a_task_that_fails_is_a_problem_with_the_hosts_own_remark():
    found, _, _ = outcome(failure_rate=1.0)
    assert in_short(found)[-1] == ("selftest", "problem")
    assert found[-1].message.startswith("the host says: failed: ")


def test_what_has_not_begun_in_ten_minutes_is_withdrawn_and_nothing_else():
    found, host, _ = outcome(first=OTHERS, duration_seconds=(2 * MOST_SECONDS, 2 * MOST_SECONDS))
    assert found[-1].message.endswith("had not begun, and was withdrawn")
    deleted = host.history.of(HappeningKind.DELETED)
    assert [one.details["number"] for one in deleted] == [2]


def test_what_runs_for_longer_is_left_alone():
    found, host, _ = outcome(duration_seconds=(2 * MOST_SECONDS, 2 * MOST_SECONDS))
    assert found[-1].message.endswith("and was left alone")
    assert host.history.of(HappeningKind.DELETED, HappeningKind.STOPPED) == []


@pytest.mark.parametrize("kind", ["internal_error", "reset", "garbage", "hang"])
def test_a_lost_answer_is_told_and_nothing_is_sent_again(kind):
    rule = FaultRule(Fault(FaultKind(kind)), requests="POST /task")
    found, host, _ = outcome(faults=FaultPlan(rules=(rule,)))
    (only,) = found
    assert only.verdict == "problem"
    assert only.message.startswith("what it did is not known")
    assert len(host.history.of(HappeningKind.REQUESTED)) == 1


def test_an_unknown_device_is_what_the_host_says():
    found, _, _ = outcome(device="nobody", unknown_targets=UnknownTargets.REFUSE)
    assert [one.verdict.value for one in found] == ["problem"]
