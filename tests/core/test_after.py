"""For which other assignment one waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, EVENING, MORNING, campaign, entry

from runner.core.after import in_words, needed_by, needed_window, unmet_in_words
from runner.core.expand import expand
from runner.model.state import State
from runner.model.window import DAY_SECONDS, Window

WINDOWS = st.lists(
    st.builds(Window, st.integers(0, DAY_SECONDS - 1), st.integers(1, DAY_SECONDS)),
    min_size=1,
    max_size=5,
    unique_by=lambda window: window.opens,
)


@given(
    windows=WINDOWS, window=st.builds(Window, st.integers(0, DAY_SECONDS - 1), st.integers(1, DAY_SECONDS))
)
def test_the_window_is_the_last_that_opens_no_later_or_else_the_first_of_the_day(windows, window):
    meant = needed_window(windows, window=window)
    assert meant in windows
    if any(each.opens <= window.opens for each in windows):
        assert meant.opens <= window.opens
        assert not any(meant.opens < each.opens <= window.opens for each in windows)
    else:
        assert meant.opens == min(each.opens for each in windows)


def test_each_target_needs_its_own_assignment_of_the_same_day():
    spring = campaign(
        entry("warmup", targets=["A", "B"], windows=[EVENING, MORNING]),
        entry("clip", targets=["B", "A"], windows=[MORNING, EVENING], after=("warmup",)),
    )
    evening, morning, clip_morning, clip_evening = expand(spring, day=DAY)
    assert evening.needs == morning.needs == ()
    for clip, warmup in ((clip_morning, morning), (clip_evening, evening)):
        keys = {one.target: one.key for one in warmup.assignments}
        assert clip.needs == tuple((one.key, keys[one.target]) for one in clip.assignments)
        assert clip.run.order.after == (("warmup", warmup.run.window),)
        for one in clip.assignments:
            assert needed_by(clip.run, one.target) == {keys[one.target]: "warmup"}
        assert in_words(clip.run) == "after warmup"
    assert in_words(evening.run) == ""


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (State.FAILED, "Network error", "after `warmup`: that had failed (Network error)"),
        (State.EXPIRED, None, "after `warmup`: that had expired"),
        (None, None, "after `warmup`: that was not planned"),
    ],
)
def test_the_reason_says_what_became_of_the_other(state, reason, words):
    assert unmet_in_words("warmup", state=state, reason=reason) == words


def test_there_are_words_for_every_state():
    assert all(unmet_in_words("x", state=state, reason=None) for state in State)
