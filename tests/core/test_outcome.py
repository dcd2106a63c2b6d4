"""Whether the answer to a create is beyond doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.outcome import Accepted, Doubtful, settle_create
from runner.model.tikmatrix import Created

IDS = st.lists(st.sampled_from(["1", "2", "3", "4"]), max_size=4).map(tuple)
COUNTS = st.none() | st.integers(0, 4)


def settled(ids, *, counted, expected, bound=()):
    created = Created(task_ids=tuple(ids), created_count=counted)
    return settle_create(created, expected=expected, already_there=set(bound).__contains__)


@pytest.mark.parametrize(
    ("ids", "counted", "expected"),
    [(["7"], 1, 1), (["7", "8"], 2, 2), (["7"], None, 1), (["7", "8"], 2, None)],
)
def test_new_tasks_in_the_expected_number_are_accepted(ids, counted, expected):
    found = settled(ids, counted=counted, expected=expected, bound=["6"])
    assert found == Accepted(task_ids=tuple(ids))


@pytest.mark.parametrize(
    ("ids", "counted", "expected", "bound", "detail"),
    [
        ([], 0, 1, [], "the answer names no task"),
        ([], 1, None, [], "the answer names no task"),
        (["7", "7"], 2, 2, [], "the answer names a task twice: 7, 7"),
        (["7"], 2, 1, [], "the answer names 1 tasks and counts 2"),
        (["7", "8"], 2, 1, [], "the answer names 2 tasks where 1 were expected"),
        (["7"], 1, 2, [], "the answer names 1 tasks where 2 were expected"),
        (["7"], None, None, [], "the answer names 1 tasks, and nothing tells whether that is all"),
        (["7", "8"], 2, 2, ["8"], "the answer names tasks that were there before: 8"),
    ],
)
def test_anything_else_is_doubtful_and_says_why(ids, counted, expected, bound, detail):
    assert settled(ids, counted=counted, expected=expected, bound=bound) == Doubtful(detail)


@given(
    ids=IDS, counted=COUNTS, expected=st.none() | st.integers(1, 4), bound=st.sets(st.sampled_from("1234"))
)
def test_what_is_accepted_is_never_empty_repeated_known_or_of_another_number(ids, counted, expected, bound):
    found = settled(ids, counted=counted, expected=expected, bound=bound)
    fresh = len(ids) == len(set(ids) - bound) > 0
    agreed = {len(ids)} == {number for number in (counted, expected) if number is not None}
    assert isinstance(found, Accepted) == (fresh and agreed)
