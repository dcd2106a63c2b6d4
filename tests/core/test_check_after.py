"""What entries say about each other is checked, and mistakes are named at their place."""

from __future__ import annotations

from textwrap import dedent
from time import process_time

import pytest
from support.files import found_in, load_one


def file_of(*entries: str, top: str = "") -> str:
    return f"{dedent(top)}scripts:\n" + "".join(
        f"  - {{script_name: post, script_config: {{}}, {one}}}\n" for one in entries
    )


def one(name: str, *, after: str = "", at: str = "'9:00-10:00'", groups: str = "studio") -> str:
    waits = f", after: [{after}]" if after else ""
    return f"name: {name}, device_groups: [{groups}], start_time: {at}{waits}"


@pytest.mark.parametrize(
    ("entries", "line", "words"),
    [
        ([one("a", after="b")], 2, "after[0]: there is no entry `b` in this file"),
        ([one("warmup"), one("b", after="warmpu")], 3, "`warmpu` in this file; did you mean `warmup`?"),
        ([one("a", after="a")], 2, "an entry cannot wait for itself: a > a; take one `after` out"),
        ([one("a", after="b"), one("b", after="a")], 3, "cannot wait for itself: a > b > a;"),
        ([one("a"), one("b", after="a, a")], 3, "after[1]: `a` is given twice; keep one"),
        (
            [one("a", groups="brands"), one("b", after="a")],
            3,
            "`a` is not for the serial S1 on studio-pc, for which it would wait; add it to a group there",
        ),
        (
            [one("a", at="'12:00-13:00'"), one("b", after="a", at="['8:00-9:00', '12:30']")],
            3,
            "`a` opens 12:00-13:00 when 08:00-09:00 has closed; it would never go",
        ),
        ([one("a"), one("b") + ", after: a"], 3, "after: write a list"),
        ([one("a"), one("b") + ", after: [a b]"], 3, "after[0]: write at most 64"),
    ],
)
def test_a_mistake_in_after_is_named_at_its_place(entries, line, words):
    ((found_line, _, severity, message),) = found_in(file_of(*entries))
    assert (found_line, severity) == (line, "error")
    assert words in message


@pytest.mark.parametrize(
    "entries",
    [
        [one("b", after="a"), one("a")],
        [one("a", at="'9:30-10:00'"), one("b", after="a", at="'9:00-9:31'")],
        [one("a", at="'23:00-23:30'"), one("b", after="a", at="'22:00-02:00'")],
        [one("a", groups="studio, brands"), one("b", after="a")],
        [one("a"), one("b", after="a"), one("c", after="a, b")],
    ],
)
def test_what_can_go_is_accepted(entries):
    assert found_in(file_of(*entries)) == []


def test_an_entry_that_does_not_check_is_not_called_missing():
    text = file_of("device_groups: [studio], start_time: '9:00', after: [x]", one("b", after="other"))
    text = text.replace("script_name: post, ", "", 1)
    assert [message for *_, message in found_in(text)] == ["scripts[0]: `script_name` is missing; add it"]


def test_groups_that_do_not_check_are_not_told_of_again():
    text = file_of(one("a", groups="studoi"), one("b", after="a"))
    (found,) = found_in(text)
    assert "there is no group `studoi`" in found[3]


def test_a_long_chain_is_checked_in_the_time_of_its_length():
    entries = [one("e0"), *(one(f"e{number}", after=f"e{number - 1}") for number in range(1, 1_500))]
    begun = process_time()
    loaded = load_one(file_of(*entries))
    chained = process_time() - begun
    begun = process_time()
    assert load_one(file_of(*(one(f"e{number}") for number in range(1_500)))).problems == ()
    assert loaded.problems == ()
    assert chained < 2 * (process_time() - begun) + 0.5


def test_a_long_circle_is_told_in_short():
    entries = [one(f"e{number}", after=f"e{(number + 1) % 50}") for number in range(50)]
    (found,) = found_in(file_of(*entries))
    assert "e0 > e1 > e2 > e3 > e4 > e5 > e6 > e7 > ... > e0;" in found[3]


def test_after_in_defaults_is_told_of_there_where_it_names_one_that_takes_it():
    text = file_of(one("a"), one("b"), top="defaults: {after: [a]}\n")
    ((line, column, _, message),) = found_in(text)
    assert (line, column) == (1, 20)
    assert "an entry cannot wait for itself: a > a" in message
    assert found_in(text.replace("name: a,", "name: a, after: [],")) == []
