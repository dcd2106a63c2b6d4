"""From the tasks of an assignment to its state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import bound_task

from runner.core.progress import DELETED, NO_REMARK, progress
from runner.model.state import State
from runner.model.tikmatrix import TaskStatus

PENDING, RUNNING = bound_task(TaskStatus.PENDING), bound_task(TaskStatus.RUNNING)
COMPLETED, FAILED = bound_task(TaskStatus.COMPLETED), bound_task(TaskStatus.FAILED, remark="no network")
NOT_SEEN = bound_task(None)
GONE_PENDING = bound_task(TaskStatus.PENDING, gone=True)
GONE_RUNNING = bound_task(TaskStatus.RUNNING, gone=True)
GONE_COMPLETED = bound_task(TaskStatus.COMPLETED, gone=True)
GONE_FAILED = bound_task(TaskStatus.FAILED, gone=True, remark="no network")
GONE_NOT_SEEN = bound_task(None, gone=True)
TASKS = st.lists(
    st.builds(
        bound_task,
        st.none() | st.sampled_from(TaskStatus),
        gone=st.booleans(),
        remark=st.none() | st.sampled_from(["no network", "logged out", ""]),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("tasks", "state"),
    [
        ([], State.SUBMITTED),
        ([NOT_SEEN], State.SUBMITTED),
        ([PENDING, PENDING], State.SUBMITTED),
        ([RUNNING], State.RUNNING),
        ([COMPLETED, RUNNING, FAILED], State.RUNNING),
        ([PENDING, RUNNING], State.RUNNING),
        ([PENDING, COMPLETED], State.RUNNING),
        ([NOT_SEEN, FAILED], State.RUNNING),
        ([PENDING, GONE_RUNNING], State.RUNNING),
        ([PENDING, GONE_PENDING], State.SUBMITTED),
        ([COMPLETED], State.COMPLETED),
        ([COMPLETED, GONE_COMPLETED], State.COMPLETED),
    ],
)
def test_the_state_follows_from_the_tasks(tasks, state):
    found = progress(tasks)
    assert (found.state, found.reason) == (state, None)


@pytest.mark.parametrize(
    ("tasks", "reason"),
    [
        ([FAILED], "no network"),
        ([GONE_FAILED], "no network"),
        ([bound_task(TaskStatus.FAILED)], NO_REMARK),
        ([bound_task(TaskStatus.FAILED, remark="")], NO_REMARK),
        ([GONE_PENDING], DELETED),
        ([GONE_RUNNING], DELETED),
        ([GONE_NOT_SEEN], DELETED),
        ([COMPLETED, FAILED], "1 of 2 tasks: no network"),
        ([FAILED, FAILED], "2 of 2 tasks: no network"),
        ([FAILED, GONE_PENDING, COMPLETED], f"2 of 3 tasks: no network; {DELETED}"),
    ],
)
def test_one_task_that_did_not_complete_makes_a_failure_with_its_reason(tasks, reason):
    found = progress(tasks)
    assert (found.state, found.reason) == (State.FAILED, reason)


@given(TASKS)
def test_every_set_of_tasks_has_a_state_and_a_failure_alone_has_a_reason(tasks):
    found = progress(tasks)
    assert found.state in {State.SUBMITTED, State.RUNNING, State.COMPLETED, State.FAILED}
    assert (found.reason is not None) == (found.state is State.FAILED)


@given(TASKS)
def test_the_order_of_the_tasks_does_not_matter_to_the_state(tasks):
    assert progress(tasks[::-1]).state is progress(tasks).state


@given(TASKS)
def test_an_assignment_is_running_while_a_task_runs(tasks):
    assert progress([*tasks, RUNNING]).state is State.RUNNING


@given(TASKS)
def test_an_assignment_that_has_ended_is_completed_only_if_all_its_tasks_are(tasks):
    state = progress([*tasks, COMPLETED]).state
    assert (state is State.COMPLETED) == all(task.status is TaskStatus.COMPLETED for task in tasks)


@pytest.mark.parametrize(
    ("tasks", "expected", "state"),
    [
        ([COMPLETED], 1, State.COMPLETED),
        ([COMPLETED], None, State.COMPLETED),
        ([COMPLETED, COMPLETED, COMPLETED], 2, State.COMPLETED),
        ([COMPLETED], 2, State.FAILED),
        ([COMPLETED, RUNNING], 3, State.RUNNING),
        ([PENDING], 3, State.SUBMITTED),
        ([], 3, State.SUBMITTED),
    ],
)
def test_what_lacks_tasks_cannot_complete(tasks, expected, state):
    found = progress(tasks, expected=expected)
    assert found.state is state
    assert (found.reason is not None) == (state is State.FAILED)


def test_it_is_told_how_many_tasks_are_missing_unless_one_failed():
    assert "only 1 of its 3 tasks" in progress([COMPLETED], expected=3).reason
    assert progress([FAILED, COMPLETED], expected=3).reason == "1 of 2 tasks: no network"


@given(TASKS, st.none() | st.integers(1, 6))
def test_missing_tasks_change_nothing_but_a_completion(tasks, expected):
    plain, found = progress(tasks), progress(tasks, expected=expected)
    assert found == plain or (plain.state, found.state) == (State.COMPLETED, State.FAILED)
