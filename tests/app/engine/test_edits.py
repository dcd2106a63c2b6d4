"""Campaign files that are added, changed, broken, renamed and removed while the daemon runs."""

from __future__ import annotations

import shutil
from collections import Counter

from support.engine import Engine, post_to
from support.on_disk import difference_on_disk
from support.store import bytes_kept

from runner.app.rhythm import Rhythm
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"


class Crowded(Engine):
    """An engine that plans as if it had so much to plan that it looks for edits after each campaign."""

    rhythm = Rhythm(plan_seconds=0)


def test_an_edit_goes_before_what_is_still_to_be_planned(tmp_path):
    campaigns = {f"c{number}": post_to("A", start_time=f"15:0{number}-15:50") for number in range(6)}
    with Crowded(tmp_path, at=START, campaigns=campaigns) as engine:
        write = engine.log.write

        def edit_after_the_first(event):
            write(event)
            if event.name == "campaign.planned" and event.fields["campaign"] == "c0":
                engine.edit("c5", post_to("B", start_time="15:10-15:50"))

        engine.log.write = edit_after_the_first
        engine.start().until("14:31")
        names = [told.fields["campaign"] for told in engine.told("campaign.planned")]
        assert list(dict.fromkeys(names)) == ["c0", "c5", "c1", "c2", "c3", "c4"]
        assert engine.states(campaign="c5") == {"B": "planned"}
        engine.until("15:45")
        assert Counter(record.state for record in engine.records(day=engine.today())) == {"completed": 6}


