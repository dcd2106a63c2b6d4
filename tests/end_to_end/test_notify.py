"""The daemon as a service: what it tells systemd from its start to its end, on a real socket."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from support.notify_socket import listening
from support.processes import Workplace, stopped, wait_until

WATCHDOG_SECONDS = 1.5


@pytest.fixture
def place(tmp_path):
    made = Workplace(tmp_path)
    made.write_config({"pc": "http://127.0.0.1:9/api/v1"})
    return made


def started(place, **more):
    """Start the daemon as systemd does, with a watchdog."""
    # As systemd says it; without WATCHDOG_PID, since the id is not known before there is a process.
    environ = {"WATCHDOG_USEC": str(round(WATCHDOG_SECONDS * 1e6)), **more}
    settings = [f"{name}={value}" for name, value in environ.items()]
    return place.daemon(through=lambda words: ["/usr/bin/env", *settings, *words])


def test_it_tells_systemd_of_start_reload_watchdog_and_stop_in_order(place):
    address = f"campaign-runner-{os.getpid()}"
    with listening(f"\0{address}") as ear, started(place, NOTIFY_SOCKET=f"@{address}") as daemon:
        ear.wait_for("READY", seconds=60)
        ear.wait_for("WATCHDOG", seconds=30, count=3)
        asked_at = time.monotonic()
        daemon.send_signal(signal.SIGHUP)
        reload = ear.wait_for("RELOADING", seconds=30)
        ear.wait_for("READY", seconds=40, count=2)
        assert asked_at <= int(reload["MONOTONIC_USEC"]) / 1e6 <= time.monotonic()
        assert place.events_named("campaigns.reloaded")
        assert stopped(daemon) == 0
        ear.listen()
    told = [name for _, telling in ear.heard for name in telling if name not in {"STATUS", "MONOTONIC_USEC"}]
    first = told.index("READY")
    assert told[:first] == ["EXTEND_TIMEOUT_USEC"]
    assert [name for name in told[first:] if name != "WATCHDOG"] == [
        "READY",
        "RELOADING",
        "READY",
        "STOPPING",
        "EXTEND_TIMEOUT_USEC",
    ]
    assert told[-2:] == ["STOPPING", "EXTEND_TIMEOUT_USEC"]
    statuses = [telling["STATUS"] for _, telling in ear.heard if "STATUS" in telling]
    assert statuses[0] == "opening the store"
    assert "host not ready, nothing left today" in statuses
    assert statuses[-1] == "stopping"


def test_a_daemon_that_no_longer_runs_says_nothing(place):
    address = str(place.folder / "notify")
    with listening(address) as ear, started(place, NOTIFY_SOCKET=address) as daemon:
        ear.wait_for("WATCHDOG", seconds=60)
        daemon.send_signal(signal.SIGSTOP)
        wait_until(lambda: state_of(daemon) == "T", seconds=5, else_say=lambda: state_of(daemon))
        ear.new()
        ear.listen(seconds=2 * WATCHDOG_SECONDS)
        assert ear.new() == []
        daemon.send_signal(signal.SIGCONT)
        ear.wait_for("WATCHDOG", seconds=30, count=2)
        assert stopped(daemon) == 0


def state_of(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
