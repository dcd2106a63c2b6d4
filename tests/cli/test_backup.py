"""The store is copied beside its daemon, and put back while there is none."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import date

import pytest

from runner.adapters.ledger import Ledger, Reader
from runner.adapters.store_lock import sole_user
from runner.model.record import Event

DAY = date(2026, 12, 1)

of_a_file = pytest.mark.sqlite(reason="a store on a server is copied by the server's tools")


@pytest.fixture
def filled(project):
    project.plan(DAY)
    project.beat(1_796_115_600_000_000)
    return project


@of_a_file
def test_a_backup_is_whole_private_and_of_one_moment_while_others_write(filled):
    async def beside(ledger: Ledger):
        written = ledger.commit([Event(1, "a.b")])
        result = filled.ask("backup", "copy.db")
        assert result.exit_code == 0, result.output
        await written

    filled.with_ledger(beside)
    file = filled.folder / "copy.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM assignments").fetchone() == (2,)
    assert sorted(path.name for path in filled.folder.glob("*copy*")) == ["copy.db"]


@of_a_file
def test_a_file_that_is_there_is_overwritten_only_where_that_is_asked_for(filled):
    (filled.folder / "copy.db").write_text("precious")
    refused = filled.ask("backup", "copy.db")
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    assert (filled.folder / "copy.db").read_text() == "precious"
    assert filled.ask("backup", "copy.db", "--force").exit_code == 0
    assert filled.ask("restore", "copy.db").exit_code == 0
    for command in (("backup", "--force"), ("restore",)):
        itself = filled.ask(*command, "state/runner.db")
        assert (itself.exit_code, "the store itself" in itself.stderr) == (1, True)


@of_a_file
def test_a_backup_that_cannot_be_written_leaves_nothing_behind(filled):
    assert filled.ask("backup", "no/such/folder/copy.db").exit_code == 1
    assert [path.name for path in filled.folder.rglob("*.part")] == []


@of_a_file
def test_a_store_that_a_daemon_uses_is_not_replaced(filled):
    filled.ask("backup", "copy.db")
    with sole_user(filled.store):
        refused = filled.ask("restore", "copy.db")
    assert (refused.exit_code, "another daemon" in refused.stderr) == (75, True)
    assert list((filled.folder / "state").glob("*replaced*")) == []


@of_a_file
def test_a_restored_store_is_the_backup_and_the_one_before_is_kept(filled):
    filled.ask("backup", "copy.db")
    filled.commit(Event(1, "a.b"))
    shown = filled.ask("restore", "copy.db").stdout
    assert "restored what was known at 2026-12-01T10:00:00+01:00" in shown
    with closing(Reader.open(filled.store)) as reader:
        assert reader.last_event_id() == 0
        (restore,) = reader.restores()
        assert restore.backup_at == 1_796_115_600_000_000
    (kept,) = (filled.folder / "state").glob("runner-replaced-*.db")
    with closing(Reader.open(f"sqlite:///{kept}")) as reader:
        assert reader.last_event_id() == 1


@of_a_file
def test_a_backup_can_be_restored_where_there_is_no_store_or_a_damaged_one(filled):
    filled.ask("backup", "copy.db")
    store = filled.folder / "state" / "runner.db"
    store.write_bytes(b"damaged" * 999)
    assert filled.ask("restore", "copy.db").exit_code == 0
    (kept,) = (filled.folder / "state").glob("runner-replaced-*.db")
    assert kept.read_bytes().startswith(b"damaged")
    store.unlink()
    assert filled.ask("restore", "copy.db").exit_code == 0
    assert len(filled.rows("results", "--date", DAY)) == 2


def test_a_store_on_a_server_is_left_to_its_own_tools(filled):
    filled.write("config.yaml", "store: postgresql://u@127.0.0.1/x\nhosts: {pc: {url: 'http://x/'}}\n")
    for command in ("backup", "restore"):
        (filled.folder / "copy.db").touch()
        refused = filled.ask(command, "copy.db", *(["--force"] if command == "backup" else []))
        assert (refused.exit_code, "pg_dump" in refused.stderr) == (1, True)
