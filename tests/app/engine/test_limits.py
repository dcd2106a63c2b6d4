"""Limits: counted from what is on disk, reserved with the intent."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.model.state import State
from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
THREE = ["14:30-14:40", "15:00-15:10", "15:30-15:40"]
SERIALS = tuple(f"S{number:02}" for number in range(12))
HOSTS = {"pc": {"serials": SERIALS}}


def limited(*serials: str, limits: dict[str, object], **keys: object) -> dict[str, object]:
    return post_to(*serials, **keys) | {"limits": limits}


def states_by_window(engine: Engine) -> dict[str, str]:
    return {record.run.window: str(record.state) for record in engine.records(day=engine.today())}


def test_what_a_limit_leaves_no_place_for_is_skipped_with_its_name_file_and_figure(tmp_path):
    campaigns = {"c": limited("A", start_time=THREE, limits={"per_target_per_day": 2})}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("15:50")
        assert states_by_window(engine) == dict(
            zip(THREE, ["completed", "completed", "skipped"], strict=True)
        )
        (skipped,) = engine.records(day=engine.today(), state=State.SKIPPED)
        assert skipped.reason == (
            "`per_target_per_day: 2` of campaigns/c.yaml allows no more before its window closes, "
            "but from 2026-11-24T00:00:00+01:00 on"
        )
        assert len(engine.told("assignment.skipped")) == 1
        assert len(engine.created()) == 2


def test_a_limit_holds_across_restarts_and_edits(tmp_path):
    campaign = limited("A", start_time=THREE, limits={"per_target_per_day": 2})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("14:45")
        engine.restart()
        engine.edit("c", campaign | {"description": "edited"})
        engine.until("15:15")
        engine.crash()
        engine.start().until("15:50")
        assert len(engine.created()) == 2


def test_a_limit_that_is_written_later_counts_what_went_before(tmp_path):
    campaign = post_to("A", start_time=THREE)
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start().until("15:15")
        engine.edit("c", campaign | {"limits": {"per_target_per_day": 2}})
        engine.until("15:50")
        assert len(engine.created()) == 2


def test_what_is_unknown_counts(tmp_path):
    faults = FaultPlan(script=(Fault(FaultKind.RESET, Work.NONE), None), scripted_requests="POST /task")
    hosts = {"pc": {"serials": ("A",), "faults": faults}}
    campaigns = {
        "c": limited(
            "A", start_time=THREE[:2], limits={"per_target_per_day": 1}, on_unsettled="hold", at_close="leave"
        )
    }
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("15:20")
        assert states_by_window(engine)["15:00-15:10"] == "skipped"
        assert len(engine.created()) == 1


def test_what_surely_did_nothing_does_not_count(tmp_path):
    faults = FaultPlan(script=(Fault(FaultKind.REFUSE), None), scripted_requests="POST /task")
    hosts = {"pc": {"serials": ("A",), "faults": faults}}
    campaigns = {"c": limited("A", start_time=THREE, limits={"per_target_per_day": 1})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("15:50")
        assert len(engine.of(HappeningKind.COMMITTED)) == 1
        assert states_by_window(engine)["14:30-14:40"] == "completed"


def test_two_campaigns_on_one_target_share_the_limit_of_the_config(tmp_path):
    campaigns = {"c": post_to("A", start_time=THREE[0]), "d": post_to("A", start_time=THREE[1:])}
    with Engine(tmp_path, at=START, campaigns=campaigns, limits={"per_target_per_day": 2}) as engine:
        engine.start().until("15:50")
        assert len(engine.created()) == 2
        (skipped,) = engine.records(day=engine.today(), state=State.SKIPPED)
        assert "`per_target_per_day: 2` of config.yaml" in skipped.reason


def test_a_campaigns_own_limit_leaves_others_alone(tmp_path):
    campaigns = {
        "c": post_to("A", start_time=THREE[0]),
        "d": limited("A", start_time=THREE[1:], limits={"per_target_per_day": 2}),
    }
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("15:50")
        assert len(engine.created()) == 3


@pytest.mark.parametrize(
    "key", ["per_script_per_day", "per_campaign_per_day", "per_host_per_day"], ids=lambda key: key
)
@pytest.mark.parametrize("place", ["campaign", "config"])
def test_of_a_burst_no_more_goes_than_a_limit_allows(tmp_path, key, place):
    config = {"limits": {key: 5}} if place == "config" else {}
    campaign = post_to(*SERIALS) | ({"limits": {key: 5}} if place == "campaign" else {})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=HOSTS, **config) as engine:
        engine.start().until("14:50")
        assert len(engine.of(HappeningKind.COMMITTED)) == 5
        assert sorted(engine.states().values()) == ["completed"] * 5 + ["skipped"] * 7


def test_by_the_hour_the_rest_goes_as_soon_as_it_may(tmp_path):
    campaign = limited(*SERIALS, start_time="14:30-17:30", limits={"per_campaign_per_hour": 4})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=HOSTS) as engine:
        engine.start().until("17:31")
        at = [happening.at for happening in engine.of(HappeningKind.COMMITTED)]
        assert len(at) == 12
        assert all(sum(first <= other < first + 3_600 for other in at) <= 4 for first in at)
        assert at[-1] - at[0] < 7_260
        assert engine.told("assignment.postponed")


def test_a_gap_between_two_submissions_to_a_target_is_kept(tmp_path):
    campaigns = {
        "c": limited("A", start_time="14:30-15:30", limits={"min_gap": "10m"}),
        "d": post_to("A", start_time="14:32-15:30"),
        "e": limited("A", start_time="14:33-15:30", limits={"min_gap": "1h"}),
    }
    with Engine(tmp_path, at=START, campaigns=campaigns, limits={"min_gap": "20m"}) as engine:
        engine.start().until("15:31")
        assert [at[:5] for at, _ in engine.created()] == ["14:30", "14:50", "15:10"]


def test_a_retry_that_a_limit_forbids_is_not_made(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0}}
    retry = {"attempts": 5, "delay": "1m"}
    campaigns = {"c": limited("A", start_time="14:30-15:30", retry=retry, limits={"per_target_per_day": 3})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("15:29")
        assert len(engine.of(HappeningKind.RETRIED)) == 2
        assert engine.record("A").attempts == 3


def test_a_crash_between_intent_and_answer_leaves_the_place_taken(tmp_path):
    campaigns = {"c": limited("A", start_time=THREE[:2], limits={"per_target_per_day": 1}, at_close="leave")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:

        async def crash(_host: str, asked: str) -> None:
            if asked == "POST /task":
                engine.halt()

        engine.after_request = crash
        engine.start().until("14:30:05")
        assert engine.crashed
        engine.crash()
        engine.after_request = None
        engine.start().until("15:20")
        assert len(engine.of(HappeningKind.COMMITTED)) == 1


def test_a_new_day_has_its_places_anew(tmp_path):
    campaigns = {
        "c": limited("A", start_time="23:50-00:20", limits={"per_target_per_day": 1}),
        "d": limited("A", start_time="23:55-00:20", limits={"per_target_per_day": 1}),
    }
    with Engine(
        tmp_path, at="2026-11-23 23:49", campaigns=campaigns, limits={"per_target_per_day": 1}
    ) as engine:
        engine.start().until("2026-11-24 00:10")
        assert [at[:5] for at, _ in engine.created()] == ["23:50", "00:00"]
