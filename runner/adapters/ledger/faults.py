"""What the database reports, in the ledger's own errors."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from runner.adapters.ledger.server import one_line
from runner.errors import LedgerConflict, LedgerError, LedgerUnavailable, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator

_LASTING_CODES = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
_LASTING_ERRORS = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR}
)
_NO_PRIVILEGE = "42501"
_TURNED_AWAY = ("does not exist", "authentication failed", "permission denied", "no pg_hba.conf entry")
"""A server that speaks another language is tried again instead; it does no harm."""


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Turn the database's errors, and those of its files, into the ledger's; others pass."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise _as_ledger_error(error) from error


@contextmanager
def usable(store: object) -> Iterator[None]:
    """Tell a store that no second try will open from one that is only busy, full or out of reach.

    Raises StoreUnusable, which names the store, instead of LedgerUnavailable where it is of the first kind.
    """
    try:
        yield
    except StoreUnusable:
        raise
    except LedgerUnavailable as error:
        if _lasts(error.__cause__):
            raise StoreUnusable(f"{error} ({store})") from error
        raise


def _lasts(cause: BaseException | None) -> bool:
    if isinstance(cause, DBAPIError):
        code: int | None = getattr(cause.orig, "sqlite_errorcode", None)
        if code is None:
            return _server_lasts(cause.orig)
        # An extended code, e.g. SQLITE_READONLY_DIRECTORY, holds the plain one in its lowest byte.
        return code & 0xFF in _LASTING_CODES
    return isinstance(cause, OSError) and cause.errno in _LASTING_ERRORS


def _server_lasts(error: object) -> bool:
    # Whom a server turns away at its door is told so in words only.
    words = one_line(error)
    turned_away = "FATAL:" in words and any(reason in words for reason in _TURNED_AWAY)
    return turned_away or getattr(error, "sqlstate", None) == _NO_PRIVILEGE


def _as_ledger_error(error: SQLAlchemyError | OSError) -> LedgerError:
    match error:
        case IntegrityError():
            return LedgerConflict(f"a row is there already: {one_line(error.orig)}")
        case ProgrammingError() if getattr(error.orig, "sqlstate", None) == _NO_PRIVILEGE:
            return LedgerUnavailable(f"the store does not work: {one_line(error.orig)}")
        case DataError() | ProgrammingError():
            return LedgerError(f"the store refused what was asked: {one_line(error.orig)}")
        case DBAPIError():
            return LedgerUnavailable(f"the store does not work: {one_line(error.orig)}")
        case _:
            return LedgerUnavailable(f"the store does not work: {error}")
