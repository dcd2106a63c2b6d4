"""Random lives of the whole engine: an independent checker finds nothing wrong with them."""

from __future__ import annotations

import pytest

from proof.checker import judge
from proof.life import live
from proof.mixes import MIXES, mix_of

LIVES = 2 * len(MIXES)
DAYS = 1.0

pytestmark = pytest.mark.sqlite(reason="the checker reads the store's file")


@pytest.mark.parametrize("seed", range(LIVES))
def test_nothing_is_wrong_with_a_random_life(tmp_path, seed):
    verdict = judge(live(seed, days=DAYS, folder=tmp_path))
    found = "\n".join(str(violation) for violation in verdict.violations)
    assert not found, f"replay with `python -m proof --replay {seed} --days {DAYS:g}`\n{found}"


def test_short_lives_are_of_every_kind():
    assert {mix_of(seed) for seed in range(LIVES)} == set(MIXES)


def test_a_life_can_be_lived_again(tmp_path):
    seed = 7
    lives = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        case = live(seed, days=0.5, folder=tmp_path / name)
        lives.append((case.histories, [record["what"] for record in case.world], case.ended_at))
    assert lives[0] == lives[1]
