"""A store is made, migrated or refused when it is opened."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from support.store import asked, on_server, store_in, told

from runner.adapters.ledger import Ledger, Reader, migrations
from runner.adapters.ledger.dialect import database_url, file_identity, writing_engine
from runner.adapters.ledger.migrate import migrate
from runner.adapters.ledger.schema import metadata, tell_server_of_partial_indices
from runner.adapters.ledger.statements import Statements
from runner.adapters.ledger.upgrade import HEAD, REVISIONS
from runner.errors import LedgerTooNew, LedgerUnavailable, StoreInUse, StoreUnusable
from runner.model.record import Event

COLUMNS = """
    SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public'
"""
INDICES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"


def opened_and_closed(url):
    asyncio.run(Ledger.open(url).close())


def tables_of(file):
    connection = sqlite3.connect(file)
    found = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return found


def structure_of(url):
    """Return every table's columns and every index, whatever their order: columns are added at the end."""
    if on_server():
        return set(asked(url, COLUMNS)) | set(asked(url, INDICES))
    return {
        name: asked(url, f"PRAGMA table_info({name})") if kind == "table" else sql
        for kind, name, sql in asked(url, "SELECT type, name, sql FROM sqlite_master")
    }


def rewritten(file, *statements):
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_fresh_store_is_exactly_what_all_migrations_make(tmp_path):
    fresh, migrated = store_in(tmp_path, "fresh.db"), store_in(tmp_path, "migrated.db")
    opened_and_closed(fresh)
    migrate(database_url(migrated))
    assert structure_of(fresh) == structure_of(migrated)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_end_where_the_schema_is(tmp_path):
    url = database_url(store_in(tmp_path, "migrated.db"))
    migrate(url)
    with writing_engine(url, busy_timeout_seconds=1).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_the_list_of_revisions_is_that_of_the_migrations():
    scripts = ScriptDirectory(migrations.__path__[0]).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == REVISIONS


def test_a_store_of_an_earlier_version_is_migrated_in_a_process_of_its_own(facts, tmp_path):
    url = store_in(tmp_path, "runner.db")
    told(url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([Event(1, "a.b")])
            assert await ledger.last_event_id() == 1

    asyncio.run(scenario())


def test_a_migration_that_fails_is_reported_and_changes_nothing(tmp_path):
    file = tmp_path / "runner.db"
    rewritten(
        file,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "CREATE TABLE heartbeat (something TEXT)",
    )
    before = tables_of(file)
    with pytest.raises(LedgerUnavailable, match=r"could not be migrated: .*heartbeat already exists"):
        Ledger.open(f"sqlite:///{file}")
    assert tables_of(file) == before


def test_a_store_of_a_newer_version_is_not_touched(url):
    opened_and_closed(url)
    told(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerTooNew, match="9999"):
        Ledger.open(url)


def test_a_database_of_another_program_is_not_touched(tmp_path):
    url = store_in(tmp_path, "other.db")
    told(url, "CREATE TABLE customers (name TEXT)")
    before = structure_of(url)
    with pytest.raises(LedgerUnavailable, match="not a ledger"):
        Ledger.open(url)
    assert structure_of(url) == before


@pytest.mark.sqlite(reason="it is of the store's file")
def test_a_damaged_store_is_refused(url, tmp_path):
    opened_and_closed(url)
    file = tmp_path / "state" / "runner.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    with pytest.raises(LedgerUnavailable, match="damaged"):
        Ledger.open(url)
    file.write_bytes(b"this is no database at all" * 99)
    with pytest.raises(LedgerUnavailable):
        Ledger.open(url)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(LedgerUnavailable):
        Ledger.open(f"sqlite:///{tmp_path}/state/runner.db")


@pytest.mark.parametrize("url", ["runner.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d"])
def test_a_url_that_names_no_usable_store_is_refused_without_its_password(url):
    with pytest.raises(LedgerUnavailable) as refusal:
        Ledger.open(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("opening", [Ledger.open, Reader.open])
def test_a_server_that_cannot_be_reached_is_reported_with_or_without_its_driver(opening):
    with pytest.raises(LedgerUnavailable) as refusal:
        opening("postgresql://user:secret@127.0.0.1:1/runner")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("opening", [Ledger.open, Reader.open])
def test_without_the_driver_of_a_server_it_is_said_what_to_install(opening, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreUnusable, match=r"pip install 'campaign-runner\[postgres\]'"):
        opening("postgresql://user@127.0.0.1:1/runner")


def test_a_server_has_no_file_that_could_be_exchanged():
    assert file_identity(database_url("postgresql://user@127.0.0.1:1/runner")) is None


def test_many_processes_may_make_the_store_at_once(url):
    code = (
        f"import asyncio; from runner.adapters.ledger import Ledger;asyncio.run(Ledger.open({url!r}).close())"
    )
    makers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [maker.wait() for maker in makers] == [0, 0, 0]


def test_alembic_is_not_loaded_for_a_store_of_this_version(url):
    code = (
        "import asyncio, sys; from runner.adapters.ledger import Ledger;"
        f"asyncio.run(Ledger.open({url!r}).close()); asyncio.run(Ledger.open({url!r}).close());"
        "sys.exit(any(name.startswith('alembic') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_same_tables_and_statements_can_be_said_to_postgresql():
    dialect = postgresql.psycopg.dialect()
    tell_server_of_partial_indices()
    for table in metadata.sorted_tables:
        numbered = table.autoincrement_column is not None
        assert ("BIGSERIAL" in str(CreateTable(table).compile(dialect=dialect))) is numbered
        for index in table.indexes:
            said = str(CreateIndex(index).compile(dialect=dialect))
            assert said.startswith("CREATE UNIQUE INDEX" if index.unique else "CREATE INDEX")
            assert (" WHERE " in said) == (index.dialect_options["sqlite"]["where"] is not None)
    assert all("%(" in sql and ":a" not in sql for sql in Statements(dialect).of_kind.values())


def test_a_ledger_that_was_taken_over_writes_nothing_any_more(tmp_path):
    url = f"sqlite:///{tmp_path}/runner.db"

    async def scenario():
        stale, fresh = Ledger.open(url), Ledger.open(url)
        with pytest.raises(StoreInUse, match="taken over"):
            await stale.commit([Event(1, "a.b")])
        await fresh.commit([Event(2, "a.b")])
        assert [stored.event.at for stored in await stale.events()] == [2]
        await stale.close()
        await fresh.close()

    asyncio.run(scenario())
