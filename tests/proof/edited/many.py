"""Many lives full of edits, in processes of their own."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from proof.edited.life import lived
from proof.edited.steps import some_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STEPS_OF_A_SEED = 100


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of the life of a seed."""

    seed: int
    edits: int
    commits: int
    wrong: list[str]


def all_lived(seeds: Sequence[int], *, workers: int) -> Iterator[Edited]:
    """Live the lives of many seeds."""
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_lived_seed, seeds)


def _lived_seed(seed: int) -> Edited:
    life = lived(some_steps(Random(seed), count=STEPS_OF_A_SEED))
    return Edited(seed, life.edits, life.commits, life.wrong)
