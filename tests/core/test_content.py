"""Which row of a content file an assignment gets, and how rows are found again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, EVENING, MORNING, campaign, entry

from runner.core.content import Rows
from runner.core.content_rows import found_again
from runner.core.expand import expand
from runner.model.content import By, Content, HeldRow, Row


def rows_of(*values):
    return tuple(Row("c.csv", place + 1, place + 2, dict(cells)) for place, cells in enumerate(values))


def texts(*said):
    return rows_of(*({"text": text} for text in said))


def bound(rows, *, by=By.ORDER, days=1, held=(), settled=frozenset(), **keys):
    """Return `TARGET text` of each assignment of some days, in the order of the plan."""
    one = campaign(entry(content=Content("c.csv", by, rows), **keys))
    book = Rows(one, held=held, settled=settled)
    return [
        f"{assignment.target.name} {assignment.row.values['text'] if assignment.row else '-'}"
        for ahead in range(days)
        for planned in book.bound(expand(one, day=DAY + timedelta(days=ahead)))
        for assignment in planned.assignments
    ]


def held(*rows):
    return [HeldRow("clip", f"k{row.number}", DAY, planned=False, row=row) for row in rows]


def test_rows_go_to_days_then_windows_then_targets():
    rows = texts(*"123456789")
    windows = [EVENING, MORNING]
    assert bound(rows, targets="AB", windows=windows, days=2) == [
        "A 3", "B 4", "A 1", "B 2", "A 7", "B 8", "A 5", "B 6",
    ]  # fmt: skip


def test_what_waits_for_another_entry_does_so_with_its_row_too():
    one = campaign(
        entry(name="warmup"), entry(content=Content("c.csv", By.ORDER, texts("1")), after=("warmup",))
    )
    planned = list(expand(one, day=DAY))
    _, clip = Rows(one, held=()).bound(planned)
    assert clip.assignments[0].row is not None
    assert clip.needs == planned[1].needs != ()


def test_where_rows_run_out_there_is_none():
    assert bound(texts("1", "2")) == ["A 1", "B 2", "C -"]


def test_a_row_that_somebody_holds_is_given_to_nobody_else():
    rows = texts("1", "2", "3")
    assert bound(rows, held=held(rows[0], rows[2])) == ["A 2", "B -", "C -"]


def test_who_holds_a_row_keeps_it_and_gets_its_new_text():
    (first, *_) = next(iter(expand(campaign(entry()), day=DAY))).assignments
    mine = HeldRow("clip", first.key, DAY, planned=True, row=texts("1", "2")[1])
    assert bound(texts("1", "2 edited", "3"), held=[mine]) == ["A 2 edited", "B 1", "C 3"]


def test_what_is_settled_takes_no_row():
    (first, *_) = next(iter(expand(campaign(entry()), day=DAY))).assignments
    assert bound(texts("1", "2"), settled={first.key}) == ["A -", "B 1", "C 2"]


def test_a_row_for_the_target_goes_before_one_for_any():
    day = DAY.isoformat()
    rows = rows_of(
        {"date": day, "serial": "", "text": "any"},
        {"date": day, "serial": "B", "text": "for B"},
        {"date": day, "serial": "A", "text": "for A"},
        {"date": "2027-01-01", "serial": "C", "text": "later"},
    )
    assert bound(rows, by=By.DATE) == ["A for A", "B for B", "C any"]


def test_by_target_each_has_rows_of_its_own():
    rows = rows_of(*({"target": name, "text": f"{name}{time}"} for time in (1, 2) for name in "CBA"))
    assert bound(rows, by=By.TARGET, days=2) == ["A A1", "B B1", "C C1", "A A2", "B B2", "C C2"]


def test_a_row_that_no_longer_fits_is_free_on_the_next_day_only():
    (first, *_) = next(iter(expand(campaign(entry()), day=DAY))).assignments
    (was,) = rows_of({"date": DAY.isoformat(), "text": "1"})
    mine = HeldRow("clip", first.key, DAY, planned=True, row=was)
    later = (DAY + timedelta(days=1)).isoformat()
    rows = rows_of({"date": later, "text": "1"})
    found = bound(rows, by=By.DATE, days=2, held=[mine])
    assert found == ["A -", "B -", "C -", "A 1", "B -", "C -"]
    # Were it given away on the same day, two could be under way with it.
    swapped = rows_of({"date": DAY.isoformat(), "serial": "B", "text": "1"})
    assert bound(swapped, by=By.DATE, held=[mine]) == ["A -", "B -", "C -"]


def test_a_row_that_is_released_is_free():
    rows = texts("1")
    one = campaign(entry(content=Content("c.csv", By.ORDER, rows)))
    book = Rows(one, held=held(rows[0]))
    assert list(book.free()) == []
    book.release(["k1"])
    assert [row.number for _, row in book.free()] == [1]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("abc", "abc", {"a": "a", "b": "b"}),
        ("abc", "xabc", {"a": "a", "b": "b"}),
        ("abc", "Abc", {"a": "A", "b": "b"}),
        ("abc", "xAbc", {"a": "A", "b": "b"}),
        ("abc", "bc", {"b": "b"}),
        ("abc", "cab", {"a": "a", "b": "b"}),
        ("abc", "c", {}),
        ("abcd", "cd", {}),
    ],
)
def test_rows_are_found_again_by_what_they_say_or_by_their_place(before, after, found):
    was = texts(*before)
    # The third is planned, as it is in a daemon's life: by it what is gone is told from what was edited.
    known = held(*was[:3])
    again = {
        one.row.values["text"]: row.values["text"] for one, row in found_again(known, rows=texts(*after))
    }
    again.pop("c")
    assert again == found


def test_an_id_tells_rows_apart_whatever_they_say():
    was = rows_of({"id": "1", "text": "a"}, {"id": "2", "text": "b"})
    now = rows_of({"id": "2", "text": "a"}, {"id": "3", "text": "b"})
    (found,) = found_again(held(*was), rows=now)
    assert (found[0].row.values["id"], found[1].values["text"]) == ("2", "a")


def test_an_id_that_is_added_later_changes_nothing():
    was = texts("a", "b")
    now = rows_of({"id": "9", "text": "new"}, {"id": "8", "text": "a"}, {"id": "7", "text": "b"})
    assert [row.values["id"] for _, row in found_again(held(*was), rows=now)] == ["8", "7"]


@given(
    said=st.lists(st.sampled_from("abc"), max_size=8),
    now=st.lists(st.sampled_from("abcd"), max_size=8),
    count=st.integers(0, 8),
)
def test_no_row_is_found_for_two(said, now, count):
    numbers = [row.number for _, row in found_again(held(*texts(*said)[:count]), rows=texts(*now))]
    assert len(numbers) == len(set(numbers))
