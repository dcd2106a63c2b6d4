"""What the database reports, in the ledger's own errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from runner.errors import LedgerConflict, LedgerError, LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


def as_ledger_error(error: Exception) -> Exception:
    """Return the ledger's error for one of the database; anything else is returned as it is."""
    match error:
        case IntegrityError():
            return _caused(LedgerConflict(f"a row is there already: {error.orig}"), error)
        case DataError() | ProgrammingError():
            return _caused(LedgerError(f"the store refused what was asked: {error.orig}"), error)
        case DBAPIError():
            return _caused(LedgerUnavailable(f"the store does not work: {error.orig}"), error)
        case SQLAlchemyError() | OSError():
            return _caused(LedgerUnavailable(f"the store does not work: {error}"), error)
        case _:
            return error


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Turn the database's errors into the ledger's."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise as_ledger_error(error) from error


def _caused(error: LedgerError, cause: Exception) -> LedgerError:
    error.__cause__ = cause
    return error
