"""Say what is wrong with a life that was crashed, beside the same life without a crash."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from support.truth import faults_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proof.crashes.engine import CrashingEngine
    from proof.crashes.scenarios import Scenario

Identity: TypeAlias = "tuple[str, str, str]"
"""Host, target, and campaign with script entry."""

_FOR_EVER = frozenset({"completed", "expired", "missed", "cancelled", "skipped", "unknown"})
_ENDED = _FOR_EVER | {"failed"}
_ACTS = {"POST /task": "create"}


@dataclass(frozen=True)
class Left:
    """What a crash has left on disk."""

    states: Mapping[Identity, str]
    intents: frozenset[str]
    events: int


def left_by(engine: CrashingEngine) -> Left:
    """Read what is on disk now."""
    intents = frozenset(row[0] for row in engine.query("SELECT intent_id FROM intents"))
    ((events,),) = engine.query("SELECT count(*) FROM events")
    return Left(states_of(engine), intents, events)


def states_of(engine: CrashingEngine) -> dict[Identity, str]:
    """Return the state of each assignment of today."""
    rows = engine.query(
        "SELECT a.host, a.target, r.campaign || '/' || r.script, a.state FROM assignments a"
        " JOIN runs r ON r.id = a.run_id WHERE r.day = ?",
        engine.today().isoformat(),
    )
    return {(host, target, script): state for host, target, script, state in rows}


def violations(
    engine: CrashingEngine, scenario: Scenario, *, whole: Mapping[Identity, str], crashes: Sequence[Left]
) -> list[str]:
    """Return what is wrong at the end of a life.

    Args:
        engine: as the life has left it.
        scenario: what was lived.
        whole: how the same life ended without a crash.
        crashes: what each crash left on disk.
    """
    histories = {name: list(engine.host(name).history.lines()) for name in engine.hosts}
    now = states_of(engine)
    wrong = faults_found(histories, engine.folder / "state/runner.db", settled=True)
    wrong += _half_done(histories, now)
    wrong += _differences(now, scenario, whole=whole, crashes=crashes)
    wrong += _forgotten(engine, now, crashes=crashes)
    wrong += _without_intent(engine)
    wrong += _told_but_not_kept(engine)
    return wrong


def _differences(
    now: Mapping[Identity, str],
    scenario: Scenario,
    *,
    whole: Mapping[Identity, str],
    crashes: Sequence[Left],
) -> list[str]:
    """Return where a life ended otherwise than without a crash.

    The only difference that is allowed is `unknown`, and only where a request may have been under way.
    """
    wrong = [f"{identity} is not in the store" for identity in whole.keys() - now.keys()]
    for identity, state in now.items():
        in_doubt = any(left.states.get(identity) == "submitting" for left in crashes)
        allowed = {whole.get(identity), *scenario.also}
        if in_doubt:
            allowed.add("unknown")
            # What was in doubt before may be told by looking, or be told not to be known, after a crash.
            allowed |= {"completed"} if whole.get(identity) == "unknown" else set()
        if state not in allowed or state not in _ENDED:
            wrong.append(f"{identity} is {state}, and without a crash {whole.get(identity)}")
    return wrong


def _forgotten(engine: CrashingEngine, now: Mapping[Identity, str], *, crashes: Sequence[Left]) -> list[str]:
    """Return what was on disk at a crash and is not any more, and requests that were left open."""
    wrong = []
    intents = dict(engine.query("SELECT intent_id, outcome FROM intents"))
    ((events,),) = engine.query("SELECT count(*) FROM events")
    for left in crashes:
        wrong += [f"lost intent {intent}" for intent in left.intents - intents.keys()]
        wrong += [
            f"lost result: {identity} was {state} and is {now.get(identity)}"
            for identity, state in left.states.items()
            if state in _FOR_EVER and now.get(identity) != state
        ]
        if events < left.events:
            wrong.append(f"lost events: {left.events} at a crash, {events} at the end")
    return wrong + [
        f"intent {intent} is still open" for intent, outcome in intents.items() if outcome == "open"
    ]


def _without_intent(engine: CrashingEngine) -> list[str]:
    """Return the requests that change a host and for which no intent is on disk."""
    asked = Counter(name for _, _, name, _ in engine.requests if not name.startswith("GET"))
    create = asked.pop("POST /task", 0)
    rows = engine.query("SELECT act, body FROM intents")
    creates = sum(act == "create" for act, _ in rows)
    wrong = [f"{create} creates sent for {creates} intents"] if create > creates else []
    allowed: Counter[str] = Counter()
    for act, body in rows:
        for task_id in json.loads(body).get("task_ids", ()):
            allowed[f"DELETE /task/{task_id}" if act == "delete" else f"POST /task/{task_id}/{act}"] += 1
    return wrong + [f"sent without an intent: {name}" for name in asked - allowed]


def _told_but_not_kept(engine: CrashingEngine) -> list[str]:
    """Return the events that the log has and the store has not."""
    kept = Counter(engine.query("SELECT at, name FROM events"))
    told = Counter((event.at, event.name) for event in engine.log.events)
    return [f"told, but not kept: {name} at {at}" for at, name in told - kept]


def _half_done(histories: Mapping[str, Sequence[str]], now: Mapping[Identity, str]) -> list[str]:
    """Return what is told to be completed though some of its users were never followed."""
    wanted: dict[Identity, set[str]] = defaultdict(set)
    made: dict[Identity, set[str]] = defaultdict(set)
    for host, lines in histories.items():
        for happening in map(json.loads, lines):
            if happening["kind"] == "committed" and happening["source"] == "api":
                config: dict[str, Any] = happening["body"]["script_config"]
                script = config["captions"].rpartition("/")[0]
                identity = (host, happening["body"]["serials"][0], script)
                wanted[identity].update(config.get("target_users", ()))
                made[identity].update(task["target"] for task in happening["tasks"] if task["target"])
    return [
        f"{identity} is completed, but {sorted(users - made[identity])} were left out"
        for identity, users in wanted.items()
        if now.get(identity) == "completed" and users - made[identity]
    ]
