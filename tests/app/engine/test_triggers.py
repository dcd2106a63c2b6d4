"""Work that a person wants now goes beside the schedule, under the same limits and pauses, and once."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.adapters.ledger.decisions import ask_to_trigger
from runner.adapters.ledger.halts import give_halt
from runner.adapters.ledger.holds import place_hold, release_holds
from runner.errors import NotFound
from runner.model.halt import Depth, Halt, HaltScope
from runner.model.record import HoldScope
from runner.model.trigger import TriggerWish

START = "2026-11-23 12:00:00"
LATER = post_to("A", "B", start_time="18:00")


def store_of(engine: Engine) -> str:
    return engine.store


def want(engine: Engine, *, script: str | None = None, target: str | None = None) -> None:
    ask_to_trigger(store_of(engine), TriggerWish(0, engine.clock.now(), "eva", "c", script, target))


def triggered(engine: Engine) -> dict[str, str]:
    return {
        record.assignment.target.name: str(record.state)
        for record in engine.records(day=engine.today())
        if record.run.window.startswith("trigger:")
    }


def test_it_goes_at_once_on_any_day_and_the_schedule_stays(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": LATER | {"days": ["tue"]}}) as engine:
        engine.start()
        want(engine, target="A")
        engine.after(60)
        assert triggered(engine) == {"A": "completed"}
        assert next(at for at, _ in engine.created()) <= "12:00:02"
        (told,) = engine.told("campaign.triggered")
        assert (told.fields["owner"], told.fields["outcome"]) == ("eva", "planned: 1")
        engine.restart()
        engine.after(30)
        assert len(engine.created()) == 1


def test_an_edit_neither_takes_it_back_nor_doubles_it(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": LATER}) as engine:
        engine.start()
        place_hold(
            store_of(engine),
            scope=HoldScope.ALL,
            subject="",
            owner="eva",
            reason=None,
            until=None,
            now=engine.clock.now(),
        )
        want(engine)
        engine.after(10)
        assert triggered(engine) == {"A": "planned", "B": "planned"}
        engine.edit("c", post_to("A", "B", start_time="19:00"))
        engine.after(10)
        assert triggered(engine) == {"A": "planned", "B": "planned"}
        assert engine.created() == []
        release_holds(store_of(engine), scope=HoldScope.ALL, subject="", owner="eva", now=engine.clock.now())
        engine.after(60)
        assert triggered(engine) == {"A": "completed", "B": "completed"}


def test_what_has_not_gone_after_its_grace_is_given_up(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": LATER}, grace="2m") as engine:
        engine.start()
        want(engine)
        # On a server's store nobody has made the folder yet.
        (engine.folder / "state").mkdir(exist_ok=True)
        (engine.folder / "state/STOP").touch()
        engine.after(125)
        assert triggered(engine) == {"A": "skipped", "B": "skipped"}


def test_what_nobody_was_there_for_is_refused_once_it_has_expired(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": LATER}, grace="2m") as engine:
        engine.start()
        engine.stop()
        want(engine)
        engine.after_rest(300)
        engine.start().after(5)
        assert triggered(engine) == {}
        (told,) = engine.told("campaign.triggered")
        assert told.fields["outcome"] == "refused: no daemon ran until it had expired"


def test_a_limit_holds_for_it_too(tmp_path):
    campaigns = {"c": LATER | {"limits": {"per_target_per_day": 1}}}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start()
        want(engine, target="A")
        engine.after(60)
        want(engine, target="A")
        engine.after(20)
        states = [str(one.state) for one in engine.records(day=engine.today()) if one.run.window[0] == "t"]
        assert sorted(states) == ["completed", "skipped"]


def test_a_halt_takes_it_back(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": LATER}) as engine:
        engine.start()
        want(engine)
        engine.after(10)
        halt = Halt(
            0, engine.clock.now(), "eva", None, Depth.STOP, HaltScope.CAMPAIGN, "c", keeps_planned=False
        )
        give_halt(store_of(engine), halt, pauses=False)
        engine.after(10)
        assert triggered(engine) == {"A": "cancelled", "B": "cancelled"}


def test_the_same_wish_a_moment_later_is_an_accident(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": LATER}) as engine:
        engine.start()
        want(engine)
        engine.after(1)
        with pytest.raises(NotFound, match="the same was triggered less than 5 s ago"):
            want(engine)
        want(engine, target="A")
        engine.after(5)
        want(engine)
