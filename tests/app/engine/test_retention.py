"""The daemon deletes what is old, keeps sums of it, and goes on as if nothing had happened."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from support.engine import Engine, post_to

from runner.adapters.ledger import Reader
from runner.app.audit import verify
from runner.app.rhythm import Rhythm
from runner.model.state import State
from runner.simulator.history import HappeningKind

START = "2026-11-23 14:29:50"
DAY = 86_400


class Slow(Engine):
    """An engine whose days go by quickly."""

    rhythm = Rhythm(
        heartbeat_seconds=300, look_seconds=300, pulse_seconds=120, wish_seconds=120, probe_seconds=3_600
    )


def with_history(tmp_path):
    campaigns = {"c": post_to("A", "B")}
    return Slow(tmp_path, at=START, campaigns=campaigns, retention="3d", poll_interval="5m")


def reader(engine):
    return closing(Reader.open(engine.store))


def test_a_day_is_sums_once_it_is_older_than_the_config_keeps(tmp_path):
    with with_history(tmp_path) as engine:
        engine.start().until("15:20")
        assert engine.states() == {"A": "completed", "B": "completed"}
        engine.stop()
        engine.after_rest(6 * DAY)
        engine.start().after(3_500)
        assert engine.told("audit.head") == []
        engine.after(200)
        assert len(engine.told("audit.head")) == 1
        # Of the last three days of work nothing goes, and there was only one so far.
        engine.after(2 * DAY)
        assert engine.told("store.compacted") == []
        # Of the days that were missed all are older than three days, two days later.
        engine.after(DAY)
        (told,) = engine.told("store.compacted")
        assert told.fields["assignments"] == 12
        with reader(engine) as asked:
            sums = [asked.daily_sums(date(2026, 11, day)) for day in range(24, 31)]
            assert [[one.counts for one in of_day] for of_day in sums] == [[{State.MISSED: 2}]] * 6 + [[]]
            assert verify(asked, expected={}).breaks == ()
        # The day of the newest tasks stays: by them a cleared list is noticed.
        assert len(engine.records(day=date(2026, 11, 23))) == 2
        head = engine.told("audit.head")[-1]
        assert head.fields["head"].partition(":")[0].isdecimal()
        # The same again, a day later: nothing is told or submitted twice.
        created = len(engine.created())
        engine.after(DAY)
        assert len(engine.told("audit.head")) == 5
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert len(engine.created()) == created + 2
        engine.restart()
        engine.after(60)
        assert len(engine.created()) == created + 2


def test_nothing_is_deleted_while_the_clock_may_be_wrong(tmp_path):
    with with_history(tmp_path) as engine:
        engine.start().until("15:20")
        engine.set_clock(300 * DAY)
        engine.after(3_000)
        engine.set_clock(-300 * DAY)
        engine.after(3_000)
        assert engine.told("store.compacted") == []
        assert len(engine.told("clock.jumped")) == 2
        engine.after(3_700)
        assert len(engine.records(day=date(2026, 11, 23))) == 2


def test_what_was_done_today_is_not_done_again_after_a_clock_that_was_years_ahead(tmp_path):
    entries = {f"post{number}": post_to(*"ABCDE", start_time="09:00-14:00") for number in range(6)}
    settings = {"hosts": {"pc": {"serials": tuple("ABCDE")}}, "retention": "3d", "poll_interval": "1m"}
    with Slow(tmp_path, at="2026-11-23 08:59", campaigns=entries, **settings) as engine:
        engine.start().until("10:30")
        engine.set_clock(400 * DAY)
        engine.after(2 * 3_600)
        # Each day of work has more tasks than are kept however old they are.
        assert len(engine.of(HappeningKind.COMMITTED)) == 2 * 30
        engine.set_clock(-400 * DAY)
        engine.until("13:50")
        assert len(engine.of(HappeningKind.COMMITTED)) == 2 * 30
        assert len(engine.records(day=engine.today())) == 30
