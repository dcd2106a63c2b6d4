"""A backlog: spread, repeatably, and inside the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner.core.backlog import LONGEST_US, paced
from runner.model.instant import SECOND

KEYS = st.text("abcdefghijkmnpqrstuvwxyz23456789", min_size=16, max_size=16)
LENGTHS = st.integers(-SECOND, 86_400 * SECOND)
NOW = 1_800_000_000 * SECOND


@given(KEYS, LENGTHS, LENGTHS)
def test_an_instant_lies_in_the_shortest_of_the_three_times(key, left_us, lost_us):
    at = paced(key, now=NOW, last_moment=NOW + left_us, lost_us=lost_us)
    room_us = max(0, min(left_us // 2, lost_us, LONGEST_US))
    assert NOW <= at <= NOW + room_us
    assert room_us == 0 or at < NOW + room_us


@given(KEYS)
def test_the_same_key_and_instant_give_the_same(key):
    instants = {paced(key, now=NOW, last_moment=NOW + 3_600 * SECOND, lost_us=LONGEST_US) for _ in range(3)}
    assert len(instants) == 1


def test_many_are_spread_evenly():
    at = [
        paced(f"key-{number}", now=NOW, last_moment=NOW + 7_200 * SECOND, lost_us=LONGEST_US)
        for number in range(6_000)
    ]
    minutes = [(each - NOW) // (60 * SECOND) for each in at]
    assert sorted(set(minutes)) == list(range(10))
    assert all(500 < minutes.count(minute) < 700 for minute in range(10))
