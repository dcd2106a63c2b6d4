"""Migrates a store with alembic; a process of its own, so that the daemon never holds alembic in memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

from runner.adapters.ledger.dialect import database_url, writing_engine
from runner.adapters.ledger.faults import ledger_errors
from runner.errors import LedgerError

if TYPE_CHECKING:
    from sqlalchemy import URL

_BUSY_TIMEOUT_SECONDS = 60.0


def migrate(url: URL) -> None:
    """Bring a store to the newest schema, all revisions in one transaction."""
    config = Config()
    config.set_main_option("script_location", "runner.adapters.ledger:migrations")
    config.set_main_option("path_separator", "os")
    engine = writing_engine(url, busy_timeout_seconds=_BUSY_TIMEOUT_SECONDS, create=True)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def main() -> None:
    """Migrate the store whose URL comes in by standard input; leave with one line where that fails."""
    try:
        with ledger_errors():
            migrate(database_url(sys.stdin.read().strip()))
    except LedgerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
