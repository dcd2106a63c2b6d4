"""Pauses: from their commit on nothing new is begun; what was begun goes on."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.adapters.ledger.holds import place_hold, release_holds
from runner.model.record import HoldScope
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
WINDOW = "14:30-15:30"
SERIALS = tuple(f"S{number:03}" for number in range(60))
HOSTS = {"pc": {"serials": SERIALS}}


def store_of(engine: Engine) -> str:
    return engine.store


def pause(engine: Engine, scope: str = "all", subject: str = "", **more: object) -> None:
    facts = {"owner": "eva", "reason": "phones are moved", "until": None, "now": engine.clock.now()} | more
    place_hold(store_of(engine), scope=HoldScope(scope), subject=subject, **facts)


def resume(engine: Engine, scope: str = "all", subject: str = "") -> None:
    now = engine.clock.now()
    release_holds(store_of(engine), scope=HoldScope(scope), subject=subject, owner="per", now=now)


def test_what_is_paused_is_not_submitted_and_skipped_as_its_window_closes(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start()
        pause(engine)
        engine.until("14:46")
        record = engine.record("A")
        assert (record.state, record.reason) == ("skipped", "paused by eva: phones are moved")
        assert engine.created() == []
        (told,) = engine.told("hold.placed")
        assert told.fields == {"scope": "all", "owner": "eva", "reason": "phones are moved"}


def test_no_request_leaves_after_a_pause_but_those_whose_intent_was_on_disk(tmp_path):
    with Engine(
        tmp_path, at=START, campaigns={"c": post_to(*SERIALS, start_time=WINDOW)}, hosts=HOSTS
    ) as engine:
        on_disk = []

        async def pause_in_the_middle(_host: str, asked: str) -> None:
            if asked == "POST /task" and len(engine.created()) == 20:
                pause(engine)
                on_disk.extend(engine.query("SELECT count(*) FROM intents WHERE act = 'create'"))

        engine.before_request = pause_in_the_middle
        engine.start().until("14:40")
        ((intents,),) = on_disk
        assert 20 <= intents <= 30
        assert len(engine.created()) == intents
        assert len(engine.told("assignment.submitting")) == intents


@pytest.mark.parametrize(("scope", "subject"), [("campaign", "c"), ("host", "pc")])
def test_a_pause_holds_only_what_it_is_for(tmp_path, scope, subject):
    hosts = {"pc": {"serials": ("A",)}, "mac": {"serials": ("B",)}}
    campaigns = {"c": post_to("A", host="pc"), "d": post_to("B", host="mac")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start()
        pause(engine, scope, subject)
        engine.until("14:46")
        assert engine.states() == {"A": "skipped", "B": "completed"}


def test_a_pause_survives_restarts_crashes_and_edits(tmp_path):
    campaign = post_to("A", start_time=WINDOW)
    with Engine(tmp_path, at=START, campaigns={"c": campaign}) as engine:
        engine.start()
        pause(engine, "campaign", "c")
        engine.restart()
        engine.until("14:31")
        engine.crash()
        engine.start()
        engine.edit("c", campaign | {"description": "edited"})
        engine.until("14:50")
        assert engine.created() == []
        assert len(engine.told("hold.placed")) == 1
        resume(engine, "campaign", "c")
        engine.until("14:52")
        assert engine.states() == {"A": "completed"}
        (told,) = engine.told("hold.released")
        assert told.fields == {
            "campaign": "c",
            "scope": "campaign",
            "owner": "per",
            "reason": "phones are moved",
        }


def test_a_pause_without_a_daemon_holds_from_its_start_on(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        pause(engine)
        engine.start().until("14:40")
        assert engine.states() == {"A": "planned"}
        assert engine.told("hold.placed")


def test_a_pause_ends_by_itself_at_its_time(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time=WINDOW)}) as engine:
        engine.start()
        pause(engine, until=engine.clock.now() + 600_000_000)
        engine.until("14:39:45")
        assert engine.created() == []
        engine.until("14:41")
        ((at, _),) = engine.created()
        assert "14:39:50" <= at <= "14:39:54"
        (told,) = engine.told("hold.expired")
        assert told.fields["owner"] == "eva"
        engine.restart()
        assert len(engine.told("hold.expired")) == 1


def test_a_change_is_noticed_within_three_seconds(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time=WINDOW)}) as engine:
        engine.start()
        pause(engine)
        engine.after(3)
        assert engine.told("hold.placed")
        engine.until("14:31")
        resume(engine)
        engine.after(3.5)
        assert engine.told("hold.released")
        assert len(engine.created()) == 1


def test_what_is_overdue_after_a_pause_goes_bit_by_bit(tmp_path):
    campaigns = {"c": post_to(*SERIALS, start_time="14:30-16:30")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=HOSTS) as engine:
        engine.start()
        pause(engine)
        engine.until("15:00")
        resume(engine)
        engine.until("15:15")
        at = [happening.at for happening in engine.of(HappeningKind.COMMITTED)]
        assert len(at) == 60
        assert at[-1] - at[0] > 400
        (told,) = engine.told("backlog.spread")
        assert told.fields["count"] == 60


def test_nothing_is_retried_while_paused(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0}}
    campaigns = {"c": post_to("A", start_time=WINDOW, retry={"attempts": 1, "delay": "2m"})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("14:31")
        pause(engine, "host", "pc")
        engine.until("14:40")
        assert engine.of(HappeningKind.RETRIED) == []
        resume(engine, "host", "pc")
        engine.until("14:41")
        assert len(engine.of(HappeningKind.RETRIED)) == 1


def test_a_pause_in_the_instant_of_a_retry_holds_it(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0}}
    campaigns = {"c": post_to("A", start_time=WINDOW, retry={"attempts": 1, "delay": "2m"})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("14:31")

        async def pause_once(_host: str, asked: str) -> None:
            if asked == "GET /task/1" and engine.clock.moment() >= engine.moment("14:32"):
                engine.after_request = None
                pause(engine)

        engine.after_request = pause_once
        engine.until("14:40")
        assert engine.told("hold.placed")
        assert engine.of(HappeningKind.RETRIED) == []


def test_what_is_on_a_host_goes_on(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:05")
        pause(engine)
        engine.until("14:32")
        assert engine.states() == {"A": "completed"}


def test_the_daemon_that_works_on_the_store_is_not_fenced_by_a_pause(tmp_path):
    campaigns = {"c": post_to("A"), "d": post_to("B")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start()
        pause(engine, "campaign", "d")
        engine.until("14:32")
        assert engine.states() == {"A": "completed", "B": "planned"}
