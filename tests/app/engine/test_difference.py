"""What `plan --diff` says before an edit is taken over is what the daemon then does, and its log tells."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.engine import Engine, post_to
from support.on_disk import difference_on_disk

from runner.core.edit import counts, steps
from runner.model.state import is_withdrawn

START = "2026-11-23 14:29:50"
HOSTS = {"pc": {"serials": ("A", "B", "C")}}
NAMES = ("a", "b", "c")
# Nothing of these falls due while the edit is taken over, at 14:31.
WINDOWS = ("14:20-14:50", "14:40-15:00", "09:00-10:00", "23:00-01:00", "14:20-14:32")

campaign_files = st.builds(
    lambda targets, windows, captions, more: {
        **post_to(*targets, start_time=list(windows), script_config={"captions": captions}),
        **more,
    },
    targets=st.lists(st.sampled_from("ABC"), min_size=1, unique=True),
    windows=st.lists(st.sampled_from(WINDOWS), min_size=1, max_size=2, unique=True),
    captions=st.sampled_from(("Hi", "Ho", "number ${index}")),
    more=st.sampled_from(
        (
            {},
            {"enabled": False},
            {"timezone": "Europe/Helsinki"},
            {"except": ["2026-11-23"]},
            {"until": "2026-11-24"},
            {"limits": {"per_target_per_day": 3}},
            {"name": "renamed"},
        )
    ),
)
broken = st.just("scripts: [}")
folders = st.dictionaries(st.sampled_from(NAMES), campaign_files, max_size=3)
edited_folders = st.dictionaries(st.sampled_from(NAMES), st.one_of(campaign_files, broken), max_size=3)


def plan_of(engine):
    """Return all that is or was owed: what an edit has cancelled is not."""
    first = engine.today() - timedelta(days=1)
    return {
        record.assignment.key: record
        for ahead in range(4)
        for record in engine.records(day=first + timedelta(days=ahead))
        if not is_withdrawn(record.state, record.reason)
    }


def write(engine, files):
    for name in NAMES:
        path = engine.folder / f"campaigns/{name}.yaml"
        path.unlink(missing_ok=True)
        if name in files:
            engine.edit(name, files[name])


@given(before=folders, between=folders, after=edited_folders, taken_back=st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_difference_that_is_shown_is_what_the_daemon_then_does(before, between, after, taken_back):
    with (
        tempfile.TemporaryDirectory() as folder,
        Engine(
            Path(folder), at=START, campaigns=before, hosts={"pc": {"serials": ("A", "B", "C")}}
        ) as engine,
    ):
        engine.start().until("14:30:20")
        write(engine, between)
        engine.until("14:31")
        write(engine, before if taken_back else after)
        planned = plan_of(engine)
        said = difference_on_disk(engine)
        told_before = len(engine.log.events)
        engine.until("14:31:10")
        now_planned = plan_of(engine)

        both = planned.keys() & now_planned.keys()
        times = {
            key: [
                (plan[key].assignment.due, plan[key].run.opens, plan[key].run.closes)
                for plan in (planned, now_planned)
            ]
            for key in both
        }
        found = {kind: set() for kind in ("added", "removed", "moved", "changed")}
        for step in steps(said.difference):
            found[step.kind].add(step.planned.assignment.key)
        assert found["added"] == now_planned.keys() - planned.keys()
        assert found["removed"] == planned.keys() - now_planned.keys()
        assert found["moved"] == {key for key in both if times[key][0] != times[key][1]}
        rewritten = {key for key in both if planned[key].run.order != now_planned[key].run.order}
        assert rewritten <= found["changed"]
        assert {key for key in found["changed"] - rewritten if key in both} == {
            key
            for key in both - rewritten
            if "${index}" in repr(now_planned[key].run.order)
            and planned[key].assignment.index != now_planned[key].assignment.index
        }

        told = Counter()
        for event in engine.log.events[told_before:]:
            if event.name == "campaign.planned":
                told.update({kind: event.fields.get(kind, 0) for kind in found})
            if event.name == "campaign.removed":
                told["removed"] += event.fields["removed"]
        assert +told == Counter(counts(said.difference))


def test_a_broken_file_changes_nothing_and_its_last_good_version_is_named(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", "scripts: [}")
        said = difference_on_disk(engine)
        assert [(kept.file, kept.campaign) for kept in said.kept] == [("campaigns/c.yaml", "c")]
        assert counts(said.difference) == {}
        assert said.loaded.broken


def test_days_that_are_not_planned_yet_are_compared_with_what_is_in_force(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", {**post_to("A", start_time="14:40-14:50"), "until": "2026-12-01"})
        found = difference_on_disk(engine, days=10)
        removed = [str(step.planned.run.day) for step in steps(found.difference)]
        assert removed == ["2026-12-02"]


def test_another_config_is_told(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:31")
        assert not difference_on_disk(engine).config_changed
        config = engine.folder / "config.yaml"
        config.write_text(config.read_text().replace("Stockholm", "Helsinki"))
        said = difference_on_disk(engine)
        assert said.config_changed
        assert set(counts(said.difference)) == {"moved"}


def test_a_folder_that_vanished_changes_nothing(tmp_path):
    campaigns = {name: post_to(name.upper(), start_time="14:40-14:50") for name in ("a", "b")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        engine.remove("a")
        engine.remove("b")
        said = difference_on_disk(engine)
        assert said.unread
        assert counts(said.difference) == {}


def test_the_log_of_an_edit_names_what_it_changed(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", post_to("A", "B", start_time="14:40-14:50", script_config={"captions": "New"}))
        engine.until("14:31:10")
        told = engine.told("campaign.planned", day="2026-11-23")[-1]
        assert told.fields["changes"] == [
            "added post for B on pc, 14:40-14:50",
            "changed post for A on pc, 14:40-14:50",
        ]
