"""Three hosts, sixty devices, four campaigns, three hundred assignments: once each, and told truly."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import contextmanager
from itertools import pairwise

import pytest
from support.processes import (
    Workplace,
    farm,
    stopped,
    told_results,
    true_results,
    wait_until,
    window,
)

HOSTS = ("studio", "attic", "garage")
DEVICES = 20
ENTRIES = {"spring": ("clip", "evening"), "brands": ("post",), "care": ("warmup",), "extra": ("post",)}
ASSIGNMENTS = 300

pytestmark = pytest.mark.timeout(120)


def serials(host):
    return [f"{host}-{number:02}" for number in range(DEVICES)]


@contextmanager
def three_hosts(**luck):
    options = {
        "duration_seconds": (0.2, 0.6),
        "pickup_seconds": (0, 0.1),
        "latency_seconds": (0, 0.02),
        **luck,
    }
    hosts = [{"name": host, "serials": serials(host), **options} for host in HOSTS]
    # Some failures everywhere; one host tries failed tasks again by itself, this early with this seed.
    hosts[0] |= {"own_retries": 2, "seed": 243, "failure_rate": 0.15}
    with farm(hosts) as served:
        yield served


def workplace(folder, served, *, retry=None):
    place = Workplace(folder)
    place.write_config(served.urls)
    opens = window(opens_in=-20, lasts=3600)
    groups = {host: {"host": host, "serials": serials(host)} for host in HOSTS}
    for campaign, names in ENTRIES.items():
        scripts = [
            {
                "name": name,
                "script_name": "account_warmup" if name == "warmup" else "post",
                "device_groups": list(HOSTS),
                "start_time": opens,
                "spread": "together",
                "script_config": {"topic": "${campaign} ${serial}", "task_duration": 60}
                if name == "warmup"
                else {"captions": "${campaign}/${script} on ${serial} #été", "content_type": 0},
                **({"retry": retry} if retry and campaign == "extra" else {}),
            }
            for name in names
        ]
        place.write_campaign(campaign, device_groups=groups, scripts=scripts)
    return place


def today(place):
    """Return the assignments of the window that is open; the plan also holds tomorrow's."""
    records = place.assignments()
    first = min((record.run.day for record in records), default=None)
    return [record for record in records if record.run.day == first]


def agreed(place, served):
    """Has everything ended, and is it told as it is? A host that tries again by itself may undo that."""
    told, true = told_results(today(place)), true_results(served)
    ended = {one.state for one in told} == {"completed", "failed"}
    return ended and len(told) == ASSIGNMENTS and Counter(told) == Counter(true)


def difference(place, served):
    told, true = Counter(told_results(today(place))), Counter(true_results(served))
    return f"told, not true: {list(told - true)[:5]}; true, not told: {list(true - told)[:5]}"


def sent(results):
    return Counter((one.host, one.serial, one.script_name, one.script_config) for one in results)


def returned_and_ended(served):
    history = served.history("studio")
    returned = {happening["number"] for happening in history if happening["kind"] == "returned"}
    ended = {happening["number"] for happening in history if happening["kind"] == "completed"}
    return returned & ended


def from_the_log_alone(events):
    """Return the last state that the log tells of each assignment, with its names and reason."""
    last = {}
    for event in events:
        if event["event"].startswith("assignment.") and "state" in event:
            last[event["key"]] = (
                event["campaign"],
                event["script"],
                event["host"],
                event["serial"],
                event["state"],
                event.get("reason"),
            )
    return last


def from_the_ledger(records):
    return {
        record.assignment.key: (
            record.run.campaign,
            record.run.script,
            record.assignment.target.host,
            record.assignment.target.name,
            record.state.value,
            record.reason,
        )
        for record in records
        if record.state.value != "planned"
    }


def test_every_assignment_is_submitted_once_and_every_result_is_true(tmp_path):
    with three_hosts(failure_rate=0.1) as served:
        place = workplace(tmp_path, served, retry={"attempts": 1, "delay": "1s"})
        with place.daemon() as daemon:
            wait_until(
                lambda: returned_and_ended(served) and agreed(place, served),
                seconds=50,
                else_say=lambda: difference(place, served),
            )
            assert stopped(daemon) == 0

        records, true = today(place), true_results(served)
        assert len(records) == ASSIGNMENTS
        assert sent(told_results(records)) == sent(true)
        assert set(sent(true).values()) == {1}
        retries = [happening for host in HOSTS for happening in served.history(host)]
        assert "retried" in {happening["kind"] for happening in retries}
        # One at a time on each device, from its submission to the result that was seen.
        for host in HOSTS:
            of_device = {}
            for happening in served.commits(host):
                of_device.setdefault(happening["tasks"][0]["serial"], []).append(happening["at"])
            assert all(later > earlier for times in of_device.values() for earlier, later in pairwise(times))

    assert from_the_log_alone(place.events()) == from_the_ledger(place.assignments())
    assert not place.events_named("daemon.stalled")


def test_a_stop_in_the_middle_repeats_and_loses_nothing(tmp_path):
    with three_hosts(failure_rate=0.1) as served:
        place = workplace(tmp_path, served)
        with place.daemon() as daemon:
            wait_until(
                lambda: len(true_results(served)) > ASSIGNMENTS / 4,
                seconds=30,
                else_say=lambda: str(place.states()),
            )
            assert stopped(daemon) == 0
        assert len(true_results(served)) < ASSIGNMENTS
        assert "submitting" not in place.states()
        with place.daemon() as daemon:
            wait_until(lambda: agreed(place, served), seconds=40, else_say=lambda: difference(place, served))
            assert stopped(daemon) == 0
        assert set(sent(true_results(served)).values()) == {1}
    assert [event["event"] for event in place.events()].count("daemon.stopped") == 2
    assert from_the_log_alone(place.events()) == from_the_ledger(place.assignments())


def test_a_kill_in_the_middle_doubles_nothing(tmp_path):
    with three_hosts(failure_rate=0.1) as served:
        place = workplace(tmp_path, served)
        with place.daemon() as daemon:
            wait_until(
                lambda: len(true_results(served)) > ASSIGNMENTS / 4,
                seconds=30,
                else_say=lambda: str(place.states()),
            )
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
        with place.daemon() as daemon:
            wait_until(lambda: settled(place, served), seconds=40, else_say=lambda: difference(place, served))
            assert stopped(daemon) == 0
        assert set(sent(true_results(served)).values()) == {1}
    told = [event["key"] for event in place.events_named("assignment.unknown")]
    unknown = [record.assignment.key for record in today(place) if record.state == "unknown"]
    assert sorted(told) == sorted(unknown)


def settled(place, served):
    """Is every assignment told as it is, or told to be unknown?"""
    records = today(place)
    known = [record for record in records if record.state != "unknown"]
    unknown = sent(told_results([record for record in records if record.state == "unknown"]))
    true = Counter(true_results(served))
    beside = true - Counter(told_results(known))
    return (
        len(records) == ASSIGNMENTS
        and not Counter(told_results(known)) - true
        and not sent(beside.elements()) - unknown
    )
