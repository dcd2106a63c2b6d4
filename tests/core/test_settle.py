"""What a create of unknown effect has done, by what its host shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.likeness import Likeness, likeness, sent_targets
from runner.core.settle import (
    CLEARED,
    LOOKS_APART_US,
    NO_SENTINEL,
    OTHER_WORK,
    Absent,
    Adopt,
    AdoptSome,
    Doubt,
    GiveUp,
    LookAgain,
    Reading,
    Sentinel,
    is_earned,
    settle,
)
from runner.model.instant import SECOND
from runner.model.tikmatrix import Task

SETTLE_US = 30 * SECOND
ENDED_AT = 1_000 * SECOND
FIRST_PROOF = ENDED_AT + SETTLE_US
PROVED = FIRST_PROOF + LOOKS_APART_US
ALIVE, GONE, NONE = Sentinel.ALIVE, Sentinel.GONE, Sentinel.NONE

POST = Doubt({"serials": ["A"], "script_name": "post", "script_config": {"captions": "Hi"}}, 1, ENDED_AT)
FOLLOW = Doubt(
    {"serials": ["A"], "script_name": "follow", "script_config": {"target_users": ["@u", "@v", "@w"]}},
    3,
    ENDED_AT,
)
BY_ACCOUNT = replace(POST, sent={"usernames": ["@a"], "script_name": "post", "script_config": {}})
EVERY_ACCOUNT = replace(POST, expected=None)


def task(number, args="ours", **others):
    shown = {"captions": "Hi"} if args == "ours" else args
    return Task(str(number), None, script_args=shown, **{"serial": "A", **others})


def following(number, *users):
    return task(number, {"target_users": list(users)})


def settled(doubt, *tasks, at=PROVED, since=FIRST_PROOF, sentinel=ALIVE, earned=False):
    return settle(
        doubt, Reading(at, tasks, sentinel), proving_since=since, earned=earned, settle_us=SETTLE_US
    )


OTHERS = {"captions": "Ho"}


@pytest.mark.parametrize(
    ("tasks", "options", "verdict"),
    [
        # Its work is found: at once, whatever else there is.
        ([task(7)], {"at": ENDED_AT, "since": None}, Adopt(("7",))),
        ([task(7)], {"sentinel": GONE}, Adopt(("7",))),
        ([task(7)], {"sentinel": NONE}, Adopt(("7",))),
        ([task(10), task(9)], {}, Adopt(("9",), surplus=("10",))),
        ([task(7), task(8, OTHERS)], {}, Adopt(("7",))),
        # Nothing is there.
        ([], {}, Absent()),
        ([], {"at": ENDED_AT, "since": None}, LookAgain()),
        ([], {"at": FIRST_PROOF, "since": None}, LookAgain()),
        ([], {"at": PROVED - 1}, LookAgain()),
        ([], {"sentinel": NONE}, GiveUp(NO_SENTINEL)),
        ([], {"sentinel": GONE}, GiveUp(CLEARED)),
        ([], {"sentinel": GONE, "at": ENDED_AT, "since": None}, GiveUp(CLEARED)),
        # Something is there that cannot be told from ours.
        ([task(7, OTHERS)], {}, GiveUp(OTHER_WORK)),
        ([task(7, OTHERS)], {"at": PROVED - 1}, LookAgain()),
        ([task(7, OTHERS)], {"earned": True}, Absent()),
        ([task(7, OTHERS)], {"earned": True, "sentinel": NONE}, GiveUp(NO_SENTINEL)),
        ([task(7, None)], {}, Adopt(("7",), probable=True)),
        ([task(7, None)], {"earned": True}, Adopt(("7",), probable=True)),
        ([task(7, None)], {"at": PROVED - 1}, LookAgain()),
        ([task(7, None), task(8, None)], {}, GiveUp(OTHER_WORK)),
        ([task(7, None), task(8, OTHERS)], {}, GiveUp(OTHER_WORK)),
        ([task(7, None), task(8, OTHERS)], {"earned": True}, Adopt(("7",), probable=True)),
        # It does not show whose it is.
        ([task(7, serial=None)], {}, GiveUp(OTHER_WORK)),
        ([task(7, None, serial=None)], {}, GiveUp(OTHER_WORK)),
    ],
)
def test_a_create_of_one_task(tasks, options, verdict):
    assert settled(POST, *tasks, **options) == verdict


@pytest.mark.parametrize(
    ("tasks", "options", "verdict"),
    [
        ([following(7, "@u"), following(8, "@v"), following(9, "@w")], {}, Adopt(("7", "8", "9"))),
        (
            [following(7, "@u"), following(8, "@u"), following(9, "@v"), following(10, "@w")],
            {},
            Adopt(("7", "9", "10"), surplus=("8",)),
        ),
        ([following(7, "@v")], {}, AdoptSome(("7",), ("@u", "@w"))),
        ([following(7, "@v")], {"at": PROVED - 1}, LookAgain()),
        ([following(7, "@v"), following(8, "@v"), following(9, "@v")], {}, AdoptSome(("7",), ("@u", "@w"))),
        ([following(7, "@v")], {"sentinel": NONE}, AdoptSome(("7",), ())),
        ([following(7, "@v")], {"sentinel": GONE}, GiveUp(CLEARED)),
        ([following(7, "@v"), task(8, None)], {}, AdoptSome(("7",), ())),
        ([following(7, "@v"), following(8, "@x")], {}, AdoptSome(("7",), ())),
        ([following(7, "@v"), following(8, "@x")], {"earned": True}, AdoptSome(("7",), ("@u", "@w"))),
        # Each task shows all targets.
        ([following(number, "@u", "@v", "@w") for number in (7, 8, 9)], {}, Adopt(("7", "8", "9"))),
        ([following(number, "@u", "@v", "@w") for number in (7, 8)], {}, AdoptSome(("7", "8"), ())),
        ([task(7, None), task(8, None), task(9, None)], {}, Adopt(("7", "8", "9"), probable=True)),
        ([task(7, None), task(8, None)], {}, GiveUp(OTHER_WORK)),
        ([], {}, Absent()),
    ],
)
def test_a_create_of_a_task_for_each_of_three_users(tasks, options, verdict):
    assert settled(FOLLOW, *tasks, **options) == verdict


@pytest.mark.parametrize(
    ("tasks", "options", "verdict"),
    [
        ([task(7), task(8)], {}, Adopt(("7", "8"))),
        ([task(7), task(8)], {"at": PROVED - 1}, LookAgain()),
        ([task(7, None), task(8, None)], {}, Adopt(("7", "8"), probable=True)),
        ([task(7, OTHERS)], {}, GiveUp(OTHER_WORK)),
        ([], {}, Absent()),
    ],
)
def test_a_create_of_which_only_the_host_knows_the_number_of_tasks(tasks, options, verdict):
    assert settled(EVERY_ACCOUNT, *tasks, **options) == verdict


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        (task(7, {}, username="@a"), Adopt(("7",))),
        (task(7, {}, username="@a", serial=None), Adopt(("7",))),
        (task(7, None, username="@a"), Adopt(("7",), probable=True)),
        (task(7, {}), GiveUp(OTHER_WORK)),
        (task(7, None), GiveUp(OTHER_WORK)),
    ],
)
def test_a_create_for_an_account_needs_tasks_that_show_theirs(shown, verdict):
    assert settled(BY_ACCOUNT, shown) == verdict


def test_three_echoes_earn_belief_and_one_that_differs_loses_it():
    assert [is_earned(faithful=faithful, altered=0) for faithful in (0, 2, 3, 99)] == [
        False,
        False,
        True,
        True,
    ]
    assert not is_earned(faithful=99, altered=1)


USERS = st.sampled_from(["@u", "@v", "@w", "@x"])
ARGS = st.one_of(
    st.none(),
    st.just({"captions": "Hi"}),
    st.just({"captions": "Ho"}),
    st.lists(USERS, min_size=1, max_size=3, unique=True).map(lambda users: {"target_users": users}),
)
TASKS = st.lists(
    st.builds(
        task,
        st.integers(1, 30),
        ARGS,
        serial=st.sampled_from(["A", "A", "A", None]),
        username=st.sampled_from([None, "@a"]),
    ),
    max_size=6,
    unique_by=lambda one: one.task_id,
)
DOUBTS = st.sampled_from([POST, FOLLOW, BY_ACCOUNT, EVERY_ACCOUNT])
TIMES = st.integers(ENDED_AT - 60 * SECOND, ENDED_AT + 60 * SECOND)


@st.composite
def situations(draw):
    at = draw(TIMES)
    since = draw(st.none() | TIMES.filter(lambda since: FIRST_PROOF <= since <= at))
    return {
        "at": at,
        "since": since,
        "sentinel": draw(st.sampled_from(Sentinel)),
        "earned": draw(st.booleans()),
    }


@given(doubt=DOUBTS, tasks=TASKS, situation=situations())
def test_absence_is_believed_only_of_two_late_looks_at_a_list_that_is_vouched_for(doubt, tasks, situation):
    verdict = settled(doubt, *tasks, **situation)
    if not isinstance(verdict, Absent):
        return
    assert situation["sentinel"] is ALIVE
    assert situation["since"] >= FIRST_PROOF
    assert situation["at"] - situation["since"] >= LOOKS_APART_US
    for shown in tasks:
        assert likeness(doubt.sent, shown) is Likeness.DIFFERENT
        assert situation["earned"]


@given(doubt=DOUBTS, tasks=TASKS, situation=situations())
def test_no_task_is_taken_that_is_not_there_or_twice_or_beyond_what_was_asked_for(doubt, tasks, situation):
    verdict = settled(doubt, *tasks, **situation)
    if not isinstance(verdict, Adopt | AdoptSome):
        return
    named = [*verdict.task_ids, *(verdict.surplus if isinstance(verdict, Adopt) else ())]
    assert verdict.task_ids
    assert len(set(named)) == len(named)
    assert set(named) <= {shown.task_id for shown in tasks}
    by_id = {shown.task_id: shown for shown in tasks}
    assert all(likeness(doubt.sent, by_id[one]) is not Likeness.DIFFERENT for one in verdict.task_ids)
    if doubt.expected is not None:
        expected = doubt.expected - isinstance(verdict, AdoptSome)
        assert len(verdict.task_ids) <= expected


@given(
    made=st.lists(st.sampled_from(["@u", "@v", "@w"]), min_size=1, max_size=5),
    others=TASKS,
    earned=st.booleans(),
    sentinel=st.sampled_from(Sentinel),
)
def test_what_is_found_and_what_is_asked_for_anew_are_all_targets_once(made, others, earned, sentinel):
    tasks = [following(number, user) for number, user in enumerate(made, start=100)]
    verdict = settled(FOLLOW, *tasks, *others, earned=earned, sentinel=sentinel)
    if not isinstance(verdict, AdoptSome) or not verdict.rest:
        # Whatever else there is, it is not taken for nothing.
        assert not isinstance(verdict, Absent)
        return
    assert sentinel is ALIVE
    users = {
        shown.task_id: shown.script_args["target_users"]
        for shown in [*tasks, *others]
        if "target_users" in (shown.script_args or {})
    }
    found = [user for task_id in verdict.task_ids for user in users[task_id]]
    assert sorted([*found, *verdict.rest]) == sorted(sent_targets(FOLLOW.sent))


@given(doubt=DOUBTS, tasks=TASKS, situation=situations(), later=st.integers(0, 60 * SECOND))
def test_what_was_told_does_not_become_otherwise_by_waiting(doubt, tasks, situation, later):
    verdict = settled(doubt, *tasks, **situation)
    if verdict == LookAgain():
        return
    assert settled(doubt, *tasks, **{**situation, "at": situation["at"] + later}) == verdict


@given(doubt=DOUBTS, tasks=TASKS, more=TASKS, situation=situations())
def test_more_tasks_never_prove_absence(doubt, tasks, more, situation):
    fresh = [replace(one, task_id=str(int(one.task_id) + 100)) for one in more]
    if settled(doubt, *tasks, *fresh, **situation) == Absent():
        assert settled(doubt, *tasks, **situation) == Absent()


@given(doubt=DOUBTS, tasks=TASKS, earned=st.booleans(), sentinel=st.sampled_from(Sentinel))
def test_two_late_looks_always_tell(doubt, tasks, earned, sentinel):
    assert settled(doubt, *tasks, earned=earned, sentinel=sentinel) != LookAgain()


@given(doubt=DOUBTS, tasks=TASKS, situation=situations())
def test_the_order_in_which_a_host_lists_tasks_does_not_matter(doubt, tasks, situation):
    assert settled(doubt, *tasks, **situation) == settled(doubt, *tasks[::-1], **situation)
