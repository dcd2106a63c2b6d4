"""A store that was restored repeats nothing that may have been submitted after its backup was made."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to
from support.store import dump, on_server, put_back

from runner.adapters.ledger.decisions import decide
from runner.app import decisions
from runner.app.backup import back_up, mark, restore
from runner.app.load_config import load_config
from runner.app.resolve_day import resolve_day, unknown_of_day
from runner.app.rhythm import Rhythm
from runner.model.record import Resolution

START = "2026-11-23 14:29:50"
SERIALS = ("A", "B", "C", "D", "E", "F")
LONG = {"start_time": "14:30-15:00", "spread": "even"}


class Slow(Engine):
    """An engine whose hours go by quickly."""

    rhythm = Rhythm(heartbeat_seconds=30, pulse_seconds=15, probe_seconds=600)


def engine_of(tmp_path, campaigns=None):
    hosts = {"pc": {"serials": (*SERIALS, "G"), "duration_seconds": (300, 300)}}
    chosen = campaigns or {"c": post_to(*SERIALS, **LONG)}
    return Slow(tmp_path, at=START, campaigns=chosen, hosts=hosts, poll_interval="1m")


def settings_of(engine):
    config = load_config(engine.folder / "config.yaml", environ={}, working_folder=engine.folder)
    return config.config.settings


def backed_up(engine):
    file = engine.folder / "backup.db"
    if on_server():
        dump(engine.store, file)
    else:
        back_up(settings_of(engine), file, overwrite=True)


def restored(engine):
    """Stop the daemon and put the backup in the place of its store, an instant later."""
    engine.stop()
    engine.after_rest(1)
    settings, file, now = settings_of(engine), engine.folder / "backup.db", engine.clock.now()
    if on_server():
        put_back(engine.store, file)
        return mark(settings, owner="ann", now=now)
    return restore(settings, file, owner="ann", now=now)


def submitted_to(engine):
    return sorted(body["serials"][0] for _, body in engine.created())


def test_nothing_is_submitted_twice_whatever_was_done_after_the_backup(tmp_path):
    with engine_of(tmp_path) as engine:
        engine.start().until("14:34")
        assert submitted_to(engine) == ["A"]
        backed_up(engine)
        engine.until("14:39")
        assert submitted_to(engine) == ["A", "B"]
        done = restored(engine)
        assert on_server() or done.kept_as.exists()
        engine.start().until("15:05")
        assert submitted_to(engine) == ["A", "B"]
        # What the backup knows as on its host is followed to its end.
        assert engine.states() == {"A": "completed"} | dict.fromkeys("BCDEF", "unknown")
        assert engine.record("B").reason.startswith("the store was restored from a backup of 2026-11-23T13:3")
        (told,) = engine.told("store.restored")
        assert (told.fields["owner"], told.fields["count"]) == ("ann", 5)
        assert len(engine.told("assignment.unknown")) == 5
        engine.restart()
        assert len(engine.told("store.restored")) == 1


def test_a_person_who_has_looked_lets_it_go_again(tmp_path):
    with engine_of(tmp_path) as engine:
        engine.start().until("14:34")
        backed_up(engine)
        restored(engine)
        engine.start().after(5)
        key = engine.record("F").assignment.key
        store = settings_of(engine).store
        decide(store, key=key, act=Resolution.RESUBMIT, owner="ann", reason=None, now=engine.clock.now())
        engine.after(20)
        # An edit, after which the day is planned anew, does not doubt it again.
        engine.edit("c", post_to(*SERIALS, "G", **LONG))
        engine.until("14:59")
        assert submitted_to(engine) == ["A", "F"]
        # What the edit has brought may have been there before the restore, too.
        assert engine.states()["G"] == "unknown"


def test_a_whole_day_goes_again_at_once_when_a_person_says_so(tmp_path, monkeypatch):
    # More than one look carries out: none is left behind.
    monkeypatch.setattr(decisions, "TOGETHER", 2)
    monkeypatch.setattr(decisions, "AT_ONCE", 2)
    with engine_of(tmp_path) as engine:
        engine.start().until("14:34")
        backed_up(engine)
        restored(engine)
        engine.start().after(5)
        settings, day, now = settings_of(engine), engine.today(), engine.clock.now()
        found = unknown_of_day(settings, campaign="c", day=day, act=Resolution.RESUBMIT, now=now)
        assert (len(found.able), found.left) == (5, {})
        resolve_day(settings, found, owner="ann", reason="looked", now=now)
        engine.after(20)
        assert len(engine.told("decision.applied", owner="ann", reason="looked")) == 5
        engine.until("15:05")
        assert submitted_to(engine) == list(SERIALS)


def test_work_that_the_backup_had_never_planned_is_doubted_too(tmp_path):
    with engine_of(tmp_path, {"c": post_to("A")}) as engine:
        engine.start()
        backed_up(engine)
        engine.edit("late", post_to("B", "C", start_time="14:31-15:00", spread="together"))
        engine.until("14:40")
        assert submitted_to(engine) == ["A", "B", "C"]
        restored(engine)
        engine.start().until("14:50")
        assert submitted_to(engine) == ["A", "B", "C"]
        assert engine.states() == dict.fromkeys("ABC", "unknown")
        assert len(engine.told("assignment.unknown")) == 3


def test_windows_that_open_after_the_restore_go_as_usual(tmp_path):
    with engine_of(tmp_path, {"c": post_to("A", start_time="15:01-15:10")}) as engine:
        engine.start()
        backed_up(engine)
        engine.until("14:40")
        restored(engine)
        engine.start().until("15:20")
        assert engine.states() == {"A": "completed"}


@pytest.mark.sqlite(reason="a store on a server is put back by the server's tools")
@pytest.mark.parametrize("what", ["missing", "broken", "another program's"])
def test_a_backup_that_cannot_be_used_changes_nothing(tmp_path, what):
    with engine_of(tmp_path) as engine:
        engine.start().until("14:34")
        backed_up(engine)
        file = engine.folder / "backup.db"
        match what:
            case "missing":
                file.unlink()
            case "broken":
                file.write_bytes(file.read_bytes()[:9_000])
            case _:
                file.write_bytes(b"no database at all" * 100)
        with pytest.raises(Exception, match="backup"):
            restored(engine)
        engine.start().until("14:39")
        assert submitted_to(engine) == ["A", "B"]
        assert [path.name for path in (engine.folder / "state").iterdir() if "part" in path.name] == []
