"""Tells whether anybody has written into the store since the last look, at next to no cost."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.adapters.ledger.dialect import sqlite_file, watching_connection

if TYPE_CHECKING:
    from sqlalchemy import URL


class StoreWatch:
    """Keeps a connection of its own to a SQLite store; of a server it always says that it may have changed.

    Not for two threads at once.
    """

    def __init__(self, url: URL) -> None:
        self._file = sqlite_file(url)
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def look(self) -> bool:
        """Tell whether the store was written since the last look, or cannot be looked at."""
        if self._file is None:
            return True
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
