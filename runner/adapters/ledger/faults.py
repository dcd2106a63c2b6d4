"""What the database reports, in the ledger's own errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from runner.errors import LedgerConflict, LedgerError, LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Turn the database's errors, and those of its files, into the ledger's; others pass."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise _as_ledger_error(error) from error


def _as_ledger_error(error: SQLAlchemyError | OSError) -> LedgerError:
    match error:
        case IntegrityError():
            return LedgerConflict(f"a row is there already: {error.orig}")
        case DataError() | ProgrammingError():
            return LedgerError(f"the store refused what was asked: {error.orig}")
        case DBAPIError():
            return LedgerUnavailable(f"the store does not work: {error.orig}")
        case _:
            return LedgerUnavailable(f"the store does not work: {error}")
