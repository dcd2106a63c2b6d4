"""Quiet hours: nothing is submitted or retried in them, whatever a campaign says."""

from __future__ import annotations

from datetime import date

from support.engine import Engine, post_to

from runner.simulator.history import HappeningKind

NIGHT = {"quiet_hours": "23:30-06:00"}


def test_work_waits_for_their_end_where_its_window_is_open_then(tmp_path):
    campaigns = {"c": post_to("A", start_time="05:50-07:00")}
    with Engine(tmp_path, at="2026-11-24 05:49", campaigns=campaigns, **NIGHT) as engine:
        engine.start().until("06:02")
        assert [at for at, _ in engine.created()] == ["06:00:00"]
        (told,) = engine.told("submission.postponed")
        assert told.fields["until"] == "2026-11-24T05:00:00+00:00"
        assert told.fields["reason"] == "the quiet hours 23:30-06:00"


def test_work_whose_window_closes_in_them_is_skipped(tmp_path):
    campaigns = {"c": post_to("A", start_time="23:45-00:15")}
    with Engine(tmp_path, at="2026-11-23 23:40", campaigns=campaigns, **NIGHT) as engine:
        engine.start().until("2026-11-24 00:20")
        (record,) = engine.records(day=date(2026, 11, 23))
        assert (record.state, record.reason) == (
            "skipped",
            "the quiet hours 23:30-06:00 lasted until its window closed",
        )
        assert engine.created() == []


def test_a_request_that_might_reach_into_them_is_not_begun(tmp_path):
    campaigns = {"c": post_to("A", start_time="23:29:55-23:50"), "d": post_to("B", start_time="23:29:45")}
    with Engine(tmp_path, at="2026-11-23 23:29", campaigns=campaigns, **NIGHT) as engine:
        engine.start().until("23:55")
        assert [at for at, _ in engine.created()] == ["23:29:45"]


def test_on_the_night_of_a_clock_change_they_end_by_the_clock(tmp_path):
    campaigns = {"c": post_to("A", start_time="01:56-07:00")}
    with Engine(
        tmp_path, at="2027-03-28 01:55", campaigns=campaigns, quiet_hours=["23:30-02:00", "02:00-04:00"]
    ) as engine:
        engine.start().after(65 * 60 + 30)
        ((at, _),) = engine.created()
        assert at == "04:00:00"


def test_nothing_is_retried_in_them(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0}}
    campaigns = {"c": post_to("A", start_time="23:28-00:30", retry={"attempts": 1, "delay": "2m"})}
    with Engine(
        tmp_path, at="2026-11-23 23:27", campaigns=campaigns, hosts=hosts, quiet_hours="23:30-00:10"
    ) as engine:
        engine.start().until("2026-11-24 00:09:59")
        assert engine.of(HappeningKind.RETRIED) == []
        engine.until("2026-11-24 00:11")
        assert len(engine.of(HappeningKind.RETRIED)) == 1


def test_what_a_stop_in_them_left_planned_is_skipped_and_not_missed(tmp_path):
    campaigns = {"c": post_to("A", start_time="23:45-00:15")}
    with Engine(tmp_path, at="2026-11-23 23:40", campaigns=campaigns, **NIGHT) as engine:
        engine.start()
        engine.stop()
        engine.after_rest(3_600)
        engine.start().after(1)
        (record,) = engine.records(day=date(2026, 11, 23))
        assert record.state == "skipped"


def test_nothing_is_submitted_on_a_quiet_day(tmp_path):
    quiet = {"calendars": {"off": {"dates": ["2026-11-23..2026-11-24"]}}, "quiet_hours": "calendar:off"}
    campaigns = {"c": post_to("A", start_time="23:00-23:30"), "d": post_to("B", start_time="23:50-00:20")}
    with Engine(tmp_path, at="2026-11-24 22:50", campaigns=campaigns, **quiet) as engine:
        engine.start().until("23:55")
        assert engine.created() == []
        engine.until("2026-11-25 00:30")
        ((when, body),) = engine.created()
        assert (when, body["serials"]) == ("00:00:00", ["B"])
        reasons = {event.fields["reason"] for event in engine.told("assignment.skipped")}
        assert reasons == {"the quiet hours calendar:off lasted until its window closed"}
