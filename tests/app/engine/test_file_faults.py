"""Campaign folders as editors, copies and mounts leave them."""

from __future__ import annotations

import json

from support.engine import Engine, post_to

START = "2026-11-23 14:29:50"
LATER = {"start_time": "14:40-14:50"}


def test_what_editors_leave_beside_a_file_is_passed_over(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        for name in (".c.yaml.swp", "c.yaml~", "#c.yaml#", ".#c.yaml", "c.yaml.swp", "4913", ".c.yaml"):
            (tmp_path / "campaigns" / name).write_text("half a fi")
        (tmp_path / "campaigns/folder.yaml").mkdir()
        engine.until("14:42")
        assert not engine.told("campaign.rejected")
        assert engine.states() == {"A": "completed"}


def test_of_a_hundred_saves_between_two_looks_the_last_one_counts(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        for number in range(100):
            engine.edit("c", post_to("A", **LATER, script_config={"captions": f"Clip {number}"}))
        engine.until("14:42")
        assert len(engine.told("campaign.accepted")) == 2
        ((_, body),) = engine.created()
        assert body["script_config"] == {"captions": "Clip 99"}


def test_a_file_that_is_read_while_it_is_written_is_put_right_with_the_next_look(tmp_path):
    whole = json.dumps(post_to("A", "B", **LATER), indent=1)
    with Engine(tmp_path, at=START, campaigns={"c": whole}) as engine:
        engine.start().until("14:31")
        for end in range(0, len(whole), 25):
            engine.edit("c", whole[:end])
            engine.after(10)
        assert {told.fields["kept"][0] for told in engine.told("campaign.rejected")} == {"c"}
        assert engine.states() == {"A": "planned", "B": "planned"}
        engine.edit("c", whole)
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_an_emptied_file_is_rejected_and_its_last_good_version_stays(tmp_path):
    campaigns = {"c": post_to("A", **LATER), "d": post_to("B", **LATER)}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        engine.edit("c", "")
        engine.until("14:42")
        assert engine.told("campaign.rejected", file="campaigns/c.yaml", kept=["c"])
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_a_copy_with_the_same_name_changes_nothing_of_the_first(tmp_path):
    first = {"name": "spring", **post_to("A", **LATER)}
    with Engine(tmp_path, at=START, campaigns={"c": first}) as engine:
        engine.start().until("14:31")
        engine.edit("copy", {"name": "spring", **post_to("B", **LATER)})
        engine.until("14:42")
        assert {told.fields["file"] for told in engine.told("campaign.rejected")} == {
            "campaigns/c.yaml",
            "campaigns/copy.yaml",
        }
        assert engine.states() == {"A": "completed"}


def test_a_link_out_of_the_folder_is_rejected_and_the_others_go_on(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        (tmp_path / "elsewhere.yaml").write_text(json.dumps(post_to("B", **LATER)))
        (tmp_path / "campaigns/link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
        engine.start().until("14:42")
        assert engine.told("campaign.rejected", file="campaigns/link.yaml")
        assert engine.states() == {"A": "completed"}
