"""What follows from looking at an assignment's tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.plan_facts import bound_task, record, target

from runner.core.observe import look
from runner.model.campaign import TargetKind
from runner.model.state import State
from runner.model.tikmatrix import Task, TaskStatus

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
