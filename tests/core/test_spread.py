"""Where the targets of a run fall due in its window."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, MORNING, SECOND

from runner.core.spread import due_instants
from runner.model.campaign import Spread
from runner.model.window import OpenWindow

OPENED = OpenWindow(day=DAY, window=MORNING, opens=1_000 * SECOND, closes=1_120 * SECOND)
SPREADS = st.sampled_from(Spread)


def test_even_puts_each_target_in_the_middle_of_its_part():
    dues = due_instants(OPENED, spread=Spread.EVEN, keys=["a", "b", "c"])
    assert dues == [1_020 * SECOND, 1_060 * SECOND, 1_100 * SECOND]


def test_even_puts_a_single_target_in_the_middle_of_the_window():
    assert due_instants(OPENED, spread=Spread.EVEN, keys=["a"]) == [1_060 * SECOND]


def test_together_puts_all_targets_at_the_opening():
    assert due_instants(OPENED, spread=Spread.TOGETHER, keys=["a", "b"]) == [1_000 * SECOND] * 2


def test_random_is_the_same_for_ever():
    keys = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"]
    dues = due_instants(OPENED, spread=Spread.RANDOM, keys=keys)
    assert dues == [1027092877, 1098661303, 1075946559]


def test_random_covers_the_whole_window():
    keys = [f"key-{number}" for number in range(4_000)]
    dues = due_instants(OPENED, spread=Spread.RANDOM, keys=keys)
    tenths = [(due - OPENED.opens) // (12 * SECOND) for due in dues]
    assert all(300 < tenths.count(tenth) < 500 for tenth in range(10))


@given(keys=st.lists(st.text(min_size=1), unique=True), others=st.lists(st.text(min_size=1)))
def test_random_depends_on_nothing_but_the_key(keys, others):
    alone = [due_instants(OPENED, spread=Spread.RANDOM, keys=[key]) for key in keys]
    together = due_instants(OPENED, spread=Spread.RANDOM, keys=keys + others)
    assert [due for dues in alone for due in dues] == together[: len(keys)]


@given(
    spread=SPREADS,
    opens=st.integers(-(10**17), 10**17),
    length=st.integers(1, 90_000 * SECOND),
    count=st.integers(0, 200),
)
def test_every_target_falls_due_while_the_window_is_open(spread, opens, length, count):
    opened = OpenWindow(day=DAY, window=MORNING, opens=opens, closes=opens + length)
    dues = due_instants(opened, spread=spread, keys=[f"key-{number}" for number in range(count)])
    assert len(dues) == count
    assert all(opened.opens <= due < opened.closes for due in dues)


@given(length=st.integers(1, 90_000 * SECOND), count=st.integers(1, 300))
def test_even_keeps_the_order_and_a_steady_distance(length, count):
    opened = OpenWindow(day=DAY, window=MORNING, opens=0, closes=length)
    dues = due_instants(opened, spread=Spread.EVEN, keys=["key"] * count)
    distances = {later - earlier for earlier, later in pairwise(dues)}
    assert dues == sorted(dues)
    assert all(abs(distance - length / count) <= 1 for distance in distances)
