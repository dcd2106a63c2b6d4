"""Tells whether anybody has written into the store since the last look, at next to no cost."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.dialect import reading_engine, sqlite_file, watching_connection
from runner.adapters.ledger.server import visible

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL, Connection


class FileWatch:
    """Keeps a connection of its own to a SQLite store. Not for two threads at once."""

    is_at_once = True
    """A look waits for nobody."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def look(self) -> bool:
        """Tell whether the store was written since the last look, or cannot be looked at."""
        try:
            if self._connection is None:
                self._connection = watching_connection(self._file)
            # It counts the commits of all other connections, those of this program too.
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self.close()
            return True
        before, self._version = self._version, int(version)
        return before != self._version

    def close(self) -> None:
        """Give up the connection; the next look makes another one."""
        connection, self._connection, self._version = self._connection, None, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


class ServerWatch:
    """Keeps a connection of its own to a store on a server. Not for two threads at once."""

    is_at_once = False

    def __init__(self, url: URL) -> None:
        self._engine = reading_engine(url, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
        self._connection: Connection | None = None
        self._seen: str | None = None

    def look(self) -> bool:
        """Tell whether anything on the server was written since the last look, or it cannot be looked at."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            seen = visible(self._connection)
        except SQLAlchemyError:
            self.close()
            return True
        before, self._seen = self._seen, seen
        return before != seen

    def close(self) -> None:
        """Give up the connection; the next look makes another one."""
        connection, self._connection, self._seen = self._connection, None, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()
        self._engine.dispose()


def watch_of(url: URL) -> FileWatch | ServerWatch:
    """Return what watches a store."""
    file = sqlite_file(url)
    return ServerWatch(url) if file is None else FileWatch(file)
