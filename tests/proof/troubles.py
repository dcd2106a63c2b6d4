"""What befalls a life: stops, crashes, sleep, clocks, edits, and what people and hosts do."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Protocol

from proof.halting import halt, stop_file
from proof.scenery import some_campaign
from runner.adapters.ledger.holds import place_hold, release_holds
from runner.model.record import HoldScope
from runner.model.tikmatrix import TaskStatus
from runner.simulator.exchange import request_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from proof.fast import FastEngine
    from proof.mixes import Mix
    from runner.simulator.host import SimulatedHost

_FALLS = (0, 5, 60, 600, 7_200, 40_000)
_STEPS = (-3, 3, -70, 70, -3_700, 3_700, -90_000, 90_000, 200_000, -200_000)


class Troubled(Protocol):
    """What trouble needs to know of a life."""

    engine: FastEngine
    chance: Random
    mix: Mix
    hosts: dict[str, dict[str, Any]]
    documents: dict[str, dict[str, Any]]
    files: dict[str, str]
    world: list[dict[str, Any]]
    crash_at: float
    crash_behind: bool
    at_request: Callable[[], None] | None
    at_request_behind: bool

    @property
    def now(self) -> float:
        """The true time."""
        ...

    def tell(self, what: str, **fields: Any) -> None:
        """Write down what was done."""
        ...

    def start(self) -> None:
        """Start the runner."""
        ...

    def go_on(self, seconds: float) -> None:
        """Let time go by."""
        ...


def stop(life: Troubled) -> None:
    life.tell("down", how="stop")
    life.engine.stop()
    life.engine.after_rest(life.chance.choice(_FALLS))
    life.start()


def crash(life: Troubled) -> None:
    """Crash here, or in the middle of one of the next requests or writes."""
    chance = life.chance
    match chance.choice(["here", "request", "request", "write"]):
        case "here":
            life.engine.halt()
        case "request":
            life.crash_at, life.crash_behind = life.now, chance.random() < 0.6
        case _:
            life.engine.crash_at_write = life.engine.writes + chance.randint(1, 40)
            life.engine.crash_after_write = chance.random() < 0.5


def sleep(life: Troubled) -> None:
    seconds = life.chance.choice([1, 30, 900, 7_200, 40_000])
    life.tell("asleep", seconds=seconds)
    life.engine.sleep(seconds)


def set_clock(life: Troubled) -> None:
    clock = life.engine.clock
    if clock.wrong_us and life.chance.random() < 0.7:
        life.engine.set_clock(-clock.wrong_us / 1e6)
    else:
        life.engine.set_clock(life.chance.choice(_STEPS))
    life.tell("clock", offset_seconds=clock.wrong_us / 1e6)


def edit(life: Troubled) -> None:
    """Edit, rename, delete or break a campaign's file."""
    chance, name = life.chance, life.chance.choice(sorted(life.files))
    kind = chance.choice(["rewrite", "rewrite", "touch", "touch", "rename", "broken", "delete", "disable"])
    known = life.documents.get(name)
    if known is None or kind == "rewrite":
        _put(life, name, some_campaign(chance, name, life.hosts, limits_share=life.mix.limits))
    elif kind == "touch":
        _put(life, name, _touched(chance, known))
    elif kind == "disable":
        _put(life, name, {**known, "enabled": not known.get("enabled", True)})
    elif kind == "rename":
        life.engine.remove(life.files[name])
        life.files[name] = f"{name}-{chance.randrange(10_000)}"
        _put(life, name, known)
    elif kind == "broken":
        life.engine.edit(life.files[name], chance.choice(["scripts: [", "", "name: x\n\tscripts: 1", "a: b"]))
        life.tell("broken", name=name)
    elif len(life.documents) > 1:
        life.engine.remove(life.files[name])
        del life.documents[name]
        life.tell("campaign", name=name, document=None)


def _put(life: Troubled, name: str, document: dict[str, Any]) -> None:
    life.engine.edit(life.files[name], document)
    life.documents[name] = document
    life.tell("campaign", name=name, document=document)


def _touched(chance: Random, known: Mapping[str, Any]) -> dict[str, Any]:
    document = deepcopy(dict(known))
    entry = chance.choice(document["scripts"])
    match chance.choice(["config", "targets", "spread", "close", "description"]):
        case "config":
            entry["min_interval"] = chance.randint(1, 9)
        case "targets":
            serials = document["device_groups"]["devices"]["serials"]
            if len(serials) > 1:
                serials.pop(0)
        case "spread":
            entry["spread"] = chance.choice(["even", "random", "together"])
        case "close":
            entry["at_close"] = chance.choice(["withdraw", "stop", "leave"])
        case _:
            document["description"] = f"edited {chance.randrange(1000)}"
    return document


