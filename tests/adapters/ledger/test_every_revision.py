"""A store of every earlier revision is brought up to date without losing anything, and works then."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config

from runner.adapters.ledger import Ledger
from runner.adapters.ledger.dialect import database_url, writing_engine
from runner.adapters.ledger.upgrade import HEAD, REVISIONS
from runner.app.audit import verify
from runner.model.record import Event

SENSIBLE = {
    "state": "completed",
    "kind": "serial",
    "day": "2026-12-01",
    "act": "create",
    "outcome": "accepted",
    "fields": '{"reason":"x"}',
    "order_json": '{"script_config":{},"enable_multi_account":null,"min_interval":null,"max_interval":null,'
    '"expected_tasks":1,"retry":null,"at_close":"leave","on_unsettled":"hold"}',
    "scope": "all",
    "id": 1,
    "due": 5,
    "ready_at": 5,
}


def made(url, revision):
    config = Config()
    config.set_main_option("script_location", "runner.adapters.ledger:migrations")
    config.set_main_option("path_separator", "os")
    with writing_engine(url, busy_timeout_seconds=1, create=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def contents(file):
    """Return the rows of every table, each by its columns."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608
            for (name,) in names
            if name != "alembic_version"
        }


def fill(file):
    """Put a row into every table that has none."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for name, rows in contents(file).items():
            if rows:
                continue
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            values = [
                SENSIBLE.get(column, 1 if "INT" in kind or kind == "BOOLEAN" else "x")
                if required or column in SENSIBLE
                else None
                for _, column, kind, required, *_ in columns
            ]
            marks = ",".join("?" * len(values))
            connection.execute(f"INSERT INTO {name} VALUES ({marks})", values)  # noqa: S608


@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_is_lost_on_the_way_to_the_newest_schema(tmp_path, revision):
    file = tmp_path / "runner.db"
    made(database_url(f"sqlite:///{file}"), revision)
    fill(file)
    before = contents(file)

    async def use():
        ledger = Ledger.open(f"sqlite:///{file}")
        after = contents(file)
        (record,) = await ledger.assignments()
        assert record.assignment.due == 5
        await ledger.commit([Event(2, "a.b")])
        assert [stored.event.name for stored in await ledger.events()] == ["x", "a.b"]
        breaks = verify(ledger.reader, expected={}).breaks
        await ledger.close()
        return after, breaks

    after, breaks = asyncio.run(use())
    # What was there before the chain is not part of it; a row that was put in behind it by hand is told of.
    assert bool(breaks) == (revision >= "0006")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    for table, rows in before.items():
        for row, kept in zip(rows, after[table], strict=True):
            same = {name: value for name, value in row.items() if name != "generation"}
            assert {name: kept[name] for name in same} == same, table
