"""A store that does not work for a while: no request without an intent, and no result lost."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.engine import Engine, post_to
from support.store import held

from runner.errors import LedgerConflict, LedgerError, LedgerUnavailable, StoreInUse
from runner.simulator.history import HappeningKind
from runner.simulator.options import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.record import AssignmentRecord

START = "2026-11-23 14:29:50"


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Hold the store's write lock, as a backup might."""
    engine.forgiven = True
    with held(engine.store):
        yield


@contextmanager
def unreadable(engine: Engine, *methods: str) -> Iterator[None]:
    """Let questions to the ledger fail."""
    engine.forgiven = True

    async def fails(*_args: object, **_kwargs: object) -> None:
        raise LedgerUnavailable("the disk is gone")

    for method in methods:
        setattr(engine.ledger, method, fails)
    try:
        yield
    finally:
        for method in methods:
            delattr(engine.ledger, method)


def test_without_an_intent_on_disk_nothing_is_sent(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}) as engine:
        engine.start()
        with locked(engine):
            engine.until("14:30:20")
            assert engine.created() == []
        engine.until("14:32")
        assert engine.states() == {"A": "completed", "B": "completed"}
        ((part, error),) = engine.log.failures
        assert part == "store"
        assert re.fullmatch(r"the store does not work: .*(is locked|lock timeout)", str(error))
        assert engine.log.recoveries == 1


def test_an_answer_that_cannot_be_written_now_is_written_later(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "latency_seconds": (2.0, 2.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=hosts) as engine:
        engine.start().until("14:30:03")
        with locked(engine):
            engine.until("14:30:20")
            assert len(engine.of(HappeningKind.COMMITTED)) == 1
        engine.until("14:32")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_a_retry_that_cannot_be_written_now_is_written_later(tmp_path):
    hosts = {"pc": {"serials": ("A",), "failure_rate": 1.0, "latency_seconds": (1.0, 1.0)}}
    campaign = post_to("A", start_time="14:30-15:30", retry={"attempts": 1, "delay": "10s"})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        engine.start()
        while not any(asked.endswith("/retry") for asked in engine.asked("POST")):
            engine.after(0.5)
        with locked(engine):
            engine.after(20)
        engine.until("14:34")
        assert engine.record("A").attempts == 2
        assert engine.states() == {"A": "failed"}


def test_a_withdrawal_that_cannot_be_written_now_is_written_later(tmp_path):
    long = {"duration_seconds": (3600.0, 3600.0), "latency_seconds": (1.0, 1.0)}
    hosts = {"pc": {"serials": ("A", "B"), "plan": Plan(concurrency=1), **long}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", "B")}, hosts=hosts) as engine:
        engine.start()
        while not engine.asked("DELETE"):
            engine.after(0.5)
        with locked(engine):
            engine.after(20)
        engine.until("14:47")
        assert sorted(engine.states().values()) == ["expired", "running"]


def test_a_look_that_cannot_be_recorded_is_repeated_at_once(tmp_path):
    hosts = {"pc": {"serials": ("A",), "duration_seconds": (60.0, 60.0)}}
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}, hosts=hosts) as engine:
        engine.start().until("14:30:58")
        with locked(engine):
            engine.until("14:31:07")
        engine.until("14:31:25")
        assert engine.states() == {"A": "completed"}


