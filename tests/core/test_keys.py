"""Keys: the same for ever, and different whenever anything that names an assignment differs."""

from __future__ import annotations

from base64 import b32encode
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, target

from runner.core.keys import KEY_LENGTH, assignment_key, keys_of_run
from runner.model.campaign import Target, TargetKind

NAMES = st.text(max_size=4)
TARGETS = st.builds(Target, host=NAMES, kind=st.sampled_from(TargetKind), name=NAMES)
PARTS = st.tuples(NAMES, NAMES, TARGETS, st.sampled_from([DAY, date(2026, 12, 2)]), NAMES)


def key_of(parts):
    campaign, script, aimed_at, day, window = parts
    return assignment_key(campaign, script=script, target=aimed_at, day=day, window=window)


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("spring-launch", "morning-clip", target("16091FDD40050N"), DAY, "09:00-11:00"), "gqv3rzqxwkakzpmt"),
        (("spring-launch", "morning-clip", target("R58M12345"), DAY, "09:00-11:00"), "peg7pbwf2dsog7yv"),
        (
            (
                "spring-launch",
                "morning-clip",
                target("@brand_se", kind=TargetKind.USERNAME),
                date(2027, 1, 31),
                "22:00-02:00",
            ),
            "clr3usguoittjagj",
        ),
        (
            ("vår", "日本語", target("\N{MOBILE PHONE} 1", host=""), date(2024, 2, 29), "00:00-24:00"),
            "md7fxstky6oufnwg",
        ),
        (("", "", Target(host="", kind=TargetKind.SERIAL, name=""), date(1, 1, 1), ""), "fxmhmlpdjhsjl3ll"),
    ],
)
def test_a_key_is_what_it_was_in_the_first_release(parts, key):
    # A key that changes makes every running installation submit the assignments of today a second time.
    assert key_of(parts) == key


@given(PARTS)
def test_a_key_is_sixteen_characters_of_lower_case_base32(parts):
    key = key_of(parts)
    assert len(key) == KEY_LENGTH
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz234567")


@given(PARTS, PARTS)
def test_two_keys_are_the_same_only_for_the_same_assignment(one, other):
    assert (key_of(one) == key_of(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c", target("d"), DAY, "e"), ("a", "bc", target("d"), DAY, "e")),
        (("a", "b", target("cd", host="e"), DAY, "f"), ("a", "b", target("d", host="ec"), DAY, "f")),
        (("a", "1:b", target("c"), DAY, "d"), ("a1:1:b", "", target("c"), DAY, "d")),
        (("a\0", "b", target("c"), DAY, "d"), ("a", "\0b", target("c"), DAY, "d")),
        (
            ("a", "b", target("c"), DAY, "d"),
            ("a", "b", target("c", kind=TargetKind.USERNAME), DAY, "d"),
        ),
        (
            ("a", "b", target("serialx", host="h", kind=TargetKind.USERNAME), DAY, "d"),
            ("a", "b", target("x", host="husername", kind=TargetKind.SERIAL), DAY, "d"),
        ),
    ],
)
def test_characters_do_not_wander_from_one_name_to_the_next(one, other):
    assert key_of(one) != key_of(other)


def test_a_name_with_half_a_character_has_a_key_too():
    assert len(key_of(("\ud83d", "b", target("\udc00"), DAY, "d"))) == KEY_LENGTH


def test_the_keys_of_a_run_are_those_of_its_assignments_on_every_host():
    key = keys_of_run("spring", script="clip", day=DAY, window="09:00-11:00")
    targets = [
        target(str(number), host=f"pc-{number % 3}", kind=kind) for number in range(9) for kind in TargetKind
    ]
    assert [key(aimed_at) for aimed_at in targets] == [
        key_of(("spring", "clip", aimed_at, DAY, "09:00-11:00")) for aimed_at in targets
    ]


def test_keys_use_every_bit():
    key = keys_of_run("spring", script="clip", day=DAY, window="09:00-11:00")
    keys = [key(target(str(number))) for number in range(2_000)]
    for place in range(KEY_LENGTH):
        assert len({key[place] for key in keys}) == len(b32encode(bytes(20)))
    assert len(set(keys)) == len(keys)
