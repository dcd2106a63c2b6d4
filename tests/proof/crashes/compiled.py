"""Let all ledgers of this process share their compiled SQL: compiling it anew is half of a short life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.adapters.ledger import writer
from runner.adapters.ledger.statements import Statements

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from runner.adapters.ledger import Ledger

_first: dict[str, Engine] = {}


def compiled_once(ledger: Ledger) -> None:
    """Give a ledger's engines the dialect and the cache of the first ones that were here."""
    _share("reader", ledger.reader._engine)
    _share("writer", ledger._writer._engine)


def _share(part: str, engine: Engine) -> None:
    first = _first.setdefault(part, engine)
    if first is not engine:
        engine.dialect = first.dialect
        engine._compiled_cache = first._compiled_cache


_statements: dict[str, Statements] = {}


def keep_statements() -> None:
    """Compile the writer's statements once in this process."""
    writer.Statements = _kept


def _kept(dialect: Any) -> Statements:
    if dialect.name not in _statements:
        _statements[dialect.name] = Statements(dialect)
    return _statements[dialect.name]
