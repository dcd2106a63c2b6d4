"""The service manager hears that the daemon goes on only while it does; a full disk does not end it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import pytest
from support.engine import Engine, post_to
from support.notify_socket import listening

from runner.adapters.service_manager import ServiceManager
from runner.core.standstill import HOUSE_SECONDS
from runner.errors import LedgerUnavailable

START = "2026-11-23 14:29:50"
WATCHDOG_SECONDS = 60.0


@contextmanager
def watched(folder):
    """Run an engine that tells a service manager; yield it with the manager's ear."""
    with (
        listening(folder / "notify") as ear,
        Engine(folder, at=START, campaigns={"c": post_to("A", "B", start_time="14:35-14:40")}) as engine,
    ):
        engine.service = ServiceManager(str(folder / "notify"), watchdog_seconds=WATCHDOG_SECONDS)
        engine.start()
        yield engine, ear
        engine.forgiven = True


def pings(engine, ear, *, seconds):
    """Return how many times in so long the daemon has said that it goes on."""
    ear.new()
    heard = []
    while seconds > 0:
        engine.after(min(seconds, WATCHDOG_SECONDS))
        seconds -= WATCHDOG_SECONDS
        heard += ear.names()
    return heard.count("WATCHDOG")


def loop_named(engine, name):
    (task,) = [task for task in asyncio.all_tasks(engine.loop) if task.get_name() == name]
    return task


def test_it_is_ready_and_goes_on_three_times_in_the_watchdogs_time(tmp_path):
    with watched(tmp_path) as (engine, ear):
        assert ear.names() == ["READY", "WATCHDOG"]
        assert pings(engine, ear, seconds=10 * WATCHDOG_SECONDS) == 30
        engine.stop()
        assert ear.names() == ["STOPPING", "EXTEND_TIMEOUT_USEC"]


def test_the_status_says_what_is_ready_left_and_next(tmp_path):
    with watched(tmp_path) as (engine, ear):
        engine.after(60)
        said = [told["STATUS"] for told in ear.new() if "STATUS" in told]
        assert said[-1] == "host ready, 2 assignments left today, next at 14:35"
        pings(engine, ear, seconds=900)
        said = [told["STATUS"] for _, told in ear.heard if "STATUS" in told]
        assert said[-1] == "host ready, nothing left today, next on Tue 14:35"


def test_a_hang_up_is_a_reload_that_is_ready_once_the_files_were_looked_at(tmp_path):
    with watched(tmp_path) as (engine, ear):
        engine.after(7)
        ear.new()
        engine.loop.call_soon(engine.daemon.look)
        engine.after(1)
        before = round(engine.loop.time() - 1) * 1_000_000
        reload, ready = [told for told in ear.new() if "STATUS" not in told and "WATCHDOG" not in told]
        assert reload["RELOADING"] == "1"
        assert before - 1_000_000 <= int(reload["MONOTONIC_USEC"]) <= before + 1_000_000
        assert ready == {"READY": "1"}
        assert engine.told("campaigns.reloaded")


@pytest.mark.parametrize("name", ["house", "pulse", "submit pc", "poll pc", "windows"])
def test_a_loop_that_has_ended_by_itself_lets_the_watchdog_bite(tmp_path, name):
    with watched(tmp_path) as (engine, ear):
        engine.after(1)
        loop_named(engine, name).cancel()
        engine.after(WATCHDOG_SECONDS / 3)
        assert pings(engine, ear, seconds=2 * WATCHDOG_SECONDS) == 0
        assert [what for what, _ in engine.log.failures] == ["watchdog"]
        assert f"ended by themselves: {name}" in str(engine.log.failures[0][1])
        assert engine.daemon.insight.standstill() == f"ended by themselves: {name}"


def test_a_house_that_hangs_lets_the_watchdog_bite(tmp_path):
    with watched(tmp_path) as (engine, ear):

        async def hang(_now):
            await asyncio.Event().wait()

        engine.ledger.beat = hang
        assert pings(engine, ear, seconds=HOUSE_SECONDS) > 10
        engine.after(WATCHDOG_SECONDS / 3)
        assert pings(engine, ear, seconds=2 * WATCHDOG_SECONDS) == 0
        assert "no heartbeat" in str(engine.daemon.insight.standstill())


def test_a_house_that_fails_again_and_again_lets_the_watchdog_bite(tmp_path):
    with watched(tmp_path) as (engine, ear):

        async def break_down(_now):
            raise RuntimeError("a mistake of ours")

        engine.ledger.beat = break_down
        assert pings(engine, ear, seconds=HOUSE_SECONDS + WATCHDOG_SECONDS / 3) > 10
        assert pings(engine, ear, seconds=2 * WATCHDOG_SECONDS) == 0


def test_a_full_disk_that_is_told_of_is_waited_for_however_long(tmp_path):
    with watched(tmp_path) as (engine, ear):

        async def full(_now):
            raise LedgerUnavailable("the disk is full")

        engine.ledger.beat = full
        assert pings(engine, ear, seconds=3 * HOUSE_SECONDS) >= 44
        assert engine.daemon.insight.standstill() is None
        said = [told["STATUS"] for _, told in ear.heard if "STATUS" in told]
        assert "nothing is submitted: the disk is full" in said
        del engine.ledger.beat
        assert pings(engine, ear, seconds=WATCHDOG_SECONDS)
        assert [told["STATUS"] for _, told in ear.heard if "STATUS" in told][-1].startswith("host ready")


def test_a_reload_on_a_full_disk_ends_too(tmp_path):
    with watched(tmp_path) as (engine, ear):

        async def full(_now):
            raise LedgerUnavailable("the disk is full")

        engine.ledger.beat = full
        engine.after(10)
        ear.new()
        engine.loop.call_soon(engine.daemon.look)
        engine.after(WATCHDOG_SECONDS / 3 + 1)
        told = [name for name in ear.names() if name != "WATCHDOG"]
        assert told == ["RELOADING", "READY"]
