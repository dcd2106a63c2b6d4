"""The table of state changes."""

from __future__ import annotations

import pytest

from runner.core.transition import ALLOWED, check, may_become
from runner.model.state import TERMINAL, State

EVERY_PAIR = [(was, becomes) for was in State for becomes in State]


def reachable(start: State) -> set[State]:
    found: set[State] = set()
    ahead = {start}
    while ahead:
        found |= ahead
        ahead = {becomes for was in ahead for becomes in ALLOWED[was]} - found
    return found


def test_the_table_knows_every_state():
    assert set(ALLOWED) == set(State)


@pytest.mark.parametrize(("was", "becomes"), EVERY_PAIR)
def test_a_change_is_refused_exactly_where_the_table_does_not_hold_it(was, becomes):
    if may_become(was, becomes=becomes):
        check(was, becomes=becomes)
    else:
        with pytest.raises(ValueError, match=f"that is {was} cannot become {becomes}"):
            check(was, becomes=becomes)


@pytest.mark.parametrize("state", State)
def test_staying_is_not_a_change(state):
    assert not may_become(state, becomes=state)


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_from_planned(state):
    assert state in reachable(State.PLANNED)


@pytest.mark.parametrize("state", set(State) - {State.COMPLETED})
def test_nothing_but_a_completed_assignment_is_at_a_dead_end(state):
    assert ALLOWED[state]
    assert ALLOWED[State.COMPLETED] == frozenset()


@pytest.mark.parametrize("state", set(State) - TERMINAL)
def test_what_goes_on_can_come_to_an_end(state):
    assert ALLOWED[state] & TERMINAL


def test_a_request_is_begun_only_by_what_is_planned_or_has_failed_on_the_host():
    assert {was for was in State if may_become(was, becomes=State.SUBMITTING)} == {
        State.PLANNED,
        State.FAILED,
    }


@pytest.mark.parametrize(
    "state", [State.SUBMITTED, State.RUNNING, State.COMPLETED, State.FAILED, State.EXPIRED]
)
def test_what_the_host_has_accepted_is_never_planned_again(state):
    assert not may_become(state, becomes=State.PLANNED)


@pytest.mark.parametrize("state", set(State) - {State.SUBMITTING, State.SUBMITTED, State.RUNNING})
def test_only_what_may_be_on_the_host_becomes_unknown(state):
    assert not may_become(state, becomes=State.UNKNOWN)


@pytest.mark.parametrize("state", set(State) - {State.PLANNED, State.SUBMITTING})
def test_only_what_was_never_submitted_is_missed(state):
    assert not may_become(state, becomes=State.MISSED)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (State.SUBMITTING, State.PLANNED),
        (State.FAILED, State.RUNNING),
        (State.FAILED, State.SUBMITTED),
        (State.SUBMITTED, State.EXPIRED),
        (State.SUBMITTED, State.CANCELLED),
        (State.CANCELLED, State.PLANNED),
        *((State.UNKNOWN, becomes) for becomes in (State.PLANNED, State.SUBMITTED, State.RUNNING)),
        *((State.UNKNOWN, becomes) for becomes in (State.COMPLETED, State.FAILED, State.CANCELLED)),
        *((State.PLANNED, becomes) for becomes in (State.MISSED, State.CANCELLED, State.SKIPPED)),
    ],
)
def test_an_unusual_change_that_happens_is_allowed(was, becomes):
    assert may_become(was, becomes=becomes)


def test_the_error_says_what_would_be_allowed():
    with pytest.raises(ValueError, match=r"only: planned$"):
        check(State.MISSED, becomes=State.RUNNING)
    with pytest.raises(ValueError, match=r"only: nothing$"):
        check(State.COMPLETED, becomes=State.RUNNING)
