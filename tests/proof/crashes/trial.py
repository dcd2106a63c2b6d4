"""Live one scenario with crashes at chosen boundaries, and say what was wrong with that life."""

from __future__ import annotations

import tempfile
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from proof.crashes.compiled import keep_statements
from proof.crashes.engine import CrashingEngine
from proof.crashes.scenarios import BY_NAME, STARTS
from proof.crashes.verdict import Left, left_by, states_of, violations

from runner.adapters.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proof.crashes.scenarios import Scenario
    from proof.crashes.verdict import Identity

_MEMORY = Path("/dev/shm")  # noqa: S108 - a life needs a store, not a disk


@dataclass(frozen=True)
class Trial:
    """One life: its scenario, the numbers of the boundaries at which it crashes, the rests after them."""

    scenario: str
    crashes: tuple[int, ...] = ()
    rests: tuple[float, ...] = ()
    """Seconds after each crash until the runner is started again."""

    def command(self) -> str:
        """Return the command that lives it again."""
        crashes = ",".join(map(str, self.crashes))
        rests = ",".join(f"{rest:g}" for rest in self.rests)
        return f'python -m proof.crashes --replay "{self.scenario}" --at {crashes} --rests {rests}'


@dataclass(frozen=True)
class Outcome:
    """What came of a trial."""

    trial: Trial
    struck: tuple[str, ...]
    """The names of the boundaries at which it crashed."""
    boundaries: int
    """How many boundaries it had in all."""
    wrong: tuple[str, ...]


def lived(trial: Trial, *, after_crash: Callable[[CrashingEngine], None] | None = None) -> Outcome:
    """Live a trial; `after_crash` may do harm to what a crash has left, to see that it is found out."""
    keep_statements()
    scenario = BY_NAME[trial.scenario]
    whole = {} if not trial.crashes else _whole(trial.scenario)
    engine: CrashingEngine | None = None
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        wrong: list[str] = []
        try:
            with _engine(Path(folder), scenario, crashes=trial.crashes) as engine:
                left = _live(engine, scenario, rests=trial.rests, after_crash=after_crash)
                expected = whole if trial.crashes else states_of(engine)
                wrong = violations(engine, scenario, whole=expected, crashes=left)
                if len(left) < len(trial.crashes):
                    wrong.append(f"it crashed {len(left)} times: it has {len(engine.names)} boundaries")
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            wrong.append(traceback.format_exc())
        names = [] if engine is None else engine.names
        struck = tuple(names[number - 1] for number in trial.crashes if number <= len(names))
        return Outcome(trial, struck, len(names), tuple(wrong))


def _engine(folder: Path, scenario: Scenario, *, crashes: tuple[int, ...]) -> CrashingEngine:
    return CrashingEngine(
        folder,
        crashes=crashes,
        prepared=_empty_store(),
        at=STARTS,
        campaigns=scenario.campaigns,
        hosts=scenario.hosts,
        http={"timeout": "4s"},
        poll_interval="10s",
    )


def _live(
    engine: CrashingEngine,
    scenario: Scenario,
    *,
    rests: tuple[float, ...],
    after_crash: Callable[[CrashingEngine], None] | None = None,
) -> list[Left]:
    """Let the life go to its end, with a rest after each crash; return what each crash left behind."""
    left: list[Left] = []
    rest = iter(rests)
    engine.start()
    starts_at: float | None = None
    for act in (*scenario.acts, None):
        ends = engine.moment(scenario.ends if act is None else act.at).timestamp()
        while engine.clock.true_seconds() < ends or engine.crashed:
            if engine.crashed:
                engine.crash()
                left.append(left_by(engine))
                if after_crash is not None:
                    after_crash(engine)
                starts_at = engine.clock.true_seconds() + next(rest)
            if engine.runs:
                engine.after(max(0.0, ends - engine.clock.true_seconds()))
                continue
            wakes = ends if starts_at is None else min(ends, starts_at)
            engine.after_rest(max(0.0, wakes - engine.clock.true_seconds()))
            if wakes == starts_at:
                starts_at = None
                engine.start()
        if act is not None:
            act.does(engine)
            if engine.runs:
                starts_at = None
    return left


@cache
def _whole(name: str) -> Mapping[Identity, str]:
    """Return how a scenario ends without a crash."""
    scenario = BY_NAME[name]
    with (
        tempfile.TemporaryDirectory() as folder,
        _engine(Path(folder), scenario, crashes=()) as engine,
    ):
        _live(engine, scenario, rests=())
        return states_of(engine)


@cache
def _empty_store() -> Path:
    """Return the file of an empty store, made once for this process."""
    folder = Path(tempfile.mkdtemp())
    file = folder / "runner.db"
    ledger = Ledger.open(f"sqlite:///{file}")
    ledger._close()
    return file
