"""What a report counts."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, SECOND, record

from runner.core.summarize import Durations, RunName, duration_us, summarize
from runner.model.state import FAULTS, State

RECORDS = st.lists(
    st.builds(
        record,
        st.just("a" * 16),
        state=st.sampled_from(State),
        host=st.sampled_from(["pc-1", "pc-2"]),
        campaign=st.sampled_from(["spring", "autumn"]),
        script=st.sampled_from(["clip", "warmup"]),
        script_name=st.sampled_from(["post", "account_warmup"]),
        reason=st.none() | st.sampled_from(["no network", "logged out"]),
    ),
    max_size=20,
)


def took(seconds, **others):
    return record(state=State.COMPLETED, submitted_at=SECOND, finished_at=(1 + seconds) * SECOND, **others)


def test_nothing_is_summarized_as_nothing():
    summary = summarize([])
    assert (summary.everything.total, summary.everything.counts, summary.everything.durations) == (
        0,
        {},
        None,
    )
    assert (summary.by_host, summary.completed, summary.faults, summary.reasons) == ({}, (), (), {})


def test_assignments_are_counted_by_all_that_a_report_groups_them_by():
    summary = summarize(
        [
            took(1, host="pc-1", script="clip"),
            record(state=State.FAILED, host="pc-2", script="clip"),
            record(state=State.FAILED, host="pc-2", script="like", script_name="comment", campaign="autumn"),
        ]
    )
    completed, failed = State.COMPLETED, State.FAILED
    assert summary.everything.counts == {completed: 1, failed: 2}
    assert {name: tally.counts for name, tally in summary.by_host.items()} == {
        "pc-1": {completed: 1},
        "pc-2": {failed: 2},
    }
    assert {name: tally.counts for name, tally in summary.by_campaign.items()} == {
        "spring": {completed: 1, failed: 1},
        "autumn": {failed: 1},
    }
    assert {name: tally.total for name, tally in summary.by_entry.items()} == {
        ("spring", "clip"): 2,
        ("autumn", "like"): 1,
    }
    assert {name: tally.total for name, tally in summary.by_script_name.items()} == {"post": 2, "comment": 1}
    assert {name: tally.total for name, tally in summary.by_run.items()} == {
        RunName(day=DAY, campaign="spring", script="clip", window="09:00-11:00"): 2,
        RunName(day=DAY, campaign="autumn", script="like", window="09:00-11:00"): 1,
    }


def test_durations_are_those_of_the_completed_assignments():
    failed = record(state=State.FAILED, submitted_at=0, finished_at=SECOND)
    summary = summarize([took(30), took(10), took(20), took(40), failed, record(state=State.COMPLETED)])
    assert summary.everything.durations == Durations(
        count=4, shortest_us=10 * SECOND, median_us=30 * SECOND, longest_us=40 * SECOND
    )


def test_a_duration_needs_a_submission_and_an_end():
    assert duration_us(took(7)) == 7 * SECOND
    assert duration_us(record(submitted_at=SECOND)) is None
    assert duration_us(record(finished_at=SECOND)) is None


def test_what_went_well_and_what_did_not_is_listed_in_order():
    records = [record(str(number), state=state) for number, state in enumerate(State)]
    summary = summarize(records)
    assert [one.state for one in summary.completed] == [State.COMPLETED]
    assert [one.state for one in summary.faults] == [
        State.FAILED,
        State.EXPIRED,
        State.MISSED,
        State.UNKNOWN,
    ]


def test_reasons_are_counted_with_the_most_frequent_first():
    summary = summarize(
        [
            record(state=State.MISSED, reason="the host was unreachable"),
            record(state=State.FAILED, reason="no network"),
            record(state=State.FAILED, reason="no network"),
            record(state=State.COMPLETED),
        ]
    )
    assert list(summary.reasons.items()) == [
        ((State.FAILED, "no network"), 2),
        ((State.MISSED, "the host was unreachable"), 1),
    ]


@given(RECORDS)
def test_every_grouping_counts_every_assignment_once(records):
    summary = summarize(iter(records))
    groupings = (
        summary.by_campaign,
        summary.by_entry,
        summary.by_script_name,
        summary.by_host,
        summary.by_run,
    )
    for grouping in groupings:
        counts: Counter[State] = Counter()
        for tally in grouping.values():
            assert tally.total == sum(tally.counts.values())
            counts.update(tally.counts)
        assert counts == summary.everything.counts
    assert len(summary.completed) == summary.everything.counts.get(State.COMPLETED, 0)
    assert len(summary.faults) == sum(summary.everything.counts.get(state, 0) for state in FAULTS)
