"""One life: the whole engine through some days of trouble, written down by the one who makes the trouble."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

from proof.checker import Case
from proof.checker.case import Allowances
from proof.fast import FastEngine
from proof.mixes import mix_of
from proof.scenery import first_day, some_campaign, some_config, some_hosts, some_storms
from proof.troubles import TROUBLES, Troubled
from runner.app.poll import LIST_ANYWAY_US
from runner.model.instant import SECOND
from runner.simulator.faults import NO_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from proof.mixes import Mix

HEAL_SECONDS = 5_400.0
"""How long a life goes on once nothing goes wrong any more."""
_DAY_SECONDS = 86_400.0


@dataclass(slots=True)
class Life(Troubled):
    """A life under way."""

    engine: FastEngine
    chance: Random
    mix: Mix
    days: float
    hosts: dict[str, dict[str, Any]]
    documents: dict[str, dict[str, Any]]
    """What the file of each campaign holds that last checked."""
    files: dict[str, str]
    """The name of each campaign's file."""
    world: list[dict[str, Any]] = field(default_factory=list)
    crash_at: float = float("inf")
    """The true time from which on the next request is crashed into."""
    crash_behind: bool = False
    at_request: Callable[[], None] | None = None
    """What is done as the next create leaves, or once it is answered."""
    at_request_behind: bool = False

    def tell(self, what: str, **fields: Any) -> None:
        """Write down what was done to the world, now."""
        self.world.append({"at": self.now, "what": what, **fields})

    @property
    def now(self) -> float:
        """The true time, in Unix seconds."""
        return self.engine.clock.true_seconds()

    def live(self) -> None:
        """Let the days go by."""
        self.engine.before_request = self._before
        self.engine.after_request = self._after
        self.start()
        end = self.now + self.days * _DAY_SECONDS
        rates = [(getattr(self.mix, name), act) for name, act in TROUBLES.items()]
        in_all = sum(rate for rate, _ in rates)
        while self.now < end:
            pause = self.chance.expovariate(in_all) * _DAY_SECONDS if in_all else end - self.now
            self.go_on(min(pause, end - self.now))
            if self.now < end:
                acts = [act for _, act in rates]
                self.chance.choices(acts, [rate for rate, _ in rates])[0](self)
        self.heal()

    def go_on(self, seconds: float) -> None:
        """Let time go by; after a crash, pick up the pieces and go on."""
        until = self.now + seconds
        # One that crashed as it started, with the time over, has its pieces picked up as well.
        while self.now < until or self.engine.crashed:
            self.engine.after(max(0.0, until - self.now))
            if self.engine.crashed:
                self.tell("down", how="crash")
                self.crash_at = float("inf")
                self.engine.crash()
                self.engine.after_rest(self.chance.choice([0, 5, 60, 600, 7_200]))
                self.start()

    def start(self) -> None:
        """Start the runner."""
        self.tell("up")
        self.engine.start()

    def heal(self) -> None:
        """Let nothing go wrong any more, so that everything can be seen."""
        self.crash_at = float("inf")
        for host in self.engine.hosts.values():
            host.farm.advance()
            host.change(replace(host.options, faults=NO_FAULTS, stuck_rate=0.0))
            host.person.change_licence("Pro")
            for serial in sorted(host.devices.unplugged):
                host.person.plug(serial)
        self.go_on(HEAL_SECONDS)

    async def _before(self, host: str, asked: str) -> None:
        method, path = asked.split(" ", 1)
        if method == "GET":
            return
        if self.now >= self.crash_at and not self.crash_behind:
            self.engine.halt()
            return
        at, _, _, body = self.engine.requests[-1]
        self.tell("mutation", host=host, method=method, path=path, **self._on_disk(host, body))
        assert at / 1e6 == self.now
        self._do_at(asked, behind=False)

    def _do_at(self, asked: str, *, behind: bool) -> None:
        act = self.at_request
        if act is not None and (asked, behind) == ("POST /task", self.at_request_behind):
            self.at_request = None
            act()

    async def _after(self, _host: str, asked: str) -> None:
        if not self.engine.crashed:
            self._do_at(asked, behind=True)
        if self.now >= self.crash_at and self.crash_behind and not asked.startswith("GET"):
            self.engine.halt()

    def _on_disk(self, host: str, body: bytes) -> dict[str, Any]:
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT act, body_sha256, body FROM intents WHERE outcome = 'open' AND host = ?", (host,)
            ).fetchall()
        connection.close()
        intents = [
            {
                "act": act,
                "body_sha256": sha,
                "task_ids": [] if act == "create" else [str(one) for one in json.loads(text)["task_ids"]],
            }
            for act, sha, text in rows
        ]
        return {"body_sha256": sha256(body).hexdigest() if body else None, "intents": intents}

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.engine.folder / "state/runner.db"


def live(
    seed: int,
    *,
    days: float,
    folder: Path,
    mix: Mix | None = None,
    engine_class: Callable[..., FastEngine] = FastEngine,
) -> Case:
    """Live the life of a seed in an empty folder, and return what the checker needs."""
    chance = Random(seed)
    mix = mix_of(seed) if mix is None else mix
    hosts = some_hosts(chance, mix)
    names = [f"c{number}" for number in range(chance.choice([2, 3, 4]))]
    documents = {name: some_campaign(chance, name, hosts, limits_share=mix.limits) for name in names}
    config = some_config(chance, mix)
    begins = f"{first_day(chance)} {chance.choice(['00:10', '06:00', '14:29'])}"
    poll_seconds = chance.choice([60, 120, 300])
    with engine_class(
        folder,
        at=begins,
        campaigns={f"{name}-file": document for name, document in documents.items()},
        hosts=hosts,
        poll_interval=f"{poll_seconds}s",
        **config,
    ) as engine:
        engine.forgiven = True
        for name, host in engine.hosts.items():
            since = engine.clock.true_seconds()
            faults = some_storms(chance, mix, since=since, days=days)
            host.change(replace(host.options, faults=faults, records_reads=False))
            hosts[name]["faults"] = faults
        life = Life(engine, chance, mix, days, hosts, documents, {name: f"{name}-file" for name in names})
        life.tell("config", **config)
        for name, document in documents.items():
            life.tell("campaign", name=name, document=document)
        life.live()
        histories = {
            name: [dict(json.loads(line)) for line in engine.host(name).history.lines()]
            for name in engine.hosts
        }
        engine.stop()
        latency = max(options["latency_seconds"][1] for options in hosts.values())
        return Case(
            name=f"seed {seed} ({mix.name})",
            histories=histories,
            world=life.world,
            store=life.store,
            ended_at=life.now,
            allowances=allowances(poll_seconds, latency_seconds=latency, rhythm=engine.rhythm),
            failures=[f"{part}: {error!r}" for part, error in engine.log.failures],
        )


def allowances(poll_seconds: float, *, latency_seconds: float, rhythm: Any) -> Allowances:
    """Return what a runner that looks around so often is allowed in time."""
    heartbeat, pulse = rhythm.heartbeat_seconds, rhythm.pulse_seconds
    return Allowances(
        noticed_seconds=heartbeat + pulse + 20,
        # What is overdue after a break goes within ten minutes, not in one burst.
        reaction_seconds=720 + rhythm.look_anyway_beats * heartbeat + pulse,
        recovery_seconds=75 + pulse,
        look_seconds=LIST_ANYWAY_US / SECOND + poll_seconds + 20,
        close_slack_seconds=15 + 24 * latency_seconds,
    )
