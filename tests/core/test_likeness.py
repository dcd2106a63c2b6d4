"""Whether a task that a host shows can be one that was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.likeness import Likeness, likeness, own_target, sent_targets
from runner.model.tikmatrix import Task

SAME, DIFFERENT, UNTOLD = Likeness.SAME, Likeness.DIFFERENT, Likeness.UNTOLD
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", " x ", "1", "true"])
CONFIGS = st.dictionaries(
    st.sampled_from(["captions", "image_count", "add_sound", "settings"]),
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        max_leaves=5,
    ),
    max_size=4,
)


def post(**config):
    return {"serials": ["A"], "script_name": "post", "script_config": config}


def follow(*users, **config):
    return {
        "serials": ["A"],
        "script_name": "follow",
        "script_config": {"target_users": list(users), **config},
    }


def shown(args, **others):
    return Task("7", None, script_args=args, **{"serial": "A", "script_name": "post", **others})


@pytest.mark.parametrize(
    ("sent", "args", "like"),
    [
        ({}, {}, SAME),
        ({"captions": "Hi"}, {"captions": "Hi"}, SAME),
        ({"captions": " Hi\n"}, {"captions": "Hi"}, SAME),
        ({"image_count": 3}, {"image_count": "3"}, SAME),
        ({"image_count": 3}, {"image_count": 3.0}, SAME),
        ({"insert_emoji": True}, {"insert_emoji": "true"}, SAME),
        ({"topic": None}, {"topic": ""}, SAME),
        ({"captions": "Hi"}, {"captions": "Hi", "post_way": "share", "username": "@a"}, SAME),
        ({"settings": {"a": 1}}, {"settings": {"a": "1", "b": 2}}, SAME),
        ({"material_list": ["a", " b"]}, {"material_list": ["a", "b"]}, SAME),
        ({"captions": "Hi"}, None, UNTOLD),
        ({"captions": "Hi"}, {}, DIFFERENT),
        ({"captions": "Hi"}, {"captions": "hi"}, DIFFERENT),
        ({"captions": "Hi"}, {"captions": "Hi {a|b}"}, DIFFERENT),
        ({"insert_emoji": True}, {"insert_emoji": 1}, DIFFERENT),
        ({"settings": {"a": 1}}, {"settings": '{"a": 1}'}, DIFFERENT),
        ({"settings": {"a": 1}}, {"settings": {}}, DIFFERENT),
        ({"material_list": ["a"]}, {"material_list": ["a", "b"]}, DIFFERENT),
        ({"material_list": ["a", "b"]}, {"material_list": ["b", "a"]}, DIFFERENT),
        ({"material_list": ["a"]}, {"material_list": "a"}, DIFFERENT),
        ({"api_key": "${env:KEY}"}, {"api_key": "sk-1"}, SAME),
        ({"api_key": "${env:KEY}"}, {}, DIFFERENT),
    ],
)
def test_all_that_was_sent_has_to_be_there(sent, args, like):
    assert likeness(post(**sent), shown(args)) is like


@pytest.mark.parametrize(
    ("args", "like", "own"),
    [
        ({"target_users": ["@u"]}, SAME, "@u"),
        ({"target_users": [" @v "]}, SAME, "@v"),
        ({"target_user": "@v"}, SAME, "@v"),
        ({"target_user": "@u\n@v"}, SAME, None),
        ({"target_users": ["@u", "@v"]}, SAME, None),
        ({"target_users": [], "target_user": "@u"}, SAME, "@u"),
        ({"target_users": ["@w"]}, DIFFERENT, "@w"),
        ({"target_users": ["@u", "@w"]}, DIFFERENT, None),
        ({"target_users": []}, DIFFERENT, None),
        ({}, DIFFERENT, None),
        (None, UNTOLD, None),
    ],
)
def test_a_task_may_show_its_own_target_alone(args, like, own):
    sent = follow("@u", "@v")
    task = shown(args, script_name="follow")
    assert (likeness(sent, task), own_target(sent, task)) == (like, own)


def test_what_else_was_sent_with_targets_has_to_be_there_too():
    sent = follow("@u", access_method="search")
    assert likeness(sent, shown({"target_user": "@u"})) is DIFFERENT
    assert likeness(sent, shown({"target_user": "@u", "access_method": "search"})) is SAME


def test_a_target_that_is_a_secret_may_be_anybody_but_has_to_be_somebody():
    assert likeness(follow("${env:USER}"), shown({"target_users": ["@u"]})) is SAME
    assert likeness(follow("${env:USER}"), shown({})) is DIFFERENT


@pytest.mark.parametrize(("username", "like"), [("@a", SAME), ("@b", DIFFERENT), (None, SAME)])
def test_a_task_of_another_account_is_another(username, like):
    sent = {"usernames": ["@a"], "script_name": "post", "script_config": {}}
    assert likeness(sent, shown({}, username=username)) is like


def test_a_script_without_targets_has_none_and_so_has_one_that_nobody_knows():
    assert sent_targets(post(target_users=["@u"])) == ()
    assert own_target(post(), shown({"target_users": ["@u"]})) is None
    assert sent_targets({**post(), "script_name": "dance"}) == ()
    assert sent_targets(follow("@u ", "@v")) == ("@u", "@v")


@given(config=CONFIGS, more=CONFIGS)
def test_what_is_shown_as_it_was_sent_is_the_same_whatever_a_host_adds(config, more):
    assert likeness(post(**config), shown({**more, **config})) is SAME


@given(config=CONFIGS, args=CONFIGS)
def test_the_same_lacks_nothing_that_was_sent(config, args):
    if likeness(post(**config), shown(args)) is SAME:
        assert config.keys() <= args.keys()
