"""The targets that a script's configuration names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.model.script_targets import TARGET_KEYS, split_targets, targets_of

FOLLOW = TARGET_KEYS["follow"]


@pytest.mark.parametrize(
    ("config", "targets"),
    [
        ({}, ()),
        ({"target_user": "@a"}, ("@a",)),
        ({"target_user": "@a, @b\n\n @c ,"}, ("@a", "@b", "@c")),
        ({"target_users": ["@a", "@b"]}, ("@a", "@b")),
        ({"target_users": ["@a"], "target_user": "@b"}, ("@a",)),
        ({"target_users": [], "target_user": "@b"}, ("@b",)),
        ({"target_users": None, "target_user": None}, ()),
        ({"target_users": "@a", "target_user": "@b"}, ("@b",)),
        ({"target_users": [7]}, ("7",)),
    ],
)
def test_a_list_wins_over_a_text(config, targets):
    assert targets_of(FOLLOW, config) == targets


def test_a_comment_names_posts():
    config = {"target_post_urls": ["https://example.org/1"], "target_users": ["@a"]}
    assert targets_of(TARGET_KEYS["comment"], config) == ("https://example.org/1",)
    assert "post" not in TARGET_KEYS


@given(st.lists(st.text(st.characters(exclude_characters="\n,"), min_size=1).map(str.strip).filter(bool)))
def test_what_is_joined_is_split_again(targets):
    assert split_targets("\n".join(targets)) == tuple(targets)
    assert split_targets(",".join(targets)) == tuple(targets)
