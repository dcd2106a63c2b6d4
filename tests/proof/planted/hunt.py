"""Live with each wrong engine until the checker says so."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from proof.figures import lived
from proof.planted.bugs import PLANTED

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SEEDS = 200


def hunt(number: int, *, most_seeds: int = MOST_SEEDS) -> tuple[int | None, str]:
    """Return how many lives it took to catch a wrong engine, and what it was caught at; None: never."""
    bug = PLANTED[number]
    for seed in range(most_seeds):
        with bug.plant():
            figures = lived(seed, days=bug.days, mix=bug.mix)
        if figures.violations:
            return seed + 1, figures.violations[0]
    return None, "never caught"


def hunt_all(*, workers: int) -> Iterator[tuple[str, int | None, str]]:
    """Yield each wrong engine's name, how many lives it took, and what it was caught at."""
    with ProcessPoolExecutor(workers) as pool:
        for bug, (seeds, caught_at) in zip(PLANTED, pool.map(hunt, range(len(PLANTED))), strict=True):
            yield bug.name, seeds, caught_at
