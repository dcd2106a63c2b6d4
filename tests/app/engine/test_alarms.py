"""Alarms outlive crashes, restarts, dead channels and quiet hours."""

from __future__ import annotations

import json

import pytest
from support.engine import Engine, post_to
from support.heard import Ears

START = "2026-11-23 14:29:50"
HOSTS = {"pc": {"serials": ("A", "B"), "failure_rate": 1.0}}
CAMPAIGN = {"c": post_to("A", "B", start_time=["14:30-14:40", "14:50-15:00"])}


def alarmed(folder, *names: str, **notify: object) -> tuple[Engine, Ears]:
    engine = Engine(folder, at=START, campaigns=CAMPAIGN, hosts=HOSTS)
    channels = {name: {"url": f"heard://{name}"} for name in names or ("phone",)}
    file = engine.folder / "config.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), "notify": {"channels": channels, **notify}}))
    return engine, Ears(engine)


@pytest.mark.parametrize("crashes_at", ["14:30:35", "14:31:00", "14:32:30", "14:34:00"])
def test_what_happened_before_a_crash_is_told_once(tmp_path, crashes_at):
    engine, ears = alarmed(tmp_path)
    with engine:
        engine.start().until(crashes_at)
        engine.crash()
        engine.after_rest(60)
        engine.start().until("14:48")
        assert ears.titles() == ["2 failed"]


def test_a_channel_that_was_dead_across_a_restart_gets_all_that_waited_in_one_message(tmp_path):
    engine, ears = alarmed(tmp_path)
    with engine:
        ears.refusing.add("phone")
        engine.start().until("14:40")
        engine.edit("broken", "scripts: [")
        engine.until("14:45")
        assert len(ears.tried) > 2
        (failed,) = engine.told("notify.failed")
        assert failed.fields == {
            "channel": "phone",
            "kinds": ["failed"],
            "count": 1,
            "reason": "it did not take the message",
        }
        engine.restart()
        ears.refusing.clear()
        engine.until("14:49")
        assert ears.titles() == ["2 messages: 2 failed"]
        assert "campaigns/broken.yaml does not check" in ears.messages[0].text
        (sent,) = engine.told("notify.sent")
        assert (sent.fields["count"], sent.fields["kinds"]) == (2, ["broken_file", "failed"])


def test_in_quiet_hours_only_what_is_urgent_is_told_and_the_rest_after_them(tmp_path):
    engine, ears = alarmed(tmp_path, quiet_hours="14:00-14:45", host_down_after="2m")
    with engine:
        engine.start().until("14:34")
        engine.host().person.close_port(seconds=300)
        engine.until("14:44")
        assert ears.titles() == ["pc is down", "pc is back"]
        engine.until("14:47")
        assert ears.titles() == ["pc is down", "pc is back", "2 failed"]


def test_each_channel_gets_what_it_is_for_and_more_of_the_same_comes_an_hour_later(tmp_path):
    engine, ears = alarmed(tmp_path, "phone", "team")
    with engine:
        config = json.loads((tmp_path / "config.yaml").read_text())
        config["notify"]["channels"]["phone"]["alarms"] = ["unknown", "host_down"]
        (tmp_path / "config.yaml").write_text(json.dumps(config))
        engine.start().until("15:20")
        assert ears.titles("team") == ["2 failed"]
        engine.until("15:36")
        assert ears.titles("team") == ["2 failed", "2 failed"]
        assert ears.titles("phone") == []


def test_what_happened_before_alarms_were_switched_on_is_no_news(tmp_path):
    engine, ears = alarmed(tmp_path)
    with engine:
        listening, engine.beside = engine.beside, []
        engine.start().until("14:45")
        engine.stop()
        engine.beside = listening
        engine.start().until("14:49")
        assert ears.titles() == []
        engine.until("14:55")
        assert ears.titles() == ["2 failed"]


def test_what_waits_for_a_channel_that_the_config_has_no_more_is_given_up(tmp_path):
    engine, ears = alarmed(tmp_path, "refuses", "phone")
    with engine:
        engine.start().until("14:35")
        engine.stop()
        config = json.loads((tmp_path / "config.yaml").read_text())
        del config["notify"]["channels"]["refuses"]
        (tmp_path / "config.yaml").write_text(json.dumps(config))
        engine.start().until("14:36")
        assert engine.query("SELECT count(*) FROM messages") == [(0,)]
        told = engine.told("notify.failed", channel="refuses")
        assert told[-1].fields["reason"] == "given up: the config has no such channel any more"
        assert ears.titles() == ["2 failed"]


def test_what_a_channel_has_not_taken_for_three_days_is_given_up(tmp_path):
    engine, ears = alarmed(tmp_path)
    with engine:
        ears.refusing.add("phone")
        engine.start().until("14:35")
        engine.stop()
        engine.after_rest(4 * 86_400)
        ears.refusing.clear()
        engine.start().after(60)
        assert engine.told("notify.failed")[-1].fields["reason"].startswith("given up: ")
        assert engine.query("SELECT count(*) FROM messages WHERE title = '2 failed'") == [(0,)]
        assert not [title for title in ears.titles() if "2 failed" in title]
