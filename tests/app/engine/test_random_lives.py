"""Random campaigns, faults, stops and crashes: an independent checker finds nothing wrong with them."""

from __future__ import annotations

from random import Random

import pytest
from support.engine import Engine, post_to
from support.truth import CAPTION, faults_found

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.options import Plan

LIVES = 6
_STRIKING = (
    FaultKind.RESET,
    FaultKind.CLOSE,
    FaultKind.HANG,
    FaultKind.SLOW,
    FaultKind.GARBAGE,
    FaultKind.INTERNAL_ERROR,
    FaultKind.REFUSE,
    FaultKind.HTML,
)


def some_faults(chance: Random) -> FaultPlan:
    rules = []
    for requests in chance.sample(["POST /task", "GET *", "POST /task/*/retry", "DELETE *", "POST *"], 2):
        kind = chance.choice(_STRIKING)
        work = Work.NONE if kind is FaultKind.REFUSE else chance.choice([Work.NONE, Work.DONE])
        fault = Fault(kind, work, seconds=chance.choice([0.5, 4, 20]))
        rules.append(FaultRule(fault, rate=chance.choice([0.05, 0.2, 0.5]), requests=requests))
    return FaultPlan(rules=tuple(rules))


def some_host(chance: Random) -> dict[str, object]:
    return {
        "seed": chance.randrange(1000),
        "serials": ("A", "B", "C"),
        "failure_rate": chance.choice([0, 0.3, 0.8]),
        "own_retries": chance.choice([0, 0, 2]),
        "duration_seconds": chance.choice([(5, 20), (20, 90), (200, 400)]),
        "pickup_seconds": (0, chance.choice([1, 60])),
        "latency_seconds": (0, chance.choice([0, 1, 5])),
        "plan": Plan(concurrency=chance.choice([1, 2, 20])),
        "faults": some_faults(chance) if chance.random() < 0.7 else FaultPlan(),
    }


def some_campaign(chance: Random, host: str) -> dict[str, object]:
    serials = chance.sample(["A", "B", "C"], chance.randint(1, 3))
    campaign = post_to(*serials, host=host)
    entries = []
    for opens in chance.sample(range(5), chance.randint(1, 3)):
        closes = opens + chance.randint(1, 5)
        entry = {
            **campaign["scripts"][0],
            # Another window under an old name would look like a repetition to the checker.
            "name": f"from-{opens}-to-{closes}",
            "start_time": f"14:3{opens}-14:3{closes}",
            "spread": chance.choice(["even", "random", "together"]),
            "at_close": chance.choice(["withdraw", "withdraw", "stop", "leave"]),
            "script_config": {"captions": CAPTION},
        }
        if chance.random() < 0.5:
            entry["retry"] = {"attempts": chance.randint(1, 3), "delay": chance.choice(["0s", "5s", "40s"])}
        entries.append(entry)
    return {**campaign, "scripts": entries}


def live(engine: Engine, chance: Random, names: dict[str, str]) -> None:
    """Let ten minutes go by with edits, stops, crashes and clocks that are set."""
    engine.start()
    end = engine.moment("14:40").timestamp()
    while engine.clock.true_seconds() < end:
        engine.after(chance.uniform(0.5, 90))
        match chance.choice(["nothing", "nothing", "restart", "crash", "crash", "edit", "clock", "port"]):
            case "restart":
                engine.stop()
                engine.after_rest(chance.choice([0, 20, 100]))
                engine.start()
            case "crash":
                engine.crash()
                engine.after_rest(chance.choice([0, 20, 100]))
                engine.start()
            case "edit":
                name = chance.choice(sorted(names))
                engine.edit(name, some_campaign(chance, names[name]))
            case "clock":
                engine.sleep(chance.choice([1, 30]))
            case "port":
                engine.host(chance.choice(sorted(engine.hosts))).person.close_port(
                    seconds=chance.choice([5, 60])
                )
            case _:
                pass


def heal(engine: Engine) -> None:
    """Let nothing go wrong any more, so that everything can be seen."""
    for host in engine.hosts.values():
        host.farm.advance()
        host.change(host.options.__class__(name=host.options.name, serials=("A", "B", "C")))


@pytest.mark.parametrize("seed", range(LIVES))
def test_nothing_is_wrong_with_a_random_life(tmp_path, seed):
    chance = Random(seed)  # noqa: S311 - a life that can be repeated
    hosts = {name: some_host(chance) for name in ("one", "two")}
    names = {"c": "one", "d": "two", "e": chance.choice(["one", "two"])}
    campaigns = {name: some_campaign(chance, host) for name, host in names.items()}
    in_flight = chance.choice([None, None, 1, 3])
    with Engine(
        tmp_path, at="2026-11-23 14:29", campaigns=campaigns, hosts=hosts, in_flight=in_flight
    ) as engine:
        live(engine, chance, names)
        heal(engine)
        engine.after(900)
        histories = {name: engine.host(name).history.lines() for name in engine.hosts}
        assert faults_found(histories, tmp_path / "state/runner.db", settled=True) == []
        assert "submitting" not in {str(record.state) for record in engine.records()}
        assert "planned" not in {str(record.state) for record in engine.records(day=engine.today())}
        engine.stop()
