"""A store that no second try will open: the daemon says why at once, and ends so that nobody restarts it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from support.processes import Workplace, stopped, wait_until
from support.small_disk import read_only

from runner.adapters.ledger import Ledger

pytestmark = pytest.mark.timeout(60)


def refused(place, **options):
    """Run the daemon to its end; return its exit code and the reason that it gives."""
    with place.daemon(**options) as daemon:
        code = daemon.wait(30)
    (event,) = place.events()
    assert (event["event"], event["level"]) == ("daemon.refused", "error")
    return code, event["reason"]


@pytest.fixture
def place(tmp_path):
    place = Workplace(tmp_path)
    place.write_config({"pc": "http://127.0.0.1:9/api/v1"})
    return place


@pytest.fixture
def store(place):
    """Return the file of a store that an earlier daemon has left."""
    file = place.folder / "state/runner.db"
    Ledger.open(f"sqlite:///{file}", durable=False)._close()
    return file


def test_a_folder_that_cannot_be_written_is_named(place):
    with read_only(place.folder / "state") as through:
        code, reason = refused(place, through=through)
    assert code == 78
    assert reason.startswith(f"the store cannot be written: {place.folder}/state/runner.db.lock: ")


def test_a_file_in_the_folders_place_is_named(place):
    (place.folder / "state").write_text("")
    code, reason = refused(place)
    assert code == 78
    assert f"{place.folder}/state" in reason


def test_a_damaged_store_is_not_worked_on(place, store):
    whole = store.read_bytes()
    store.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    damaged = store.read_bytes()
    code, reason = refused(place)
    assert code == 78
    assert reason.startswith(f"the store {store} is damaged: ")
    assert store.read_bytes() == damaged


def test_a_file_that_is_no_database_is_named(place, store):
    store.write_text("this is no database" * 99)
    code, reason = refused(place)
    assert code == 78
    assert reason == f"the store does not work: file is not a database ({store})"


def test_a_store_of_a_newer_version_asks_for_that_version(place, store):
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    code, reason = refused(place)
    assert code == 78
    assert reason.startswith("the store has schema 9999, this program knows up to ")


def test_a_store_that_is_only_locked_now_may_be_tried_again(place, store):
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with place.daemon() as daemon:
            assert daemon.wait(30) == 1
        assert place.log.read_text() == "error: the store does not work: database is locked\n"
        other.execute("ROLLBACK")
        place.log.unlink()
        with place.daemon() as daemon:
            wait_until(lambda: place.events_named("daemon.started"), seconds=30, else_say=place.log.read_text)
            assert stopped(daemon) == 0
