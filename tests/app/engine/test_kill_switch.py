"""The kill switch under load, at each depth: nothing is submitted any more, and only ours is taken back."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.adapters.ledger.halts import give_halt
from runner.adapters.ledger.holds import place_hold
from runner.model.halt import Depth, Halt, HaltScope
from runner.model.record import HoldScope
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:58"
HOSTS = ("attic", "cellar", "garage", "office", "studio")
SECOND = 1_000_000
SLOW_HOST = {
    "latency_seconds": (0.5, 1.5),
    "pickup_seconds": (1.0, 4.0),
    "duration_seconds": (600.0, 900.0),
    "records_reads": False,
}


def farm_of_500(tmp_path) -> Engine:
    """Return an engine whose 500 devices, on five hosts, all fall due at once."""
    devices = {name: tuple(f"{name[0]}{number:03}" for number in range(100)) for name in HOSTS}
    hosts = {name: {"serials": devices[name], **SLOW_HOST} for name in HOSTS}
    campaigns = {name: post_to(*devices[name], start_time="14:30-16:00", host=name) for name in HOSTS}
    return Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts, poll_interval="5s")


def pull(engine: Engine, depth: Depth) -> int:
    """Pull the switch as `pause --all`, `cancel --all` and `stop --all` do; return when it returned."""
    store = engine.store
    now = engine.clock.now()
    if depth is Depth.SUBMIT:
        place_hold(store, scope=HoldScope.ALL, subject="", owner="eva", reason="fire", until=None, now=now)
    else:
        halt = Halt(0, now, "eva", "fire", depth, HaltScope.ALL, "", keeps_planned=False)
        give_halt(store, halt, pauses=True)
    return engine.clock.true()


def posts(engine: Engine) -> list[int]:
    return [at for at, _, asked, _ in engine.requests if asked == "POST /task"]


def theirs(engine: Engine) -> dict[str, list[int]]:
    """Let a person begin a task, and leave one waiting behind it, on every host."""
    made = {}
    for name in HOSTS:
        person, serial = engine.host(name).person, f"{name[0]}000"
        made[name] = [
            *person.create_task("post", script_config={}, serials=[serial]),
            *person.create_task("follow", script_config={"target_user": "@x"}, serials=[serial]),
        ]
    return made


def hands_on(engine: Engine, made: dict[str, list[int]]) -> list[object]:
    """Return what anybody has done to a person's tasks."""
    kinds = (HappeningKind.STOPPED, HappeningKind.DELETED, HappeningKind.RETRIED)
    return [
        happening
        for name in HOSTS
        for happening in engine.of(*kinds, host=name)
        if happening.details["task_id"] in made[name]
    ]


def ours_there(engine: Engine, made: dict[str, list[int]]) -> dict[str, int]:
    """Return how many of our tasks stand in which state on the hosts."""
    counts: dict[str, int] = {}
    for name in HOSTS:
        for task_id, task in engine.host(name).farm.tasks.items():
            if task_id not in made[name]:
                counts[task.status.name] = counts.get(task.status.name, 0) + 1
    return counts


@pytest.mark.parametrize("depth", list(Depth))
def test_under_load_nothing_leaves_two_seconds_later_and_the_rest_is_taken_back(tmp_path, depth):
    with farm_of_500(tmp_path) as engine:
        made = theirs(engine)
        engine.start().after(14)
        pulled_at = pull(engine, depth)
        assert 50 < len(engine.created()) < 250, "it was not pulled in the middle of the load"
        assert ours_there(engine, made).keys() >= {"PENDING", "RUNNING"}
        engine.after(240)
        assert max(posts(engine)) <= pulled_at + 2 * SECOND
        there = ours_there(engine, made)
        assert hands_on(engine, made) == []
        assert ("PENDING" in there) == (depth is Depth.SUBMIT)
        assert ("RUNNING" in there) == (depth is not Depth.STOP)
        before = {record.assignment.key: (record.state, record.reason) for record in engine.records()}
        engine.restart()
        engine.after(60)
        after = {record.assignment.key: (record.state, record.reason) for record in engine.records()}
        assert after == before
        assert max(posts(engine)) <= pulled_at + 2 * SECOND
