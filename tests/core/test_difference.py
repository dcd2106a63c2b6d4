"""What differs between two plans."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.plan_facts import DAY, EVENING, MORNING, campaign, entry, target

from runner.core.difference import difference
from runner.core.expand import expand
from runner.model.campaign import AtClose, Placement


def compared(before, after):
    found = difference(expand(before, day=DAY), after=expand(after, day=DAY))
    return {
        "added": [one.assignment.target.name for one in found.added],
        "removed": [one.assignment.target.name for one in found.removed],
        "moved": [one.after.assignment.target.name for one in found.moved],
        "changed": [one.after.assignment.target.name for one in found.changed],
    }


NOTHING: dict[str, list[str]] = {"added": [], "removed": [], "moved": [], "changed": []}


def test_a_plan_does_not_differ_from_itself():
    assert compared(campaign(), campaign()) == NOTHING


def test_another_version_of_the_same_plan_is_no_difference():
    assert compared(campaign(), campaign(version="2" * 64)) == NOTHING


def test_targets_that_come_and_go_are_added_and_removed():
    found = compared(campaign(entry(targets=["A", "B"])), campaign(entry(targets=["B", "C"])))
    assert (found["added"], found["removed"]) == (["C"], ["A"])


def test_a_target_more_moves_the_others():
    found = compared(campaign(entry(targets=["A", "B"])), campaign(entry(targets=["A", "B", "C"])))
    assert found == {"added": ["C"], "removed": [], "moved": ["A", "B"], "changed": []}


def test_another_window_is_another_assignment():
    found = compared(campaign(entry(windows=[MORNING])), campaign(entry(windows=[EVENING])))
    assert found == NOTHING | {"added": ["A", "B", "C"], "removed": ["A", "B", "C"]}


def test_another_zone_moves_everything():
    found = compared(campaign(), campaign(timezone="Asia/Tokyo"))
    assert found == NOTHING | {"moved": ["A", "B", "C"]}


@pytest.mark.parametrize(
    "edit",
    [
        {"script_config": {"captions": "new"}},
        {"script_name": "comment"},
        {"at_close": AtClose.STOP},
        {"min_interval": 3},
    ],
)
def test_another_order_changes_every_assignment(edit):
    found = compared(campaign(), campaign(entry(**edit)))
    assert found == NOTHING | {"changed": ["A", "B", "C"]}


def test_both_sides_of_an_edit_are_told():
    before = campaign(timezone="Asia/Tokyo")
    after = campaign(entry(min_interval=3))
    found = difference(expand(before, day=DAY), after=expand(after, day=DAY))
    assert [one.before.run.timezone for one in found.moved] == ["Asia/Tokyo"] * 3
    assert [one.after.run.timezone for one in found.changed] == ["Europe/Stockholm"] * 3
    assert [one.before.assignment.key for one in found.moved] == [
        one.after.assignment.key for one in found.changed
    ]


@pytest.mark.parametrize(
    ("captions", "changed"), [("clip ${index}", ["B", "A"]), ("clip ${group}", []), ("clip", [])]
)
def test_another_place_in_the_file_is_a_change_only_where_a_text_shows_it(captions, changed):
    texts = {"captions": captions}
    before = campaign(entry(targets=["A", "B"], script_config=texts))
    after = campaign(entry(targets=["B", "A"], script_config=texts))
    assert compared(before, after)["changed"] == changed


@pytest.mark.parametrize(("captions", "changed"), [("of ${group}", ["A"]), ("of ${index}", []), ("", [])])
def test_another_group_is_a_change_only_where_a_text_shows_it(captions, changed):
    studio = entry(targets=["A"], script_config={"deep": [{"captions": captions}]})
    brands = replace(studio, placements=(Placement(target=target("A"), group="brands"),))
    assert compared(campaign(studio), campaign(brands))["changed"] == changed
