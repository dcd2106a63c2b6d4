"""Random edits while the daemon runs under load: nothing submitted is touched, nothing else is in the way."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from proof.edited import lived, some_steps

LIVES, STEPS = 5, 52

pytestmark = pytest.mark.sqlite(reason="the checker reads the store's file")


@pytest.mark.timeout(500)
def test_two_hundred_random_edits_touch_nothing_that_was_submitted_and_no_other_file():
    edits = []

    # A life is told by its seed, and lived again with `python -m proof edits --edited SEED`.
    @given(seed=st.integers(0, 1_000_000))
    @settings(max_examples=LIVES, phases=[Phase.generate], deadline=None, derandomize=True, database=None)
    def edited(seed):
        life = lived(some_steps(Random(seed), count=STEPS))
        edits.append(life.edits)
        assert life.wrong == [], "\n".join(life.wrong)

    edited()
    assert sum(edits) >= 200
