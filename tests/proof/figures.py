"""Many lives: lived on several processes, their figures added up, and shown."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from proof.checker import judge
from proof.collecting import collect_seldom
from proof.life import live
from proof.mixes import mix_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from proof.fast import FastEngine
    from proof.mixes import Mix

_MEMORY = Path("/dev/shm")  # noqa: S108 - the stores of simulations need no disk
_MOST_SHOWN = 5


@dataclass(slots=True)
class LifeFigures:
    """What one life came to."""

    seed: int
    mix: str
    days: float
    violations: list[str]
    excused: Counter[str]
    states: Counter[str]
    faults: Counter[str]
    lateness_seconds: list[float]
    expected: int
    commits: int
    halts: int
    cpu_seconds: float


@dataclass(slots=True)
class Sum:
    """What many lives came to."""

    lives: int = 0
    days: float = 0.0
    failing: list[LifeFigures] = field(default_factory=list)
    excused: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    by_mix: dict[str, Counter[str]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    lateness_seconds: list[float] = field(default_factory=list)
    expected: int = 0
    commits: int = 0
    halts: int = 0
    cpu_seconds: float = 0.0

    def add(self, one: LifeFigures) -> None:
        """Add one life."""
        self.lives += 1
        self.days += one.days
        if one.violations:
            self.failing.append(one)
        self.excused += one.excused
        self.states += one.states
        of_mix = self.by_mix.setdefault(one.mix, Counter())
        of_mix += one.states
        self.faults += one.faults
        self.lateness_seconds += one.lateness_seconds
        self.expected += one.expected
        self.commits += one.commits
        self.halts += one.halts
        self.cpu_seconds += one.cpu_seconds

    @property
    def kinds(self) -> Counter[str]:
        """How many violations there were of each kind."""
        return Counter(text.partition(":")[0] for one in self.failing for text in one.violations)


def lived(
    seed: int,
    *,
    days: float,
    mix: Mix | None = None,
    engine_class: Callable[..., FastEngine] | None = None,
) -> LifeFigures:
    """Live one life in a folder of its own, and judge it."""
    folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
    begun = time.process_time()
    chosen = {} if engine_class is None else {"engine_class": engine_class}
    try:
        case = live(seed, days=days, folder=folder, mix=mix, **chosen)
        verdict = judge(case)
    finally:
        shutil.rmtree(folder)
    return LifeFigures(
        seed,
        (mix or mix_of(seed)).name,
        days,
        [str(violation) for violation in verdict.violations],
        Counter(violation.kind for violation in verdict.excused),
        verdict.states,
        verdict.faults,
        verdict.lateness_seconds,
        verdict.expected,
        verdict.commits,
        verdict.halts,
        time.process_time() - begun,
    )


def live_all(seeds: Iterable[int], *, days: float, workers: int) -> Iterator[LifeFigures]:
    """Live the lives of seeds, several at once, and yield each as it is over."""
    one = partial(lived, days=days)
    if workers == 1:
        collect_seldom()
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(workers, initializer=collect_seldom) as pool:
        yield from pool.map(one, seeds)


def told(total: Sum) -> Iterator[str]:
    """Yield the lines of a report."""
    yield f"lives {total.lives}, simulated days {total.days:g}, CPU {total.cpu_seconds:.0f} s"
    yield f"assignments asked for {total.expected}, commits {total.commits}, halts {total.halts}"
    yield f"states: {_listed(total.states)}"
    for mix, states in sorted(total.by_mix.items()):
        ended = sum(count for state, count in states.items() if state != "planned")
        share = 100 * states["unknown"] / max(1, ended)
        yield f"  {mix}: unknown {share:.2f} % of {ended}"
    late = sorted(total.lateness_seconds)
    if late:
        p50, p99 = late[len(late) // 2], late[min(len(late) - 1, len(late) * 99 // 100)]
        yield f"lateness: p50 {p50:.1f} s, p99 {p99:.0f} s, max {late[-1]:.0f} s"
    yield f"faults injected, by kind/work: {_listed(total.faults)}"
    yield f"excused, as documented: {_listed(total.excused)}"
    if not total.failing:
        yield f"violations: 0 in {total.days:g} days: below {3 / max(total.days, 1):.2%} a day, at 95 %"
        return
    yield f"violations: {_listed(total.kinds)}"
    for one in total.failing:
        yield f"seed {one.seed} ({one.mix}): python -m proof --replay {one.seed} --days {one.days:g}"
        yield from (f"    {text}" for text in one.violations[:_MOST_SHOWN])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
