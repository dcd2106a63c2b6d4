"""Hosts that refuse, are broken or are not there: each is told by name, and delays nobody else."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import datetime

import pytest
from support.processes import Workplace, farm, instant_of, stopped, wait_until, window

from runner.model.instant import SECOND, instant

STEPS = 5
DEVICES_A_STEP = 4
BROKEN_DEVICES = ("one", "two", "three")

CODES = (40001, 40002, 40003, 40301, 40401)
DOUBTFUL = {
    "garbage": {"kind": "garbage"},
    "hanging": {"kind": "hang", "seconds": 30},
    "html": {"kind": "html"},
    "internal-error": {"kind": "internal_error"},
    "truncated": {"kind": "truncated"},
}
REFUSING = [f"refuses-{code}" for code in CODES if code != 40301]
OUT_OF_REACH = ("closed-port", "mute", "starter")
BROKEN = (*REFUSING, "refuses-40301", *DOUBTFUL, *OUT_OF_REACH)

pytestmark = pytest.mark.timeout(150)


def serials(step):
    return [f"healthy-{step}-{number}" for number in range(DEVICES_A_STEP)]


def striking(fault, *, requests="POST /task"):
    return {"rules": [{"fault": {"work": "none", **fault}, "requests": requests}]}


def healthy_host():
    devices = [serial for step in range(STEPS) for serial in serials(step)]
    return {"name": "healthy", "serials": devices, "duration_seconds": (0.1, 0.2), "pickup_seconds": (0, 0)}


def broken_hosts():
    hosts = {name: striking(fault) for name, fault in DOUBTFUL.items()}
    hosts |= {f"refuses-{code}": striking({"kind": "refusal", "code": code}) for code in CODES}
    hosts["mute"] = striking({"kind": "html"}, requests="*")
    named = [{"name": name, "faults": faults} for name, faults in hosts.items()]
    named.append({"name": "starter", "plan": {"plan_name": "Starter"}})
    return [{"serials": [f"{host['name']}-{one}" for one in BROKEN_DEVICES], **host} for host in named]


@contextmanager
def closed_port():
    """Hold a port on which nothing listens, so that nobody else can take it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/api/v1"


def write_healthy_campaign(place):
    groups = {f"step-{step}": {"host": "healthy", "serials": serials(step)} for step in range(STEPS)}
    scripts = [
        {
            "name": f"clip-{step}",
            "script_name": "post",
            "device_groups": [f"step-{step}"],
            "start_time": window(opens_in=2 + step, lasts=600),
            "spread": "together",
            "script_config": {"captions": "${script} on ${serial}"},
        }
        for step in range(STEPS)
    ]
    place.write_campaign("healthy", device_groups=groups, scripts=scripts)


def write_broken_campaign(place, host):
    # What cannot even be tried is told once its window has closed.
    opens = window(opens_in=0, lasts=9) if host in OUT_OF_REACH else window(opens_in=1, lasts=600)
    devices = [f"{host}-{one}" for one in BROKEN_DEVICES]
    script = {
        "name": "clip",
        "script_name": "post",
        "device_groups": ["all"],
        "start_time": opens,
        "spread": "together",
        "script_config": {"captions": "on ${serial}"},
    }
    place.write_campaign(
        f"on-{host}", device_groups={"all": {"host": host, "serials": devices}}, scripts=[script]
    )


def lateness(place, served):
    """Return by how many seconds each submission reached the healthy host after it could be made."""
    ready = min(
        instant(datetime.fromisoformat(told["timestamp"]))
        for told in place.events_named("host.ready")
        if told["host"] == "healthy"
    )
    due = {record.assignment.target.name: record.assignment.due for record in today(place, "healthy")}
    arrived = {one["tasks"][0]["serial"]: one["at"] for one in served.commits("healthy")}
    assert due.keys() == arrived.keys()
    return [(instant_of(arrived[serial]) - max(due[serial], ready)) / SECOND for serial in due]


def today(place, campaign):
    records = place.assignments(campaign=campaign)
    first = min((record.run.day for record in records), default=None)
    return [record for record in records if record.run.day == first]


def ended(place, campaigns):
    open_states = {"planned", "submitting", "submitted", "running"}
    return all(
        (records := today(place, campaign)) and not open_states & {record.state for record in records}
        for campaign in campaigns
    )


def only_the_healthy_one(folder):
    with farm([healthy_host()]) as served:
        place = Workplace(folder)
        folder.mkdir()
        place.write_config(served.urls)
        write_healthy_campaign(place)
        with place.daemon() as daemon:
            wait_until(lambda: ended(place, ["healthy"]), seconds=25, else_say=lambda: str(place.states()))
            assert stopped(daemon) == 0
        return lateness(place, served)


def told_of(place, host, name):
    """Return the log's lines of one event about a host's assignments, each naming what it is about."""
    told = [event for event in place.events_named(name) if event["host"] == host]
    for event in told:
        assert event["campaign"] == f"on-{host}"
        assert (event["script"], event["script_name"]) == ("clip", "post")
        assert event["reason"]
    assert {event["serial"] for event in told} <= {f"{host}-{one}" for one in BROKEN_DEVICES}
    return told


def test_trouble_on_other_hosts_is_told_by_name_and_delays_no_healthy_one(tmp_path):
    alone = only_the_healthy_one(tmp_path / "alone")
    with farm([healthy_host(), *broken_hosts()]) as served, closed_port() as nobody:
        place = Workplace(tmp_path)
        place.write_config({**served.urls, "closed-port": nobody})
        write_healthy_campaign(place)
        for host in BROKEN:
            write_broken_campaign(place, host)
        with place.daemon() as daemon:
            settling = ["healthy", *(f"on-{host}" for host in BROKEN if host != "refuses-40301")]
            # Where nothing vouches for a host's list, one request after the other is looked for.
            wait_until(lambda: ended(place, settling), seconds=70, else_say=lambda: str(place.states()))
            assert daemon.poll() is None
            assert stopped(daemon) == 0
        beside_trouble = lateness(place, served)
        assert not any(served.commits(host) for host in served.ports if host != "healthy")

    assert not place.events_named("daemon.stalled")
    # Each of the broken hosts holds its own requests for two seconds and more, again and again.
    assert max(beside_trouble) < max(alone) + 5

    for host in REFUSING:
        code = int(host.removeprefix("refuses-"))
        assert [event["code"] for event in told_of(place, host, "submission.refused")] == [code] * 3
        assert len(told_of(place, host, "assignment.failed")) == 3
    # Its work waits for the licence, so it is not failed; and it is not tried again and again at once.
    held = told_of(place, "refuses-40301", "submission.refused")
    assert {event["code"] for event in held} == {40301}
    assert len(held) <= 6 * len(BROKEN_DEVICES)
    assert {record.state for record in today(place, "on-refuses-40301")} == {"planned"}
    for host in DOUBTFUL:
        assert told_of(place, host, "submission.unsettled")
        assert len(told_of(place, host, "assignment.unknown")) == 3
    for host, state in zip(OUT_OF_REACH, ("unreachable", "unclear", "unlicensed"), strict=True):
        assert [event["host"] for event in place.events_named(f"host.{state}")].count(host) == 1
        assert len(told_of(place, host, "assignment.missed")) == 3
