"""Where databases differ: how a connection is made and begun, what is checked, how a row is replaced."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from runner.adapters.ledger.server import lazy_commit, server_engine, server_transaction
from runner.errors import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager
    from typing import Any, TypeAlias

    from sqlalchemy import URL, Connection, Engine, Table

READER_CONNECTIONS = 2
"""Readers at once: a long report must not hold up the question of what is due."""

_SQLITE_CACHE_KIB = 512
_LARGE_CACHE_KIB = 32_768
_COMPACTING_CACHE_KIB = 65_536
"""So many pages of an index by hash that a store of a million assignments reads few of them twice."""
_USUAL_LOG_PAGES = 1_000
"""As SQLite has it."""
_FOLDS = 8
"""What others write meanwhile stays in the log, and a log begins anew only where nothing is left in it; so it
is folded until nothing has come. Each time takes, and so leaves to others, less than the one before."""
_NORMAL = 1
"""Of `PRAGMA synchronous`: only what brings the log into the file waits for the disk."""
_BEGIN = "BEGIN"
FileIdentity: TypeAlias = "tuple[int, int] | None"


def database_url(url: str) -> URL:
    """Return the checked URL of a store.

    Raises LedgerUnavailable where it names no database that we can work with.
    """
    try:
        checked = make_url(url)
    except ArgumentError as error:
        raise LedgerUnavailable("the store is not a database URL, e.g. sqlite:///state/runner.db") from error
    match checked.get_backend_name():
        case "sqlite" if checked.database and not checked.database.startswith((":memory:", "file:")):
            return checked
        case "postgresql":
            return checked.set(drivername="postgresql+psycopg")
        case _:
            raise LedgerUnavailable(
                f"the store {shown_url(checked)} is not supported: "
                "write sqlite:///PATH or postgresql://USER@HOST/NAME"
            )


def shown_url(url: URL) -> str:
    """Return what people may read of a store's URL: no password, and nothing of its query."""
    return url.set(query={}).render_as_string(hide_password=True).replace("+psycopg:", ":", 1)


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a SQLite store, None for a server."""
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def file_identity(url: URL) -> FileIdentity:
    """Return what tells this store's file from another one under the same name; None for a server.

    Raises OSError where there is no file.
    """
    file = sqlite_file(url)
    if file is None:
        return None
    status = file.stat()
    return status.st_dev, status.st_ino


def writing_engine(
    url: URL, *, busy_timeout_seconds: float, durable: bool = True, create: bool = False
) -> Engine:
    """Return an engine whose transactions may write from their first moment on.

    Args:
        url: of the store.
        busy_timeout_seconds: how long to wait for another process's lock.
        durable: False gives up surviving a power cut, for simulations.
        create: make the file where there is none.
    """
    file = sqlite_file(url)
    if file is None:
        return server_engine(
            url, writes=True, busy_timeout_seconds=busy_timeout_seconds, durable=durable, poolclass=NullPool
        )

    def connect() -> sqlite3.Connection:
        connection = _sqlite(file, mode="rwc" if create else "rw", busy_timeout_seconds=busy_timeout_seconds)
        connection.execute("PRAGMA journal_mode=WAL")
        # In WAL mode NORMAL may lose the last commits in a power cut, and a lost intent means a second post.
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        return connection

    # IMMEDIATE: a transaction that reads first and asks for the lock later can fail half-way as "locked".
    # Named parameters let the same rows be handed to sqlite3 and to psycopg. Readers do without:
    # a question that names a thousand keys takes twice as long.
    return _sqlite_engine(connect, begin="BEGIN IMMEDIATE", paramstyle="named", poolclass=NullPool)


def transaction(connection: Connection) -> AbstractContextManager[object]:
    """Return a transaction, committed at its end; raises CommitUnclear where nobody knows whether it was."""
    return connection.begin() if connection.dialect.name == "sqlite" else server_transaction(connection)


@contextmanager
def without_sync(connection: Connection) -> Iterator[None]:
    """Let a transaction that is begun in here not wait for the disk; those before and after it do.

    The store is whole whatever happens: a power cut takes back the newest of such transactions, no other.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        with lazy_commit(connection):
            yield
        return
    (usual,) = driver.execute("PRAGMA synchronous").fetchone()
    driver.execute(f"PRAGMA synchronous={min(usual, _NORMAL)}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA synchronous={usual}")