def test_a_new_file_takes_effect_without_a_restart(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:31")
        engine.edit("d", post_to("B", start_time="14:31:30-14:40"))
        engine.until("14:33")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert [told.fields["campaign"] for told in engine.told("campaign.accepted")] == ["c", "d"]


def test_a_changed_file_is_planned_anew_and_what_went_out_is_not_touched(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", post_to("A", "B", script_config={"captions": "Another"}))
        engine.until("14:33")
        assert engine.states() == {"A": "completed", "B": "completed"}
        captions = {body["serials"][0]: body["script_config"]["captions"] for _, body in engine.created()}
        assert captions == {"A": "New clip", "B": "Another"}


def test_an_edit_cancels_what_it_no_longer_has_and_taken_back_restores_it(tmp_path):
    campaign = post_to("A", "B", start_time="14:40-14:50")
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("14:31")
        engine.edit("c", post_to("A", start_time="14:40-14:50"))
        engine.until("14:32")
        assert engine.states() == {"A": "planned", "B": "cancelled"}
        assert engine.told("assignment.cancelled", serial="B")
        engine.edit("c", campaign)
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_a_removed_file_ends_its_campaign_and_brought_back_goes_on(tmp_path):
    campaigns = {"c": post_to("A", start_time="14:40-14:50"), "d": post_to("B", start_time="14:40-14:50")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        engine.remove("c")
        engine.until("14:32")
        assert engine.states() == {"A": "cancelled", "B": "planned"}
        assert engine.told("campaign.removed", campaign="c")
        engine.edit("c", campaigns["c"])
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_a_file_removed_while_the_runner_was_down_ends_its_campaign(tmp_path):
    campaigns = {"c": post_to("A", start_time="14:40-14:50"), "d": post_to("B", start_time="14:40-14:50")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().stop()
        engine.remove("c")
        engine.start().until("14:42")
        assert engine.states() == {"A": "cancelled", "B": "completed"}


def test_a_broken_file_leaves_its_last_good_version_in_force(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", "scripts: [}")
        engine.until("14:35")
        (told,) = engine.told("campaign.rejected")
        assert told.fields["kept"] == ["c"]
        assert told.fields["problems"][0].startswith("campaigns/c.yaml:1:")
        engine.until("14:42")
        assert engine.states() == {"A": "completed"}


def test_a_file_broken_at_the_start_runs_in_its_last_good_version(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().stop()
        engine.edit("c", "scripts: [}")
        engine.start().until("14:42")
        assert engine.told("campaign.rejected", kept=["c"])
        assert engine.states() == {"A": "completed"}


def test_a_renamed_file_that_breaks_before_a_restart_keeps_its_last_good_version(tmp_path):
    campaign = {"name": "spring", **post_to("A", start_time="14:40-14:50")}
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("14:30")
        engine.remove("c")
        engine.edit("renamed", campaign)
        engine.until("14:31")
        assert engine.told("campaign.removed") == []
        engine.stop()
        engine.edit("renamed", "scripts: [}")
        engine.start().until("14:42")
        assert engine.states() == {"A": "completed"}


def test_a_folder_that_vanishes_changes_nothing(tmp_path):
    campaigns = {name: post_to(name.upper(), start_time="14:40-14:50") for name in ("a", "b")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        shutil.move(tmp_path / "campaigns", tmp_path / "elsewhere")
        engine.until("14:33")
        assert len(engine.told("campaigns.unreadable")) == 1
        (tmp_path / "campaigns").mkdir()
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}
        shutil.rmtree(tmp_path / "campaigns")
        shutil.move(tmp_path / "elsewhere", tmp_path / "campaigns")
        engine.edit("b", post_to("A", "B", start_time="14:40-14:50"))
        engine.until("14:43:30")
        assert len(engine.of(HappeningKind.COMMITTED)) == 3


def test_a_disabled_campaign_submits_nothing(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", {"enabled": False, **post_to("A", start_time="14:40-14:50")})
        engine.until("14:52")
        assert engine.states() == {"A": "cancelled"}
        assert engine.created() == []


def test_an_edit_while_its_work_waits_in_line_sends_nothing_that_was_cancelled(tmp_path):
    serials = tuple(f"S{number:02}" for number in range(40))
    hosts = {"pc": {"serials": serials, "latency_seconds": (6.0, 6.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to(*serials)}, hosts=hosts) as engine:
        engine.start().until("14:30:01")
        engine.edit("c", post_to("S00"))
        engine.until("14:44")
        states = engine.states()
        assert set(states.values()) == {"completed", "cancelled"}
        assert len(engine.created()) == list(states.values()).count("completed") < 40


def test_a_day_ends_and_the_next_is_planned(tmp_path):
    campaign = post_to("A", start_time="23:55-00:10")
    with Engine(tmp_path, at="2026-11-23 23:50", campaigns={"c": campaign}, poll_interval="30s") as engine:
        engine.start().until("2026-11-24 00:12")
        assert [at for at, _ in engine.created()] == ["23:55:00"]
        days = {one.run.day.day: str(one.state) for one in engine.records()}
        assert days[23] == "completed"
        assert days[24] == "planned"


def test_secrets_are_sent_and_kept_nowhere(tmp_path):
    secret = "s3cret-and-long"
    config = {
        "generate_by_chatgpt": True,
        "chatgpt_settings": {"api_key": "${env:KEY}"},
        "topic": "${date} ${weekday} ${serial} ${campaign} ${script} ${group} ${index}",
    }
    campaign = post_to("A", script_config=config)
    campaign["scripts"][0]["script_name"] = "account_warmup"
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, environ={"KEY": secret}) as engine:
        engine.start().until("14:31")
        ((_, body),) = engine.created()
        assert body["script_config"]["chatgpt_settings"]["api_key"] == secret
        assert body["script_config"]["topic"] == "2026-11-23 monday A c account_warmup devices 0"
        assert "${env:KEY}" in engine.intents(engine.record("A"))[0].body
        engine.stop()
        assert secret not in repr(engine.log.events)
        assert secret.encode() not in bytes_kept(tmp_path)


def test_a_secret_that_is_missing_fails_its_assignment_alone(tmp_path):
    lacking = post_to("A", script_config={"captions": "${env:KEY}"})
    with Engine(tmp_path, at=START, campaigns={"c": lacking, "d": post_to("B")}) as engine:
        engine.start().until("14:40")
        assert engine.states() == {"A": "failed", "B": "completed"}
        assert "the environment has no KEY" in engine.record("A").reason


def test_a_secret_that_is_no_text_fails_its_assignment_alone(tmp_path):
    lacking = post_to("A", script_config={"captions": "${env:KEY}"})
    environ = {"KEY": "broken \udcff bytes"}
    with Engine(tmp_path, at=START, campaigns={"c": lacking, "d": post_to("B")}, environ=environ) as engine:
        engine.start().until("14:40")
        assert engine.states() == {"A": "failed", "B": "completed"}
        assert "not text" in engine.record("A").reason


def test_intervals_and_accounts_go_out_where_they_are_given(tmp_path):
    campaign = post_to("A", enable_multi_account=True, min_interval=2, max_interval=5)
    hosts = {"pc": {"accounts": {"A": ("@one", "@two")}}}
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        engine.start().until("14:33")
        ((_, body),) = engine.created()
        assert (body["enable_multi_account"], body["min_interval"], body["max_interval"]) == (True, 2, 5)
        assert engine.states() == {"A": "completed"}


def test_a_removed_file_whose_campaign_had_nothing_planned_is_told_all_the_same(tmp_path):
    campaigns = {"c": {**post_to("A"), "enabled": False}, "d": post_to("B")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:29:55")
        engine.remove("c")
        engine.until("14:30:10")
        (told,) = engine.told("campaign.removed")
        assert (told.fields["campaign"], told.fields["removed"]) == ("c", 0)
        assert engine.told("assignment.cancelled") == []


def test_an_edit_that_moves_the_zone_by_a_day_takes_the_old_zones_days_back(tmp_path):
    # Half past one of the 24th in Auckland is half past one of the 23rd in Pago Pago: 13:30 here.
    campaign = post_to("A", start_time="01:30-02:00", script_config={"captions": "${date}"})
    before, after = ({**campaign, "timezone": zone} for zone in ("Pacific/Auckland", "Pacific/Pago_Pago"))
    with Engine(tmp_path, at="2026-11-23 12:00:00", campaigns={"c": before}) as engine:
        engine.start().until("12:01")
        engine.edit("c", after)
        engine.until("14:10")
        assert [body["script_config"]["captions"] for _, body in engine.created()] == ["2026-11-23"]
        states = Counter(str(record.state) for record in engine.records())
        assert states == {"completed": 1, "planned": 3}


def test_an_edit_that_does_the_work_of_today_again_is_told(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}) as engine:
        engine.start().until("14:35")
        engine.edit("c", post_to("A", "B", start_time="15:00-15:10"))
        said = difference_on_disk(engine)
        engine.until("14:37")
        (told,) = engine.told("campaign.repeats")
        assert told.fields["count"] == len(said.difference.repeats) == 2
        assert told.fields["changes"][0].endswith("15:00-15:10, again that day")
