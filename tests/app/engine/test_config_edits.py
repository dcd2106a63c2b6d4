"""A config that is edited while the daemon runs: said once, and in force from the next start."""

from __future__ import annotations

import json

from support.engine import Engine, post_to

START = "2026-11-23 14:29:50"


def written(engine, **keys):
    file = engine.folder / "config.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), **keys}))


def test_a_changed_config_is_told_once_and_changes_nothing_until_the_next_start(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:30:30")
        written(engine, grace="20m")
        engine.until("14:31")
        (told,) = engine.told("config.changed")
        assert told.fields["file"].endswith("config.yaml")
        (engine.folder / "config.yaml").touch()
        engine.until("14:49")
        assert len(engine.told("config.changed")) == 1
        assert engine.states() == {"A": "completed"}


def test_a_change_that_is_taken_back_may_be_made_and_told_again(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:30")
        before = (engine.folder / "config.yaml").read_text()
        written(engine, grace="20m")
        engine.until("14:31")
        (engine.folder / "config.yaml").write_text(before)
        engine.until("14:32")
        written(engine, grace="20m")
        engine.until("14:33")
        assert len(engine.told("config.changed")) == 2


def test_a_config_that_no_longer_checks_is_rejected_with_its_problems_and_work_goes_on(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:31-14:40")}) as engine:
        engine.start().until("14:30:30")
        written(engine, gracce="20m", web={"listen": "127.0.0.1:8642"})
        engine.until("14:50")
        (told,) = engine.told("config.rejected")
        assert len(told.fields["problems"]) == 1, "warnings are no reason to reject"
        assert "did you mean `grace`" in told.fields["problems"][0]
        assert engine.states() == {"A": "completed"}


def closed_on(day):
    return (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nSUMMARY:Closed\n"
        f"DTSTART;VALUE=DATE:{day}\nEND:VEVENT\nEND:VCALENDAR\n"
    )


OFFICE = {"calendars": {"office": {"file": "office.ics"}}}


def test_an_edit_of_a_calendar_s_file_is_told_like_one_of_the_config_and_counts_from_the_next_start(tmp_path):
    campaign = {**post_to("A", start_time="15:00-15:10"), "except": ["calendar:office"]}
    (tmp_path / "office.ics").write_text(closed_on("20261224"))
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, **OFFICE) as engine:
        engine.start().until("14:30:30")
        assert engine.states() == {"A": "planned"}
        (tmp_path / "office.ics").write_text("rubbish")
        engine.until("14:31")
        (told,) = engine.told("config.rejected")
        assert "calendars.office.file: office.ics: no iCalendar file" in told.fields["problems"][0]
        (tmp_path / "office.ics").write_text(closed_on("20261123"))
        engine.until("14:32")
        assert len(engine.told("config.changed")) == 1
        assert engine.states() == {"A": "planned"}
        before = engine.told("campaign.accepted")[-1].fields["version"]
        engine.restart()
        engine.until("15:20")
        assert engine.told("campaign.accepted")[-1].fields["version"] != before
        assert engine.states() == {"A": "cancelled"}
        assert engine.created() == []


def test_a_broken_file_of_a_new_calendar_is_looked_at_again_once_it_is_mended(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:30")
        written(engine, **OFFICE)
        engine.until("14:31")
        assert len(engine.told("config.rejected")) == 1
        (tmp_path / "office.ics").write_text(closed_on("20261224"))
        engine.until("14:32")
        assert len(engine.told("config.changed")) == 1
