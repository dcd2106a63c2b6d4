"""What follows from looking at an assignment's tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.plan_facts import bound_task, record, target

from runner.core.observe import in_lane, is_another, look
from runner.model.campaign import TargetKind
from runner.model.state import State
from runner.model.tikmatrix import Task, TaskStatus

if TYPE_CHECKING:
    from runner.model.record import BoundTask

OURS = record(state=State.SUBMITTED, tasks=(bound_task(TaskStatus.PENDING),))


def shown(status: TaskStatus | None, **others: object) -> dict[str, Task]:
    return {"1": Task("1", status, **{"serial": "A", "script_name": "post", **others})}


def test_nothing_new_is_nothing():
    seen = look(OURS, shown=shown(TaskStatus.PENDING), at=5)
    assert (seen.observed, seen.mismatched, seen.becomes) == ((), (), None)


@pytest.mark.parametrize("other", [{"serial": "B"}, {"script_name": "follow"}, {"source": "ui"}])
def test_other_work_under_the_number_means_that_ours_is_gone(other):
    seen = look(OURS, shown=shown(TaskStatus.COMPLETED, **other), at=5)
    assert seen.mismatched == ("1",)
    assert [observed.gone for observed in seen.observed] == [True]
    assert seen.becomes.state is State.UNKNOWN


def test_an_account_runs_on_any_device():
    account = replace(OURS.assignment, target=target("@brand", kind=TargetKind.USERNAME))
    seen = look(replace(OURS, assignment=account), shown=shown(TaskStatus.RUNNING, serial="Z"), at=5)
    assert seen.becomes.state is State.RUNNING


def test_fields_that_a_host_leaves_out_do_not_mismatch():
    seen = look(OURS, shown=shown(TaskStatus.RUNNING, serial=None, script_name=None), at=5)
    assert (seen.mismatched, seen.becomes.state) == ((), State.RUNNING)


def test_a_status_that_cannot_be_read_leaves_the_last_one():
    seen = look(OURS, shown=shown(None, remark="odd"), at=5)
    assert [(one.status, one.remark) for one in seen.observed] == [(TaskStatus.PENDING, "odd")]
    assert seen.becomes is None


def test_what_was_not_looked_at_or_is_gone_stays():
    gone = replace(OURS, tasks=(bound_task(TaskStatus.COMPLETED, gone=True),), state=State.COMPLETED)
    assert look(OURS, shown={}, at=5).observed == ()
    assert look(gone, shown=shown(TaskStatus.FAILED), at=5).observed == ()


def test_what_was_refused_stays_failed():
    refused = record(state=State.FAILED, reason="refused")
    assert look(refused, shown={}, at=5).becomes is None


def test_a_completed_result_is_the_end():
    done = replace(OURS, state=State.COMPLETED, tasks=(bound_task(TaskStatus.COMPLETED),))
    seen = look(done, shown=shown(TaskStatus.FAILED), at=5)
    assert seen.becomes is None


def test_a_withdrawn_one_that_is_deleted_stays_withdrawn():
    withdrawn = replace(OURS, state=State.EXPIRED, tasks=(bound_task(TaskStatus.PENDING),))
    assert look(withdrawn, shown={"1": None}, at=5).becomes is None


@pytest.mark.parametrize(
    ("others", "inside"),
    [
        ({}, True),
        ({"source": "api"}, True),
        ({"source": "ui"}, False),
        ({"serial": None, "script_name": None}, True),
        ({"serial": "B"}, False),
        ({"script_name": "follow"}, False),
        ({"username": "@somebody"}, True),
    ],
)
def test_the_lane_of_a_device_holds_its_tasks_of_one_script(others, inside):
    (task,) = shown(None, **others).values()
    assert in_lane(task, target("A"), script_name="post") is inside


@pytest.mark.parametrize(("username", "inside"), [("@brand", True), ("@other", False), (None, True)])
def test_the_lane_of_an_account_holds_its_tasks_on_any_device(username, inside):
    (task,) = shown(None, serial="Z", username=username).values()
    assert in_lane(task, target("@brand", kind=TargetKind.USERNAME), script_name="post") is inside


def known(status: TaskStatus | None, **others: object) -> BoundTask:
    return replace(bound_task(status), **others)


@pytest.mark.parametrize(
    ("before", "now", "another"),
    [
        (known(None), TaskStatus.COMPLETED, False),
        (known(TaskStatus.PENDING), TaskStatus.COMPLETED, False),
        (known(TaskStatus.RUNNING), TaskStatus.PENDING, False),
        (known(TaskStatus.COMPLETED), TaskStatus.COMPLETED, False),
        (known(TaskStatus.COMPLETED), TaskStatus.PENDING, True),
        (known(TaskStatus.COMPLETED), TaskStatus.FAILED, True),
        (known(TaskStatus.COMPLETED), None, True),
        (known(TaskStatus.FAILED), TaskStatus.PENDING, False),
        (known(TaskStatus.FAILED), TaskStatus.FAILED, False),
    ],
)
def test_a_task_that_has_completed_is_not_the_one_that_waits_under_its_number(before, now, another):
    (seen,) = shown(now).values()
    assert is_another(seen, before, record=OURS) is another


@pytest.mark.parametrize(
    ("before", "now", "another"),
    [("10:00", "10:00", False), ("10:00", "10:05", True), (None, "10:05", False), ("10:00", None, False)],
)
def test_a_task_that_has_ended_keeps_its_start(before, now, another):
    (seen,) = shown(TaskStatus.FAILED, start_time=now).values()
    assert is_another(seen, known(TaskStatus.FAILED, start_time=before), record=OURS) is another


def test_a_retry_that_the_host_counts_puts_an_ended_task_back():
    (seen,) = shown(TaskStatus.RUNNING, start_time="10:05", retry_count=1).values()
    for status in (TaskStatus.FAILED, TaskStatus.COMPLETED):
        assert not is_another(seen, known(status, start_time="10:00", retry_count=0), record=OURS)
        assert is_another(seen, known(status, start_time="10:00", retry_count=1), record=OURS)


def test_a_task_of_another_lane_is_another():
    (seen,) = shown(TaskStatus.PENDING, serial="B").values()
    assert is_another(seen, known(None), record=OURS)


def test_an_assignment_of_which_tasks_are_missing_does_not_complete():
    order = replace(OURS.run.order, expected_tasks=2)
    seen = look(replace(OURS, run=replace(OURS.run, order=order)), shown=shown(TaskStatus.COMPLETED), at=5)
    assert seen.becomes.state is State.FAILED
    assert "only 1 of its 2 tasks" in seen.becomes.reason
