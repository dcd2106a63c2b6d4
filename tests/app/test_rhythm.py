"""Those who look around at one interval do so together, and none of them too late or twice for one turn."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from support.virtual import run_virtually

from runner.app.rhythm import next_turn

CLOSE_SECONDS = 1e-6


@given(
    seconds=st.sampled_from((0.5, 1.0, 3.0)),
    busy=st.lists(st.floats(0.0, 10.0), min_size=1, max_size=5),
    since=st.floats(0.0, 1e6),
)
def test_a_turn_comes_to_all_at_once_after_one_interval_at_most(seconds, busy, since):
    async def scenario():
        loop = asyncio.get_running_loop()
        await asyncio.sleep(since)
        for busy_seconds in busy:
            await asyncio.sleep(busy_seconds)
            began = loop.time()
            await next_turn(seconds)
            waited, turns = loop.time() - began, loop.time() / seconds
            assert seconds / 20 - CLOSE_SECONDS <= waited <= seconds * 21 / 20 + CLOSE_SECONDS
            assert abs(turns - round(turns)) < CLOSE_SECONDS

    run_virtually(scenario())
