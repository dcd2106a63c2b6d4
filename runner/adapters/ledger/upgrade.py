"""Brings a store to this program's schema when it is opened, without alembic where nothing is to be done.

Importing alembic costs 100 ms and 10 MB, so a fresh store is made from the tables themselves (a test proves
that this equals the migrated schema), and an old one is migrated in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, update

from runner.adapters.ledger.alarm_tables import metadata
from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.chain import begin_chain
from runner.adapters.ledger.dialect import (
    found_damage,
    reading_engine,
    shown_url,
    sqlite_file,
    writing_engine,
)
from runner.adapters.ledger.faults import ledger_errors, usable
from runner.adapters.ledger.schema import heartbeat
from runner.errors import LedgerTooNew, LedgerUnavailable, StoreUnusable

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011")
"""All revisions of the schema, oldest first; the last one is this program's."""
HEAD = REVISIONS[-1]

_MIGRATION_TIMEOUT_SECONDS = 3_600
# As alembic makes it, so that it finds the revision where it looks for it.
_alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def prepare(url: URL, *, busy_timeout_seconds: float) -> None:
    """Make the store where there is none, check it, and migrate it where it is older than this program.

    Raises LedgerTooNew; StoreUnusable where it is damaged, not ours or not writable; LedgerUnavailable where
    it is out of reach, locked or full now.
    """
    file = sqlite_file(url)
    engine = writing_engine(url, busy_timeout_seconds=busy_timeout_seconds, create=True)
    with usable(shown_url(url) if file is None else file), ledger_errors():
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        with engine.begin() as connection:
            damage = None if file is None else found_damage(connection)
            if damage is not None:
                raise StoreUnusable(f"the store {file} is damaged: {damage}")
            revision = _revision_made_or_found(connection)
    check_known(revision)
    if revision != HEAD:
        _migrate_in_a_child(url)


def is_made(url: URL) -> bool:
    """Tell whether there is a store yet: a file, or anything in the database of a server.

    Raises LedgerUnavailable where a server cannot be asked.
    """
    file = sqlite_file(url)
    if file is not None:
        return file.is_file()
    engine = reading_engine(url, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    try:
        with ledger_errors(), engine.connect() as connection:
            return bool(inspect(connection).get_table_names())
    finally:
        engine.dispose()


def take_over(url: URL, *, busy_timeout_seconds: float) -> int:
    """Count one more daemon on the store, so that an earlier one can write no more; return the new count.

    Raises LedgerUnavailable where the store is out of reach.
    """
    engine = writing_engine(url, busy_timeout_seconds=busy_timeout_seconds)
    with ledger_errors(), engine.begin() as connection:
        earlier = connection.execute(select(heartbeat.c.generation)).scalar()
        generation = (earlier or 0) + 1
        if not connection.execute(update(heartbeat).values(generation=generation)).rowcount:
            connection.execute(heartbeat.insert().values(id=1, generation=generation))
    return generation


def found_revision(connection: Connection) -> str | None:
    """Return the schema's revision, None for a store that was begun but not yet brought to any.

    Raises StoreUnusable where the database holds no ledger.
    """
    seen = inspect(connection)
    if not seen.has_table(_alembic_version.name):
        if connection.dialect.name != "sqlite" and not seen.get_table_names():
            raise LedgerUnavailable("there is no store in the database yet: `campaign-runner run` makes it")
        raise StoreUnusable("the database is not a ledger of this program")
    return connection.execute(select(_alembic_version.c.version_num)).scalar()


def check_known(revision: str | None) -> None:
    """Raise LedgerTooNew where a revision is none of ours."""
    if revision is not None and revision not in REVISIONS:
        raise LedgerTooNew(f"the store has schema {revision}, this program knows up to {HEAD}: update it")


def _revision_made_or_found(connection: Connection) -> str | None:
    if inspect(connection).get_table_names():
        return found_revision(connection)
    metadata.create_all(connection)
    begin_chain(connection)
    _alembic_version.create(connection)
    connection.execute(_alembic_version.insert().values(version_num=HEAD))
    return HEAD


def _migrate_in_a_child(url: URL) -> None:
    # The URL may hold a password and goes in by standard input: everybody on the machine sees arguments.
    done = subprocess.run(
        [sys.executable, "-m", "runner.adapters.ledger.migrate"],
        input=url.render_as_string(hide_password=False),
        text=True,
        capture_output=True,
        timeout=_MIGRATION_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise LedgerUnavailable(f"the store could not be migrated: {done.stderr.strip()[-500:]}")
