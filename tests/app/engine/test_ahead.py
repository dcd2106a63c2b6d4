"""`deliver: ahead`: handed over as the window opens, with the time at which the host begins by itself."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from support.engine import Engine, post_to
from support.engine_parts import ZONE
from support.truth import CAPTION, faults_found

from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import AnswerShape

START = "2026-11-23 08:59:50"
LOCAL = "Europe/Stockholm"
PatientEngine = partial(Engine, poll_interval="60s")
"""Looks seldom: hours go by here."""


def ahead(*serials: str, start_time: object = "09:00-09:20", **keys: object) -> dict[str, object]:
    keys = {"spread": "even", "script_config": {"captions": CAPTION}, **keys}
    return post_to(*serials, start_time=start_time, deliver="ahead", **keys)


def hosts(*serials: str, **options: object) -> dict[str, dict[str, object]]:
    return {"pc": {"serials": serials, "timezone": LOCAL, **options}}


def began(engine: Engine) -> list[str]:
    """Return when the host began its tasks, by its own account."""
    return [f"{datetime.fromtimestamp(one.at, ZONE):%H:%M:%S}" for one in engine.of(HappeningKind.STARTED)]


def sent(engine: Engine) -> list[tuple[str, str, str | None]]:
    return [(at, body["serials"][0], body.get("start_time")) for at, body in engine.created()]


def test_it_is_handed_over_as_the_window_opens_and_begun_by_the_host_when_due(tmp_path):
    with PatientEngine(tmp_path, at=START, campaigns={"c": ahead("A", "B")}, hosts=hosts("A", "B")) as engine:
        engine.start().until("09:01")
        assert sorted(what for _, *what in sent(engine)) == [["A", "09:05"], ["B", "09:15"]]
        assert all(at < "09:00:30" for at, *_ in sent(engine))
        assert engine.states() == {"A": "submitted", "B": "submitted"}
        engine.until("09:21")
        assert engine.states() == {"A": "completed", "B": "completed"}
        first, second = began(engine)
        assert "09:05:00" <= first <= "09:05:10"
        assert "09:15:00" <= second <= "09:15:10"
        assert len(sent(engine)) == 2


@pytest.mark.parametrize("shape", [AnswerShape(), AnswerShape(shows_planned_start=True)])
@pytest.mark.parametrize("ends", ["stop", "crash"])
def test_the_host_begins_on_time_although_the_runner_is_away_and_its_result_is_found_later(
    tmp_path, ends, shape
):
    farm = hosts("A", "B", shape=shape)
    with PatientEngine(tmp_path, at=START, campaigns={"c": ahead("A", "B")}, hosts=farm) as engine:
        engine.start().until("09:02")
        getattr(engine, ends)()
        engine.after_rest(3_600)
        engine.start().after(90)
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert [at[:5] for at in began(engine)] == ["09:05", "09:15"]
        assert len(engine.of(HappeningKind.COMMITTED)) == 2
        histories = {"pc": engine.host().history.lines()}
        assert faults_found(histories, engine.store, settled=True) == []


def test_the_time_is_that_of_the_hosts_own_day(tmp_path):
    farm = {"pc": {"serials": ("A",), "timezone": "America/New_York"}}
    campaign = {**ahead("A"), "timezone": LOCAL}
    # The config's zone is its host's, as that has none of its own.
    with PatientEngine(
        tmp_path, at=START, campaigns={"c": campaign}, hosts=farm, timezone="America/New_York"
    ) as engine:
        engine.start().until("09:21")
        assert [start for *_, start in sent(engine)] == ["03:10"]
        assert began(engine)[0][:5] == "09:10"


def test_across_the_hosts_midnight_it_waits_until_that_is_over(tmp_path):
    campaign = ahead("A", "B", start_time="23:40-00:20")
    start = "2026-11-23 23:39:50"
    with PatientEngine(tmp_path, at=start, campaigns={"c": campaign}, hosts=hosts("A", "B")) as engine:
        engine.start().until("2026-11-24 00:21")
        assert sent(engine) == [("23:40:00", "A", "23:50"), ("00:02:00", "B", "00:10")]
        assert [at[:5] for at in began(engine)] == ["23:50", "00:10"]
        (told,) = engine.told("submission.postponed")
        assert told.fields["reason"] == "the host's midnight lies before it"


def test_what_is_due_at_once_goes_at_once_and_without_a_time(tmp_path):
    campaign = ahead("A", spread="together")
    with PatientEngine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts("A")) as engine:
        engine.start().until("09:05")
        assert sent(engine) == [("09:00:00", "A", None)]
        assert not engine.told("submission.postponed")


def test_near_its_due_instant_after_a_late_start_it_is_submitted_when_due(tmp_path):
    start = "2026-11-23 09:09:10"
    with PatientEngine(tmp_path, at=start, campaigns={"c": ahead("A")}, hosts=hosts("A")) as engine:
        engine.start().until("09:12")
        assert sent(engine) == [("09:10:00", "A", None)]
        assert engine.states() == {"A": "completed"}


def test_a_clock_that_is_off_makes_it_go_on_time_and_is_told_once(tmp_path):
    with PatientEngine(tmp_path, at=START, campaigns={"c": ahead("A")}, hosts=hosts("A")) as engine:
        engine.set_clock(-75)
        engine.start().until("09:12")
        (told,) = engine.told("host.clock_off")
        assert told.fields["seconds"] == pytest.approx(75, abs=1)
        assert sent(engine) == [("09:11:15", "A", None)]
        (why,) = engine.told("submission.postponed")
        assert why.fields["reason"] == "the host's clock and ours differ"


def test_what_waits_on_the_host_leaves_its_device_to_other_work(tmp_path):
    other = post_to("A", start_time="09:03-09:08")
    campaigns = {"c": ahead("A"), "d": other}
    with PatientEngine(tmp_path, at=START, campaigns=campaigns, hosts=hosts("A")) as engine:
        engine.start().until("09:06")
        assert engine.states(campaign="d") == {"A": "completed"}
        engine.until("09:13")
        assert engine.states(campaign="c") == {"A": "completed"}
        assert [at[:5] for at in began(engine)] == ["09:03", "09:10"]


def test_limits_quiet_hours_and_pauses_hold_at_the_handing_over(tmp_path):
    campaigns = {"c": {**ahead("A", "B"), "limits": {"per_campaign_per_day": 1}}}
    with PatientEngine(
        tmp_path, at=START, campaigns=campaigns, hosts=hosts("A", "B"), quiet_hours="08:00-09:02"
    ) as engine:
        engine.start().until("09:21")
        assert [(at, start) for at, _, start in sent(engine)] == [("09:02:00", "09:05")]
        assert engine.states() == {"A": "completed", "B": "skipped"}


def test_what_would_begin_in_quiet_hours_is_not_handed_over_for_them(tmp_path):
    with PatientEngine(
        tmp_path, at=START, campaigns={"c": ahead("A")}, hosts=hosts("A"), quiet_hours="09:08-09:15"
    ) as engine:
        engine.start().until("09:18")
        assert sent(engine) == [("09:15:00", "A", None)]
        assert began(engine)[0] >= "09:15:00"


def test_at_the_close_what_the_host_has_not_begun_is_withdrawn(tmp_path):
    with PatientEngine(tmp_path, at=START, campaigns={"c": ahead("A")}, hosts=hosts("A")) as engine:
        engine.start().until("09:03")
        engine.host().farm.unplug("A")
        engine.until("09:21")
        assert engine.states() == {"A": "expired"}
        assert not engine.of(HappeningKind.STARTED)


@pytest.mark.parametrize("shape", [AnswerShape(), AnswerShape(shows_planned_start=True)])
@pytest.mark.parametrize("work", [Work.DONE, Work.NONE])
def test_a_lost_answer_is_settled_as_any_other(tmp_path, shape, work):
    faults = FaultPlan(script=(None, Fault(FaultKind.RESET, work), None), scripted_requests="POST /task")
    farm = hosts("A", "B", shape=shape, faults=faults)
    campaign = ahead("B", "A", start_time="10:00-10:40")
    warm = post_to("A", start_time="09:55-10:00", script_config={"captions": CAPTION})
    start = "2026-11-23 09:54:50"
    with PatientEngine(tmp_path, at=start, campaigns={"c": campaign, "w": warm}, hosts=farm) as engine:
        engine.start().until("10:41")
        assert engine.states(campaign="c") == {"A": "completed", "B": "completed"}
        assert len(engine.told("submission.adopted")) == (work is Work.DONE)
        assert len(engine.told("submission.absent")) == (work is Work.NONE)
        assert [at[:5] for at in began(engine)] == ["09:55", "10:10", "10:30"]
        assert len(engine.of(HappeningKind.COMMITTED)) == 3
        recorded = [intent for record in engine.records(campaign="c") for intent in engine.intents(record)]
        assert all('"start_time":"10:' in intent.body for intent in recorded)


def test_an_edit_to_ahead_hands_over_what_is_planned_and_one_back_takes_nothing_back(tmp_path):
    on_time = post_to("A", start_time="09:00-09:20", spread="even", script_config={"captions": CAPTION})
    with PatientEngine(tmp_path, at=START, campaigns={"c": on_time}, hosts=hosts("A")) as engine:
        engine.start().until("09:03")
        assert sent(engine) == []
        engine.edit("c", ahead("A"))
        engine.until("09:04")
        assert [start for *_, start in sent(engine)] == ["09:10"]
        engine.edit("c", on_time)
        engine.until("09:13")
        assert len(sent(engine)) == 1
        assert engine.states() == {"A": "completed"}


def test_an_edit_of_a_limit_lets_what_was_put_off_go_ahead_again(tmp_path):
    campaign = ahead("A", "B", start_time="09:00-09:40")
    other = post_to("A", start_time="08:57-08:59", script_config={"captions": CAPTION})
    start = "2026-11-23 08:56:50"
    with PatientEngine(
        tmp_path,
        at=start,
        campaigns={"c": campaign, "d": other},
        hosts=hosts("A", "B"),
        limits={"min_gap": "5m"},
    ) as engine:
        engine.start().until("09:01")
        assert [what for _, *what in sent(engine)] == [["A", None], ["B", "09:30"]]
        (put_off,) = engine.told("submission.postponed")
        assert put_off.fields["until"].startswith("2026-11-23T08:02")
        engine.edit("c", {**campaign, "description": "the same"})
        engine.until("09:03")
        assert [what for _, *what in sent(engine)][2:] == [["A", "09:10"]]


def test_with_after_it_is_handed_over_once_the_other_is_completed(tmp_path):
    common = {"script_name": "post", "device_groups": ["g"], "script_config": {"captions": CAPTION}}
    entries = [
        {"name": "warmup", "start_time": "09:00-09:05", "spread": "together", **common},
        {"name": "clip", "start_time": "09:00-09:20", "deliver": "ahead", "after": ["warmup"], **common},
    ]
    campaign = {"device_groups": {"g": {"serials": ["A"]}}, "scripts": entries}
    with PatientEngine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts("A")) as engine:
        engine.start().until("09:12")
        (_, _, first), (at, _, second) = sent(engine)
        assert (first, second) == (None, "09:10")
        assert "09:00:30" < at < "09:02"
        assert began(engine)[1][:5] == "09:10"


def test_a_runner_that_sleeps_hands_over_what_is_still_to_come(tmp_path):
    serials = tuple(f"S{number}" for number in range(10))
    campaign = ahead(*serials, start_time="09:00-19:00")
    with PatientEngine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts(*serials)) as engine:
        engine.start()
        engine.sleep(4 * 3_600)
        engine.after(15)
        # Due at 13:30 and every hour from there on: none of these is held back for the burst.
        assert {start for *_, start in sent(engine)} >= {f"{hour}:30" for hour in range(13, 19)}


def test_a_campaign_on_time_carries_no_time(tmp_path):
    on_time = post_to("A", start_time="09:00-09:20", spread="even")
    with PatientEngine(tmp_path, at=START, campaigns={"c": on_time}, hosts=hosts("A")) as engine:
        engine.start().until("09:11")
        assert sent(engine) == [("09:10:00", "A", None)]
