"""Kill the daemon again and again under load, start it at once each time, and let the last one settle."""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from proof.kills.verdict import ENDED, SECOND, Evidence, Kill, violations
from support.processes import Workplace, farm, stopped

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from proof.kills.load import Load

SOON_SECONDS = (0.0, 1.5)
"""A kill comes so long after a daemon has found its first host ready ..."""
EARLY_SECONDS = (0.1, 1.5)
"""... or, now and then, so long after it was started, whether or not it has."""
EARLY_SHARE = 0.2
READY = b'"event": "host.ready"'
LONGEST_START_SECONDS = 60.0
SETTLING_SECONDS = 150.0
"""What the last daemon gets beyond the last window's end."""
LOOK_SECONDS = 0.02


@dataclass
class Report:
    """What was done and found."""

    seed: int
    kills: list[Kill] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    commits: int = 0
    faulted: Counter[str] = field(default_factory=Counter)
    in_doubt: int = 0
    """Kills that came while a request's effect was open."""
    wrong: list[str] = field(default_factory=list)


def killed_often(folder: Path, load: Load, *, kills: int, seed: int, tell: Callable[[str], None]) -> Report:
    """Live one life with so many kills, and judge it."""
    chance = Random(seed)
    report = Report(seed)
    place = Workplace(folder)
    with farm(load.hosts(seed=seed)) as served:
        load.write(place, served)
        ends = time.time() + 2 + (load.windows - 1) * load.apart_seconds + load.lasts_seconds
        for number in range(1, kills + 1):
            report.kills.append(_one_kill(place, chance, report))
            if number % 25 == 0:
                tell(f"{number} kills, {dict(_states(place, until=round(ends * SECOND)))}")
        _settle(place, report, ends=ends)
        histories = {host: served.lines(host) for host in served.ports}
    evidence = Evidence(histories, folder / "state/runner.db", log=place.log)
    report.commits = len(evidence.commits)
    report.faulted = evidence.faulted
    report.states = _states(place, until=round(ends * SECOND))
    report.in_doubt = sum(
        any(kill.strikes(request.begun, request.ended) for request in evidence.requests)
        for kill in report.kills
    )
    report.wrong += violations(evidence, kills=report.kills, until=round(ends * SECOND))
    return report


def _one_kill(place: Workplace, chance: Random, report: Report) -> Kill:
    told = len(_log(place))
    early = chance.random() < EARLY_SHARE
    low, high = EARLY_SECONDS if early else SOON_SECONDS
    rest = chance.uniform(low, high)
    with place.daemon() as daemon:
        if not early:
            _wait(lambda: READY in _log(place)[told:] or _ended(daemon), seconds=LONGEST_START_SECONDS)
        time.sleep(rest)
        if _ended(daemon):
            report.wrong.append(f"the daemon ended by itself with {daemon.returncode}")
        after = time.time_ns() // 1_000
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        return Kill(after, time.time_ns() // 1_000)


def _settle(place: Workplace, report: Report, *, ends: float) -> None:
    """Let a daemon work until everything has ended, and stop it."""
    until = round(ends * SECOND)
    with ExitStack() as stack:
        daemon = stack.enter_context(place.daemon())
        _wait(
            lambda: _all_ended(_states(place, until=until)) or _ended(daemon),
            seconds=max(0.0, ends - time.time()) + SETTLING_SECONDS,
            look_seconds=0.5,
        )
        # Failures may rise again for a moment: what is told last is looked at once more.
        time.sleep(2)
        code = daemon.poll() if _ended(daemon) else stopped(daemon)
        if code != 0:
            report.wrong.append(f"the last daemon ended with {code}")


def _all_ended(states: Counter[str]) -> bool:
    return bool(states) and states.keys() <= ENDED


def _states(place: Workplace, *, until: int) -> Counter[str]:
    return Counter(record.state.value for record in place.assignments() if record.run.opens < until)


def _log(place: Workplace) -> bytes:
    return place.log.read_bytes() if place.log.exists() else b""


def _ended(daemon: subprocess.Popen[bytes]) -> bool:
    return daemon.poll() is not None


def _wait(met: Callable[[], bool], *, seconds: float, look_seconds: float = LOOK_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not met() and time.monotonic() < deadline:
        time.sleep(look_seconds)
