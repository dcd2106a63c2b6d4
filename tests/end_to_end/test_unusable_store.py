"""A store that no second try will open: the daemon says why at once, and ends so that nobody restarts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.processes import Workplace, stopped, wait_until
from support.small_disk import read_only
from support.store import held, on_server, store_in, told

from runner.adapters.ledger import Ledger

pytestmark = pytest.mark.timeout(60)
of_a_file = pytest.mark.sqlite(reason="it is of the store's file")


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
    """Return the URL of a store that an earlier daemon has left."""
    url = store_in(place.folder)
    Ledger.open(url, durable=False)._close()
    return url


@pytest.fixture
def file(store):
    return Path(store.removeprefix("sqlite:///"))


@of_a_file
def test_a_folder_that_cannot_be_written_is_named(place):
    with read_only(place.folder / "state") as through:
        code, reason = refused(place, through=through)
    assert code == 78
    assert reason.startswith(f"the store cannot be written: {place.folder}/state/runner.db.lock: ")


@of_a_file
def test_a_file_in_the_folders_place_is_named(place):
    (place.folder / "state").write_text("")
    code, reason = refused(place)
    assert code == 78
    assert f"{place.folder}/state" in reason


@of_a_file
def test_a_damaged_store_is_not_worked_on(place, file):
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    damaged = file.read_bytes()
    code, reason = refused(place)
    assert code == 78
    assert reason.startswith(f"the store {file} is damaged: ")
    assert file.read_bytes() == damaged


@of_a_file
def test_a_file_that_is_no_database_is_named(place, file):
    file.write_text("this is no database" * 99)
    code, reason = refused(place)
    assert code == 78
    assert reason == f"the store does not work: file is not a database ({file})"


def test_a_database_of_another_program_is_not_worked_on(place):
    (place.folder / "state").mkdir()
    told(store_in(place.folder), "CREATE TABLE customers (name TEXT)")
    assert refused(place) == (78, "the database is not a ledger of this program")


def test_a_store_of_a_newer_version_asks_for_that_version(place, store):
    told(store, "UPDATE alembic_version SET version_num = '9999'")
    code, reason = refused(place)
    assert code == 78
    assert reason.startswith("the store has schema 9999, this program knows up to ")


def test_a_store_that_is_only_locked_now_may_be_tried_again(place, store):
    with held(store), place.daemon() as daemon:
        assert daemon.wait(30) == 1
    why = "canceling statement due to lock timeout" if on_server() else "database is locked"
    assert place.log.read_text() == f"error: the store does not work: {why}\n"
    place.log.unlink()
    with place.daemon() as daemon:
        wait_until(lambda: place.events_named("daemon.started"), seconds=30, else_say=place.log.read_text)
        assert stopped(daemon) == 0
