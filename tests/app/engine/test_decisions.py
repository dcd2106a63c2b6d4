"""A person decides what becomes of an assignment that is unknown."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to

from runner.adapters.ledger.decisions import decide
from runner.errors import NotFound
from runner.model.record import Resolution
from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
LOST = {"pc": {"serials": ("A",), "faults": FaultPlan(script=(Fault(FaultKind.CLOSE, Work.NONE),))}}


def wish(engine: Engine, act: Resolution, *, reason: str | None = None) -> str:
    key = engine.record("A").assignment.key
    store = engine.store
    decide(store, key=key, act=act, owner="eva", reason=reason, now=engine.clock.now())
    return key


def unknown(tmp_path) -> Engine:
    return Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=LOST)


def test_what_is_resubmitted_goes_again_once(tmp_path):
    with unknown(tmp_path) as engine:
        engine.start().until("14:31")
        assert engine.states() == {"A": "unknown"}
        wish(engine, Resolution.RESUBMIT, reason="nothing is there")
        engine.until("14:33")
        assert engine.states() == {"A": "completed"}
        assert len(engine.of(HappeningKind.COMMITTED)) == 1
        (told,) = engine.told("decision.applied")
        assert told.fields["outcome"] == "to be submitted again by eva: nothing is there"


def test_what_is_dropped_is_cancelled_and_no_edit_brings_it_back(tmp_path):
    with unknown(tmp_path) as engine:
        engine.start().until("14:31")
        wish(engine, Resolution.DROP)
        engine.until("14:32")
        engine.edit("c", post_to("A", retry={"attempts": 1, "delay": "5s"}))
        engine.until("14:40")
        assert engine.record("A").reason == "dropped by eva"
        assert engine.states() == {"A": "cancelled"}
        assert len(engine.created()) == 1


def test_a_decision_without_a_daemon_is_carried_out_at_the_next_start(tmp_path):
    with unknown(tmp_path) as engine:
        engine.start().until("14:31")
        wish(engine, Resolution.DROP)
        engine.crash()
        engine.start().until("14:32")
        assert engine.states() == {"A": "cancelled"}
        assert len(engine.told("decision.applied")) == 1


def test_after_the_window_nothing_is_submitted_again(tmp_path):
    with unknown(tmp_path) as engine:
        engine.start().until("14:46")
        wish(engine, Resolution.RESUBMIT)
        engine.until("14:48")
        assert engine.states() == {"A": "unknown"}
        (told,) = engine.told("decision.applied")
        assert told.fields["outcome"] == "nothing was done: its window has closed; it can only be dropped"
        assert len(engine.created()) == 1


def test_only_what_is_unknown_can_be_resolved_and_once_at_a_time(tmp_path):
    with unknown(tmp_path) as engine:
        engine.start()
        with pytest.raises(NotFound, match="is planned: only what is unknown can be resolved"):
            wish(engine, Resolution.DROP)
        engine.until("14:31")
        wish(engine, Resolution.DROP)
        with pytest.raises(NotFound, match="is to be resolved already"):
            wish(engine, Resolution.RESUBMIT)
