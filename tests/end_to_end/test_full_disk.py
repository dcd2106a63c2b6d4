"""A disk that is full under a real daemon: nothing leaves without its intent, and nothing is lost."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest
from support.processes import Workplace, farm, instant_of, stopped, wait_until, window
from support.small_disk import KINDS, disk

STEPS, DEVICES_A_STEP, STEP_SECONDS = 6, 4, 2
DEVICES = [f"device-{step}-{number}" for step in range(STEPS) for number in range(DEVICES_A_STEP)]

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.sqlite(reason="the disk under a server is the server's business"),
]


def write_campaign(place):
    """Write a campaign of several steps; return when the last of them is due, on the monotonic clock."""
    groups = {f"step-{step}": {"serials": DEVICES[step::STEPS]} for step in range(STEPS)}
    scripts = [
        {
            "name": f"clip-{step}",
            "script_name": "post",
            "device_groups": [f"step-{step}"],
            "start_time": window(opens_in=2 + step * STEP_SECONDS, lasts=600),
            "spread": "together",
            "script_config": {"captions": "${script} on ${serial}"},
        }
        for step in range(STEPS)
    ]
    place.write_campaign("c", device_groups=groups, scripts=scripts)
    return time.monotonic() + 2 + STEPS * STEP_SECONDS


def intents(copy):
    """Return when the intent of each device's submission was opened, by a copy of the store's file."""
    question = "SELECT a.target, i.at FROM intents i JOIN assignments a ON a.key = i.key"
    with closing(sqlite3.connect(copy / "runner.db")) as connection:
        rows = connection.execute(question).fetchall()
    assert len({target for target, _ in rows}) == len(rows)
    return dict(rows)


def named(place, *names):
    return [event for event in place.events() if event["event"] in names]


@pytest.mark.parametrize("kind", KINDS)
def test_on_a_full_disk_nothing_is_sent_nothing_is_lost_and_it_goes_on_by_itself(tmp_path, kind):
    host = {"name": "pc", "serials": DEVICES, "duration_seconds": (0.5, 1), "pickup_seconds": (0, 0)}
    with farm([host]) as served, disk(tmp_path / "state", kind=kind) as small:
        place = Workplace(tmp_path)
        place.write_config(served.urls)
        last_due = write_campaign(place)
        with place.daemon(through=small.command) as daemon:
            wait_until(
                lambda: len(served.commits("pc")) >= DEVICES_A_STEP, seconds=30, else_say=place.log.read_text
            )
            small.fill(daemon)
            wait_until(
                lambda: time.monotonic() > last_due and named(place, "store.unavailable"),
                seconds=30,
                else_say=place.log.read_text,
            )
            small.copy(tmp_path / "while-full")
            sent = {commit["tasks"][0]["serial"] for commit in served.commits("pc")}
            assert sent <= intents(tmp_path / "while-full").keys()
            assert len(sent) <= len(DEVICES) - DEVICES_A_STEP
            assert daemon.poll() is None
            small.free(daemon)
            wait_until(
                lambda: len(named(place, "assignment.completed")) == len(DEVICES),
                seconds=40,
                else_say=place.log.read_text,
            )
            assert stopped(daemon) == 0
        small.copy(tmp_path / "afterwards")
        made = [(one["tasks"][0]["serial"], instant_of(one["at"])) for one in served.commits("pc")]
    assert sorted(serial for serial, _ in made) == sorted(DEVICES)
    opened = intents(tmp_path / "afterwards")
    assert all(opened[serial] <= at for serial, at in made)

    told = named(place, "store.unavailable", "store.available")
    assert told[0]["reason"] in {
        "the store does not work: database or disk is full",
        "the store does not work: disk I/O error",
    }
    assert told[-1]["event"] == "store.available"
    assert len(told) < 10
    assert not named(place, "daemon.stalled", "assignment.unknown")