def test_results_come_although_the_store_could_not_be_read_for_a_while(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:02")
        with unreadable(engine, "on_host"):
            engine.until("14:30:20")
        engine.until("14:31")
        assert engine.states() == {"A": "completed"}


def test_requests_under_way_are_not_cut_off_by_a_look_that_fails(tmp_path):
    hosts = {"pc": {"serials": ("A", "B"), "latency_seconds": (4.0, 4.0)}}
    campaigns = {"c": post_to("A"), "d": post_to("B", start_time="14:30:02-14:45")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.start().until("14:30:01")
        with unreadable(engine, "due"):
            engine.until("14:30:15")
        engine.until("14:32")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_an_edit_takes_effect_although_its_plan_could_not_be_stored_at_first(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", post_to("A", "B", start_time="14:40-14:50"))
        with unreadable(engine, "store_plan"):
            engine.until("14:31:20")
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_an_edit_is_accepted_although_the_store_was_locked(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A", start_time="14:40-14:50")}) as engine:
        engine.start().until("14:31")
        engine.edit("c", post_to("A", "B", start_time="14:40-14:50"))
        with locked(engine):
            engine.until("14:31:20")
        engine.until("14:42")
        assert engine.states() == {"A": "completed", "B": "completed"}


def test_a_window_that_closes_while_the_store_is_locked_is_told_afterwards(tmp_path):
    with Engine(tmp_path, at="2026-11-23 14:44:50", campaigns={"c": post_to("A")}) as engine:
        engine.host().person.close_port(seconds=600)
        engine.start()
        with locked(engine):
            engine.until("14:45:20")
        engine.until("14:45:40")
        assert engine.states() == {"A": "missed"}


def test_a_host_that_returns_while_the_store_is_locked_gets_its_work(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.host().person.close_port(seconds=60)
        engine.start().until("14:30:40")
        with locked(engine):
            engine.until("14:31:30")
        engine.until("14:34")
        assert engine.states() == {"A": "completed"}
        assert engine.told("host.")[-1].name == "host.ready"


def test_a_clock_that_is_set_back_while_the_store_is_locked_stops_nothing(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start().until("14:30:03")
        with locked(engine):
            engine.set_clock(-3600)
            engine.until("14:30:20")
        engine.until("14:31:30")
        assert engine.states() == {"A": "completed"}


def test_it_stops_although_the_store_does_not_work(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start()
        with locked(engine):
            engine.after(3)
            engine.stop()
        engine.start().until("14:32")
        assert engine.states() == {"A": "completed"}


def test_an_error_in_one_hosts_loop_is_told_and_does_not_stop_it(tmp_path):
    hosts = {"pc": {"serials": ("A",)}, "other": {"serials": ("B",)}}
    campaigns = {"c": post_to("A", host="pc"), "d": post_to("B", host="other")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.forgiven = True
        engine.start().until("14:30:02")
        look, failed = engine.ledger.on_host, []

        async def fails_once(host: str, **kwargs: object) -> object:
            if host == "pc" and not failed:
                failed.append(host)
                raise ValueError("a mistake of ours")
            return await look(host, **kwargs)

        engine.ledger.on_host = fails_once
        engine.until("14:31")
        assert [(part, str(error)) for part, error in engine.log.failures] == [
            ("poll pc", "a mistake of ours")
        ]
        assert engine.states() == {"A": "completed", "B": "completed"}


@pytest.mark.parametrize("for_ever", [False, True])
def test_an_edit_while_missed_work_is_told_is_no_stall_unless_it_never_ends(tmp_path, for_ever):
    with Engine(tmp_path, at="2026-11-23 14:44:50", campaigns={"c": post_to("A")}) as engine:
        engine.host().person.close_port(seconds=600)
        engine.start()
        engine.forgiven = for_ever
        closing, stale = engine.ledger.closing, []

        def put(record: AssignmentRecord, state: str) -> None:
            engine.query("UPDATE assignments SET state = ? WHERE key = ?", state, record.assignment.key)

        async def read_before_an_edit(**kwargs: object) -> object:
            if stale and for_ever:
                put(stale[0], "planned")
            found = await closing(**kwargs)
            stale.extend(found)
            for record in found:
                put(record, "cancelled")
            return found

        engine.ledger.closing = read_before_an_edit
        engine.until("14:45:03")
        assert engine.states() == {"A": "cancelled"}
        assert len(stale) == (5 if for_ever else 1)
        assert [type(error) for _, error in engine.log.failures] == [LedgerConflict] * for_ever


def test_what_the_store_will_never_take_is_told(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.forgiven = True
        engine.start()
        commit = engine.ledger.commit

        def refuse(_changes: object) -> object:
            raise LedgerError("nonsense")

        engine.ledger.commit = refuse
        engine.loop.call_soon(engine.journal.note, [])
        engine.after(0.5)
        engine.ledger.commit = commit
        assert [str(error) for _, error in engine.log.failures] == ["nonsense"]


def test_a_daemon_whose_store_was_taken_over_submits_nothing_more_and_ends(tmp_path):
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": post_to("A")}) as engine:
        engine.start().after(10)
        engine.query("UPDATE heartbeat SET generation = generation + 1")
        with pytest.raises(StoreInUse, match="another daemon has taken over the store"):
            engine.until("14:31")
        assert engine.created() == []
        engine.forgiven = True
