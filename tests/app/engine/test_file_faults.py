"""Campaign folders as editors, copies and mounts leave them."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from support.engine import Engine, post_to

START = "2026-11-23 14:29:50"
LATER = {"start_time": "14:40-14:50"}
LEFT_BY_EDITORS = (
    *(".c.yaml.swp", ".c.yaml.swx", "c.yaml.swp", "4913", "c.yaml~", ".c.yaml.un~"),  # vim
    *("#c.yaml#", ".#c.yaml", "c.yaml.~1~"),  # Emacs
    *("c.yaml___jb_tmp___", "c.yaml___jb_old___"),  # JetBrains
    *(".goutputstream-ABC123", ".c.yaml.kate-swp", "sedAbc123", "c.yaml.bak", "c.yaml.part", ".c.yaml"),
)


def test_what_editors_leave_beside_a_file_is_passed_over(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        for name in LEFT_BY_EDITORS:
            (tmp_path / "campaigns" / name).write_text("half a fi")
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


class Watchful(Engine):
    """An engine whose daemon looks at its files every second, as it does in earnest."""

    rhythm = replace(Engine.rhythm, look_seconds=1.0, heartbeat_seconds=60.0)


def write(engine, name, text):
    """Write a file in place, as some editors do and most copies."""
    (engine.folder / f"campaigns/{name}.yaml").write_bytes(text)


def test_an_edit_is_in_force_within_two_seconds(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        engine.edit("c", post_to("B", **LATER))
        engine.after(1.5)
        assert engine.states() == {"A": "cancelled", "B": "planned"}


def test_a_file_is_not_read_before_it_stands_still(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        # What is written of it is good at each moment, but nothing of what is meant.
        for end in range(60):
            engine.edit("c", json.dumps(post_to("B", **LATER)) + " " * end)
            engine.after(0.25)
        assert engine.states() == {"A": "planned"}
        engine.edit("c", json.dumps(post_to("A", "B", **LATER)))
        engine.after(2)
        assert engine.states() == {"A": "planned", "B": "planned"}
        assert len(engine.told("campaign.accepted")) == 2
        assert not engine.told("campaign.rejected")


def test_a_file_that_never_stands_still_keeps_no_other_out_and_is_read_after_a_minute(tmp_path):
    campaigns = {"c": post_to("A", **LATER), "d": post_to("B", **LATER)}
    with Watchful(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        for number in range(300):
            engine.edit("c", {**post_to("A", **LATER), "description": f"number {number}"})
            if number == 20:
                engine.edit("d", {**post_to("B", **LATER), "description": "Edited"})
            engine.after(0.3)
            if number == 40:
                assert [told.fields["campaign"] for told in engine.told("campaign.accepted")] == [
                    "c",
                    "d",
                    "d",
                ]
        assert len(engine.told("campaign.accepted", campaign="c")) > 1


def test_a_file_that_is_taken_away_and_put_in_place_again_has_never_been_gone(tmp_path):
    campaigns = {"c": post_to("A", **LATER), "d": post_to("B", **LATER)}
    with Watchful(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        path = tmp_path / "campaigns/c.yaml"
        for _ in range(12):
            path.rename(tmp_path / "campaigns/c.yaml~")
            engine.after(0.15)
            engine.edit("c", post_to("A", **LATER))
            engine.after(0.95)
        assert engine.states() == {"A": "planned", "B": "planned"}
        assert not engine.told("campaign.removed")
        assert not engine.told("assignment.cancelled")


def test_a_new_file_that_is_being_written_as_the_daemon_starts_waits(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", "B", **LATER)}) as engine:
        engine.start().until("14:31")
        engine.stop()
        engine.edit("c", post_to("A", **LATER))
        written_ns = engine.clock.now() * 1_000 - 100_000_000
        os.utime(tmp_path / "campaigns/c.yaml", ns=(written_ns, written_ns))
        engine.start()
        assert engine.states() == {"A": "planned", "B": "planned"}
        engine.after(2)
        assert engine.states() == {"A": "planned", "B": "cancelled"}


def test_a_folder_that_is_swapped_for_another_is_never_unreadable(tmp_path):
    campaigns = {name: post_to(name.upper(), **LATER) for name in ("a", "b")}
    with Watchful(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        for _ in range(5):
            (tmp_path / "campaigns").rename(tmp_path / "away")
            engine.after(0.2)
            (tmp_path / "away").rename(tmp_path / "campaigns")
            engine.after(1)
        assert not engine.told("campaigns.unreadable")
        assert engine.states() == {"A": "planned", "B": "planned"}


def test_the_content_decides_where_size_and_times_are_the_same_or_go_backwards(tmp_path):
    first, second = (json.dumps(post_to(name, **LATER)).encode() for name in ("A", "B"))
    with Watchful(tmp_path, at=START, campaigns={"c": first.decode()}) as engine:
        path = tmp_path / "campaigns/c.yaml"
        times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        engine.start().until("14:31")
        write(engine, "c", second)
        os.utime(path, ns=times)
        assert path.stat().st_mtime_ns == times[1]
        engine.after(2)
        assert engine.states() == {"A": "cancelled", "B": "planned"}
        write(engine, "c", first)
        os.utime(path, ns=(0, 0))
        engine.after(2)
        assert engine.states() == {"A": "planned", "B": "cancelled"}


def test_a_touch_changes_nothing_and_is_not_told(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        told = len(engine.log.events)
        for _ in range(5):
            os.utime(tmp_path / "campaigns/c.yaml")
            engine.after(3)
        assert engine.log.events[told:] == []


def test_a_file_that_becomes_a_folder_is_rejected_and_its_last_good_version_stays(tmp_path):
    campaigns = {"c": post_to("A", **LATER), "d": post_to("B", **LATER)}
    with Watchful(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        engine.remove("c")
        (tmp_path / "campaigns/c.yaml").mkdir()
        engine.after(3)
        (told,) = engine.told("campaign.rejected", kept=["c"])
        assert "not a regular file" in told.fields["problems"][0]
        engine.restart()
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_any_more_is_rejected_and_its_last_good_version_stays(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        path = tmp_path / "campaigns/c.yaml"
        path.chmod(0)
        engine.after(3)
        (told,) = engine.told("campaign.rejected", kept=["c"])
        assert "Permission denied" in told.fields["problems"][0]
        assert engine.states() == {"A": "planned"}
        path.chmod(0o644)
        engine.after(3)
        assert engine.daemon._campaigns.found.rejected == ()


def test_nul_bytes_reject_a_file_and_another_line_end_or_a_mark_of_the_byte_order_does_not(tmp_path):
    text = "device_groups: {d: {serials: [A]}}\nscripts:\n- {script_name: post, device_groups: [d],"
    text += ' start_time: "14:40-14:50", spread: together, script_config: {captions: Hi}}\n'
    with Watchful(tmp_path, at=START, campaigns={"c": text}) as engine:
        engine.start().until("14:31")
        write(engine, "c", text.encode() + b"\0" * 512)
        engine.after(3)
        assert engine.told("campaign.rejected", kept=["c"])
        write(engine, "c", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        engine.until("14:42")
        assert len(engine.told("campaign.accepted")) == 2
        assert len(engine.told("campaign.rejected")) == 1
        assert engine.states() == {"A": "completed"}


def test_a_file_renamed_by_case_alone_is_the_same_campaign(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"Spring": {"name": "s", **post_to("A", **LATER)}}) as engine:
        engine.start().until("14:31")
        (tmp_path / "campaigns/Spring.yaml").rename(tmp_path / "campaigns/spring.yaml")
        engine.until("14:42")
        assert not engine.told("campaign.removed", "assignment.cancelled", "campaign.rejected")
        assert engine.states() == {"A": "completed"}


def test_two_files_that_swap_their_names_are_in_force_as_they_were(tmp_path):
    campaigns = {name: {"name": name.upper(), **post_to(name.upper(), **LATER)} for name in ("a", "b")}
    with Watchful(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        folder = tmp_path / "campaigns"
        (folder / "a.yaml").rename(folder / "a.tmp")
        (folder / "b.yaml").rename(folder / "a.yaml")
        engine.after(3)
        (folder / "a.tmp").rename(folder / "b.yaml")
        engine.restart()
        engine.until("14:42")
        assert not engine.told("campaign.rejected")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_of_two_files_of_one_name_the_one_that_was_in_force_stays_until_one_is_left(tmp_path):
    first, second = ({"name": "s", **post_to(name, **LATER)} for name in ("A", "B"))
    with Watchful(tmp_path, at=START, campaigns={"c": first}) as engine:
        engine.start().until("14:31")
        engine.edit("d", second)
        engine.after(3)
        told = {event.fields["file"]: event.fields for event in engine.told("campaign.rejected")}
        assert (told["campaigns/c.yaml"]["kept"], told["campaigns/d.yaml"].get("kept")) == (["s"], None)
        assert "is called `s`, too; rename one" in told["campaigns/d.yaml"]["problems"][0]
        engine.restart()
        assert engine.states() == {"A": "planned"}
        engine.remove("c")
        engine.after(3)
        assert engine.states() == {"A": "cancelled", "B": "planned"}


def test_a_link_that_is_set_to_another_file_of_the_folder_takes_effect(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        folder = tmp_path / "campaigns"
        for version, name in (("..1", "A"), ("..2", "B")):
            (folder / version).mkdir()
            (folder / version / "c.yaml").write_text(json.dumps(post_to(name, **LATER)))
        # As Kubernetes mounts files, and changes them all at once.
        (folder / "..data").symlink_to("..1")
        engine.remove("c")
        (folder / "c.yaml").symlink_to("..data/c.yaml")
        engine.start().until("14:31")
        assert engine.states() == {"A": "planned"}
        (folder / "..new").symlink_to("..2")
        (folder / "..new").rename(folder / "..data")
        engine.after(3)
        assert engine.states() == {"A": "cancelled", "B": "planned"}


def test_files_that_could_not_be_checked_are_tried_again(tmp_path):
    with Watchful(tmp_path, at=START, campaigns={"c": post_to("A", **LATER)}) as engine:
        engine.start().until("14:31")
        engine.checks_fail = True
        engine.edit("c", post_to("B", **LATER))
        engine.after(3)
        assert engine.told("campaign.rejected", kept=["c"])
        engine.checks_fail = False
        engine.after(125)
        assert engine.states() == {"A": "cancelled", "B": "planned"}
