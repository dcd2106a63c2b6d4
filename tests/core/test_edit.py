"""What an edit changes of days on which something has happened already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.plan_facts import DAY, EVENING, MORNING, campaign, entry

from runner.core.edit import counts, effect_of_edit, steps
from runner.core.expand import expand
from runner.model.record import AssignmentRecord
from runner.model.state import State

BEFORE = campaign(entry(targets=["A"]))
AFTER = campaign(entry(targets=["B"]))


def stored(one, state, *, reason=None):
    return [
        AssignmentRecord(assignment, planned.run, state, reason, 0, None, None, ())
        for planned in expand(one, day=DAY)
        for assignment in planned.assignments
    ]


def plan(one):
    return expand(one, day=DAY)


@pytest.mark.parametrize("state", [state for state in State if state is not State.PLANNED])
def test_an_edit_reaches_only_what_is_planned(state):
    found = effect_of_edit(stored(BEFORE, state), in_force=plan(BEFORE), edited=(), now=0)
    assert counts(found) == {}
    again = effect_of_edit(stored(BEFORE, state), in_force=(), edited=plan(BEFORE), now=0)
    assert counts(again) == {}


def test_what_an_edit_cancelled_another_edit_brings_back():
    records = stored(BEFORE, State.CANCELLED, reason="edit: not in version 1")
    found = effect_of_edit(records, in_force=(), edited=plan(BEFORE), now=0)
    assert counts(found) == {"added": 1}


def test_what_a_person_cancelled_stays_cancelled():
    records = stored(BEFORE, State.CANCELLED, reason="dropped by eva")
    assert counts(effect_of_edit(records, in_force=(), edited=plan(BEFORE), now=0)) == {}


def test_the_ledger_counts_more_than_what_the_version_in_force_would_plan():
    found = effect_of_edit(stored(BEFORE, State.PLANNED), in_force=plan(AFTER), edited=plan(BEFORE), now=0)
    assert [step.words() for step in steps(found)] == ["removed clip for B on studio-pc, 09:00-11:00"]


def test_a_window_that_has_closed_is_owed_to_nobody():
    closes = next(iter(plan(BEFORE))).run.closes
    for now, expected in ((closes - 1, {"added": 1, "removed": 1}), (closes, {})):
        found = effect_of_edit(stored(BEFORE, State.PLANNED), in_force=(), edited=plan(AFTER), now=now)
        assert counts(found) == expected


LATER = campaign(entry(targets=["A", "B"], windows=(EVENING,)))


@pytest.mark.parametrize(
    ("state", "submitted_at", "again"),
    [
        (State.COMPLETED, 1, True),
        (State.FAILED, 1, True),
        (State.FAILED, None, False),
        (State.RUNNING, 1, True),
        (State.UNKNOWN, None, True),
        (State.EXPIRED, 1, False),
        (State.MISSED, None, False),
        (State.CANCELLED, None, False),
    ],
)
def test_a_window_that_is_moved_after_its_work_was_done_repeats_it_and_says_so(state, submitted_at, again):
    records = [replace(record, submitted_at=submitted_at) for record in stored(BEFORE, state)]
    found = effect_of_edit(records, in_force=(), edited=plan(LATER), now=0)
    told = {step.planned.assignment.target.name: step.repeats for step in steps(found)}
    assert told == {"A": records[0] if again else None, "B": None}


def test_a_second_window_beside_the_first_repeats_nothing():
    both = campaign(entry(targets=["A"], windows=(MORNING, EVENING)))
    found = effect_of_edit(stored(BEFORE, State.COMPLETED), in_force=(), edited=plan(both), now=0)
    assert counts(found) == {"added": 1}
    assert found.repeats == {}
