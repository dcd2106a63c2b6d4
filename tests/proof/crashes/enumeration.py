"""Choose the trials: every boundary of every scenario once, and pairs of boundaries spread evenly."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from proof.collecting import collect_seldom
from proof.crashes.trial import Outcome, Trial, lived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

RESTS = (0.0, 20.0)
"""Seconds after a crash until the runner is started again."""


@dataclass
class Findings:
    """What came of many trials."""

    boundaries: dict[str, int] = field(default_factory=dict)
    """How many each scenario has without a crash."""
    seen: set[str] = field(default_factory=set)
    """The names of all boundaries that were crossed."""
    names: Counter[str] = field(default_factory=Counter)
    """How often a single crash struck at each name."""
    struck: Counter[str] = field(default_factory=Counter)
    """How often any crash struck at each name."""
    wrong_at: Counter[str] = field(default_factory=Counter)
    singles: Counter[str] = field(default_factory=Counter)
    """Single crashes of each scenario."""
    pairs: Counter[str] = field(default_factory=Counter)
    wrong: list[Outcome] = field(default_factory=list)
    lengths: dict[Trial, int] = field(default_factory=dict)
    """How many boundaries each singly crashed life had in all."""

    def add(self, outcome: Outcome) -> None:
        trial = outcome.trial
        if outcome.wrong:
            self.wrong.append(outcome)
            self.wrong_at[outcome.struck[-1] if outcome.struck else "none"] += 1
        self.seen |= outcome.names
        self.struck.update(outcome.struck)
        match len(trial.crashes):
            case 0:
                self.boundaries[trial.scenario] = outcome.boundaries
            case 1:
                self.singles[trial.scenario] += 1
                self.names.update(outcome.struck)
                self.lengths[trial] = outcome.boundaries
            case _:
                self.pairs[trial.scenario] += 1


def explore(
    scenarios: Sequence[str],
    *,
    rests: Sequence[float] = RESTS,
    every: int = 1,
    pairs: int,
    workers: int,
    tell: Callable[[str], None],
) -> Findings:
    """Crash each scenario at every (or every second, third, ...) boundary, then at so many pairs in all."""
    findings = Findings()
    with _Lives(workers) as live:
        for outcome in live(Trial(name) for name in scenarios):
            findings.add(outcome)
        tell(f"{len(scenarios)} scenarios, {sum(findings.boundaries.values())} boundaries")
        for number, outcome in enumerate(
            live(_singles(findings, scenarios, rests=rests, every=every)), start=1
        ):
            findings.add(outcome)
            if number % 500 == 0:
                tell(f"{number} single crashes, {len(findings.wrong)} violations")
        tell(f"{findings.singles.total()} single crashes, {len(findings.wrong)} violations")
        for number, outcome in enumerate(live(spread_evenly(findings, pairs)), start=1):
            findings.add(outcome)
            if number % 500 == 0:
                tell(f"{number} pairs, {len(findings.wrong)} violations")
    return findings


def _singles(
    findings: Findings, scenarios: Sequence[str], *, rests: Sequence[float], every: int
) -> Iterator[Trial]:
    for name in scenarios:
        for number in range(1, findings.boundaries[name] + 1, every):
            for rest in rests:
                yield Trial(name, (number,), (rest,))


def spread_evenly(findings: Findings, wanted: int) -> Iterator[Trial]:
    """Yield so many pairs out of all: a first crash, and a second at any boundary that came after it."""
    firsts = list(findings.lengths)
    after = [findings.lengths[trial] - trial.crashes[0] for trial in firsts]
    ends = list(accumulate(after))
    total = ends[-1]
    position = 0
    for number in range(min(wanted, total)):
        index = number * total // min(wanted, total)
        while index >= ends[position]:
            position += 1
        first = firsts[position]
        second = first.crashes[0] + 1 + index - (ends[position] - after[position])
        yield Trial(first.scenario, (*first.crashes, second), (*first.rests, RESTS[number % len(RESTS)]))


class _Lives:
    """Live trials in other processes, or in this one where there are no workers."""

    def __init__(self, workers: int) -> None:
        self._pool = ProcessPoolExecutor(workers, initializer=collect_seldom) if workers else None

    def __enter__(self) -> Callable[[Iterable[Trial]], Iterable[Outcome]]:
        if self._pool is None:
            return lambda trials: map(lived, trials)
        pool = self._pool
        return lambda trials: pool.map(lived, list(trials), chunksize=20)

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