def prefer_large_writes(connection: Connection, *, on: bool) -> None:
    """Let a connection keep more pages, and leave it to `fold_log` to bring them into the file; or not."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_COMPACTING_CACHE_KIB if on else _SQLITE_CACHE_KIB}")
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={0 if on else _USUAL_LOG_PAGES}")
        if not on:
            connection.exec_driver_sql("PRAGMA shrink_memory")


def fold_log(url: URL) -> None:
    """Bring what stands in a SQLite store's log into its file, without keeping anybody from writing."""
    file = sqlite_file(url)
    if file is None:
        return
    # Where it cannot be done now, the writer will do it after one of its next transactions.
    with suppress(sqlite3.Error), closing(_sqlite(file, mode="rw", busy_timeout_seconds=0)) as connection:
        before = None
        for _ in range(_FOLDS):
            found = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if found == before:
                break
            before = found


def reading_engine(url: URL, *, busy_timeout_seconds: float) -> Engine:
    """Return an engine that can only read, and that never makes a file."""
    file = sqlite_file(url)
    if file is None:
        return server_engine(
            url,
            writes=False,
            busy_timeout_seconds=busy_timeout_seconds,
            pool_size=READER_CONNECTIONS,
            max_overflow=0,
        )

    def connect() -> sqlite3.Connection:
        return _sqlite(file, mode="ro", busy_timeout_seconds=busy_timeout_seconds)

    return _sqlite_engine(
        connect, begin=_BEGIN, poolclass=QueuePool, pool_size=READER_CONNECTIONS, max_overflow=0
    )


def watching_connection(file: Path) -> sqlite3.Connection:
    """Return a connection to a SQLite store that waits for nobody; raises sqlite3.Error."""
    return _sqlite(file, mode="ro", busy_timeout_seconds=0.0)


def insert_or_replace(table: Table, *, dialect: str) -> Any:
    """Return an INSERT that overwrites all other columns where the primary key is already there."""
    statement = sqlite.insert(table) if dialect == "sqlite" else _server_insert(table)
    others = [column.name for column in table.columns if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: statement.excluded[name] for name in others},
    )


def insert_or_add(table: Table, *, dialect: str, added: Collection[str]) -> Any:
    """Return an INSERT that adds to some columns and overwrites the others where the key is there already."""
    statement = sqlite.insert(table) if dialect == "sqlite" else _server_insert(table)
    others = [column for column in table.columns if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={
            column.name: column + statement.excluded[column.name]
            if column.name in added
            else statement.excluded[column.name]
            for column in others
        },
    )


def _server_insert(table: Table) -> Any:
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 4 MB that a SQLite store does not need

    return postgresql.insert(table)


def found_damage(connection: Connection) -> str | None:
    """Return what is broken in a SQLite store's file, None where nothing is."""
    # All of the file is read, parts of it many times: with few pages at hand it takes three times as long.
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_LARGE_CACHE_KIB}")
    verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_CACHE_KIB}")
    return None if verdict == "ok" else str(verdict)


def _sqlite(file: Path, *, mode: str, busy_timeout_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{file.as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout_seconds,
        isolation_level=None,  # we say BEGIN ourselves
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    connection.execute(f"PRAGMA cache_size=-{_SQLITE_CACHE_KIB}")
    return connection


def _sqlite_engine(connect: Callable[[], sqlite3.Connection], *, begin: str, **options: Any) -> Engine:
    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, **options)

    @event.listens_for(engine, "begin")
    def say_begin(connection: Connection) -> None:
        if begin == _BEGIN:
            # It takes no lock and cannot fail; by SQLAlchemy it would cost as much as the question after it.
            driver = connection.connection.driver_connection
            driver.execute(begin)  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql(begin)

    return engine
