"""Where the stores of tests are: files in their folders, or databases of the session's PostgreSQL server."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from support.server import programs

from runner.adapters.ledger.dialect import database_url, writing_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = "CAMPAIGN_RUNNER_TEST_SERVER"
"""In the environment, so that the workers of a session have it, too: the server's URL, without a database."""

_made: dict[str, str] = {}
"""Databases that this process has made, by the names of the files in whose place they are."""


def on_server() -> bool:
    """Tell whether stores are on a server."""
    return SERVER in os.environ


def store_in(folder: Path, name: str = "state/runner.db") -> str:
    """Return the URL of a folder's store; on a server its database is made when it is named first."""
    if not on_server():
        return f"sqlite:///{folder}/{name}"
    file = str(folder / name)
    if file not in _made:
        database = f"t{sha1(file.encode(), usedforsecurity=False).hexdigest()[:20]}"
        _ask_server(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        # Half as long as by the log, which matters to servers that have others to serve.
        _ask_server(f"CREATE DATABASE {database} TEMPLATE template0 STRATEGY file_copy")
        _made[file] = database
    return f"{os.environ[SERVER]}/{_made[file]}"


def examples(count: int) -> int:
    """Return how many examples of a rule to try: a server takes ten times as long to make a store."""
    return count // 4 if on_server() else count


def stores_made() -> frozenset[str]:
    """Return what this process has made on the server."""
    return frozenset(_made)


def drop_stores(*, but: frozenset[str]) -> None:
    """Drop what this process has made on the server, but for these, e.g. what a whole module uses."""
    for file, database in list(_made.items()):
        if file not in but:
            _ask_server(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            del _made[file]


@contextmanager
def changed(store: str) -> Iterator[Any]:
    """Open a store beside the ledger; what is done is committed at the end. Rows have names."""
    if store.startswith("sqlite:///"):
        with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as connection, connection:
            connection.row_factory = sqlite3.Row
            yield connection
        return
    import psycopg  # noqa: PLC0415 - not there for those who test on SQLite alone

    with psycopg.connect(store) as connection:
        yield connection


def asked(store: str, sql: str, *values: object) -> list[Any]:
    """Ask a store beside the ledger; `?` stands for a value."""
    with changed(store) as connection:
        answer = connection.execute(in_words_of(store, sql), values)
        # An UPDATE has none.
        return [tuple(row) for row in answer.fetchall()] if answer.description else []


def rows_asked(store: str, sql: str) -> list[dict[str, Any]]:
    """Ask a store beside the ledger for rows by their columns."""
    with changed(store) as connection:
        asking = connection.execute(sql)
        names = [column[0] for column in asking.description]
        return [dict(zip(names, row, strict=True)) for row in asking.fetchall()]


def told(store: str, sql: str, *values: object) -> None:
    """Change a store beside the ledger; `?` stands for a value."""
    with changed(store) as connection:
        connection.execute(in_words_of(store, sql), values)


def values_in(store: str) -> Iterator[tuple[str, object]]:
    """Yield each value of each column of each table of a store, with the table's name."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not store.startswith("sqlite:///"):
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    for (table,) in asked(store, tables):
        for row in asked(store, f'SELECT * FROM "{table}"'):  # noqa: S608 - the store's own names
            yield from ((table, value) for value in row)


def bytes_kept(folder: Path) -> bytes:
    """Return all that is kept of a folder's state: the files beside its store, and what is in the store."""
    kept = b"".join(file.read_bytes() for file in (folder / "state").glob("*"))
    if on_server():
        values = [value for _, value in values_in(store_in(folder))]
        assert values, "there is nothing in the store"
        kept += b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    assert kept, "nothing is kept"
    return kept


def dump(store: str, file: Path) -> None:
    """Copy a store on a server into a file, as its users do."""
    _run("pg_dump", "--format=custom", f"--file={file}", store)


def put_back(store: str, file: Path) -> None:
    """Make a database anew from such a file, as its users do."""
    database = store.rpartition("/")[2]
    _ask_server(f"DROP DATABASE {database} WITH (FORCE)")
    _ask_server(f"CREATE DATABASE {database} TEMPLATE template0")
    _run("pg_restore", f"--dbname={store}", str(file))


@contextmanager
def held(store: str) -> Iterator[None]:
    """Hold the store's write lock, as a backup might."""
    with writing_engine(database_url(store), busy_timeout_seconds=1).begin() as connection:
        yield
        connection.rollback()


def in_words_of(store: str, sql: str) -> str:
    return sql if store.startswith("sqlite:///") else sql.replace("%", "%%").replace("?", "%s")


def _run(program: str, *words: str) -> None:
    binaries = programs()
    assert binaries is not None
    subprocess.run([str(binaries / program), *words], check=True)


def _ask_server(sql: str) -> None:
    import psycopg  # noqa: PLC0415 - not there for those who test on SQLite alone

    with psycopg.connect(f"{os.environ[SERVER]}/postgres", autocommit=True) as connection:
        connection.execute(sql)
