"""A person asks the running daemon to look at all files now."""

from __future__ import annotations

import json

from support.engine import Engine, post_to

from runner.adapters.ledger import Reader
from runner.adapters.ledger.decisions import ask_to_reload

START = "2026-11-23 14:29:50"


def asked(engine, *, owner="eva"):
    store = engine.store
    number = ask_to_reload(store, owner=owner, now=engine.clock.now())

    def outcome():
        reader = Reader.open(store)
        try:
            found = reader.reload_wish(number).outcome
        finally:
            reader.close()
        return None if found is None else json.loads(found)

    return outcome


def test_the_answer_says_what_is_accepted_removed_and_rejected(tmp_path):
    campaigns = {name: post_to(name.upper(), start_time="14:40-14:50") for name in ("a", "b", "c")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:30:01")
        engine.edit("a", post_to("B", start_time="14:40-14:50"))
        engine.remove("b")
        engine.edit("c", "scripts: [}")
        outcome = asked(engine)
        assert outcome() is None
        engine.after(3)
        found = outcome()
        assert (found["campaigns"], found["accepted"], found["removed"]) == (2, ["a"], ["b"])
        (rejected,) = found["rejected"]
        assert (rejected["file"], rejected["kept"]) == ("campaigns/c.yaml", ["c"])
        assert rejected["problems"][0].startswith("campaigns/c.yaml:1:")
        (told,) = engine.told("campaigns.reloaded")
        assert told.fields == {
            "owner": "eva",
            "campaigns": 2,
            "accepted": ["a"],
            "removed": ["b"],
            "rejected": ["campaigns/c.yaml"],
        }


def test_what_it_says_is_planned_already(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:30:01")
        engine.edit("c", post_to("B", start_time="14:40-14:50"))
        outcome = asked(engine)
        while outcome() is None:
            engine.after(0.1)
        assert engine.states() == {"A": "cancelled", "B": "planned"}


def test_a_file_that_was_told_as_rejected_before_is_rejected_again(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": "scripts: [}"}) as engine:
        engine.start().until("14:31")
        outcome = asked(engine)
        engine.after(6)
        (rejected,) = outcome()["rejected"]
        assert (rejected["file"], rejected["kept"]) == ("campaigns/c.yaml", [])
        assert len(engine.told("campaign.rejected")) == 1


def test_each_wish_is_answered_once_and_a_restart_answers_what_was_left(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:31")
        first, second = asked(engine), asked(engine, owner="bo")
        engine.after(20)
        assert (
            first()
            == second()
            == {
                "campaigns": 1,
                "accepted": [],
                "removed": [],
                "rejected": [],
                "unread": False,
            }
        )
        assert [told.fields["owner"] for told in engine.told("campaigns.reloaded")] == ["eva", "bo"]
        engine.stop()
        third = asked(engine)
        engine.start().after(10)
        assert third() is not None
        assert len(engine.told("campaigns.reloaded")) == 3


def test_a_signal_looks_at_the_files_though_their_stamps_are_the_same(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:31")
        engine.daemon.look()
        engine.after(0.5)
        (told,) = engine.told("campaigns.reloaded")
        assert told.fields == {"campaigns": 1}


def test_a_folder_that_vanished_is_said(tmp_path):
    campaigns = {name: post_to(name.upper(), start_time="14:40-14:50") for name in ("a", "b")}
    with Engine(tmp_path, at=START, campaigns=campaigns) as engine:
        engine.start().until("14:31")
        for name in campaigns:
            engine.remove(name)
        outcome = asked(engine)
        engine.after(6)
        assert (outcome()["unread"], outcome()["campaigns"]) == (True, 2)