def _host(life: Troubled) -> SimulatedHost:
    return life.engine.host(life.chance.choice(sorted(life.engine.hosts)))


def act(life: Troubled) -> None:
    """Let a person do something to a task, or to a device."""
    host, chance = _host(life), life.chance
    kind = chance.choice(["delete", "delete", "stop", "retry", "retry_all", "unplug", "plug"])
    by_status = host.farm.by_status
    if kind in {"unplug", "plug"}:
        serial = chance.choice(sorted(life.hosts[host.options.name]["accounts"]))
        getattr(host.person, kind)(serial)
        return
    if kind == "retry_all":
        host.person.retry_all()
        return
    among = {
        "delete": [task for tasks in by_status.values() for task in tasks.values()][-20:],
        "stop": list(by_status[TaskStatus.RUNNING].values()),
        "retry": list(by_status[TaskStatus.FAILED].values()),
    }[kind]
    if among:
        getattr(host.person, kind)(chance.choice(among).task_id)


def make_other(life: Troubled) -> None:
    """Let a person or another client of the API make work that looks like ours."""
    host, chance = _host(life), life.chance
    serial = chance.choice(sorted(life.hosts[host.options.name]["accounts"]))
    script, config = chance.choice(
        [
            ("post", {"content_type": 0, "captions": "other/post/1"}),
            ("account_warmup", {"task_duration": 300, "topic": "other/warm-up/1"}),
        ]
    )
    body = {"serials": [serial], "script_name": script, "script_config": config}
    ours = [happening for happening in host.history if happening.kind == "committed"]
    if ours and chance.random() < life.mix.same:
        body = dict(chance.choice(ours[-5:]).details["body"])
    if chance.random() < 0.5:
        host.person.create_task(
            body["script_name"],
            script_config=body["script_config"],
            serials=body.get("serials", ()),
            usernames=body.get("usernames", ()),
        )
    else:
        host.handle(request_of("POST", target="/api/v1/task", body=json.dumps(body).encode(), client="other"))


def clear(life: Troubled) -> None:
    _host(life).person.clear_all()


def lose_licence(life: Troubled) -> None:
    host = _host(life)
    host.person.change_licence("Starter")
    life.go_on(life.chance.choice([60, 1_800, 20_000]))
    host.person.change_licence("Pro")


def restart_host(life: Troubled) -> None:
    chance = life.chance
    forgets = chance.choice([1.0, 30.0]) if chance.random() < life.mix.forgets else 0.0
    down_seconds = chance.choice([0, 10, 300])
    _host(life).person.restart(forgets_seconds=forgets, down_seconds=down_seconds)


def close_port(life: Troubled) -> None:
    host, seconds = _host(life), life.chance.choice([5, 60, 600, 7_200])
    life.tell("port", host=host.options.name, seconds=seconds)
    host.person.close_port(seconds=seconds)


def pause(life: Troubled) -> None:
    """Let a person hold back everything, a host or a campaign for a while."""
    chance = life.chance
    scope = chance.choice(list(HoldScope))
    subject = {
        HoldScope.ALL: "",
        HoldScope.HOST: chance.choice(sorted(life.hosts)),
        HoldScope.CAMPAIGN: chance.choice(sorted(life.files)),
    }[scope]
    store, number = f"sqlite:///{life.engine.folder / 'state/runner.db'}", len(life.world)
    asked = {"scope": scope, "subject": subject, "owner": "a person"}
    place_hold(store, **asked, reason=None, until=None, now=life.engine.clock.now())
    life.tell("pause", scope=str(scope), subject=subject, number=number)
    life.go_on(chance.choice([60, 3_600, 20_000]))
    life.tell("resume", number=number)
    release_holds(store, **asked, now=life.engine.clock.now())


TROUBLES: Mapping[str, Callable[[Troubled], None]] = {
    "stops": stop,
    "crashes": crash,
    "sleeps": sleep,
    "clock_steps": set_clock,
    "edits": edit,
    "pauses": pause,
    "halts": halt,
    "stop_files": stop_file,
    "acts": act,
    "others": make_other,
    "clears": clear,
    "licences": lose_licence,
    "host_restarts": restart_host,
    "ports": close_port,
}
"""What may happen, by the field of `Mix` that says how often."""
