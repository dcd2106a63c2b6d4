"""How changes of halts are written: their SQL, and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from runner.adapters.ledger import schema
from runner.model.halt import FateMet, HaltDone, HaltTold

if TYPE_CHECKING:
    from sqlalchemy.sql.dml import Update

_halt = schema.halts.c
_halted = schema.halted.c


def halt_statements() -> dict[type[Any], Update]:
    """Return the statement of each kind of change."""
    of_halt = update(schema.halts).where(_halt.id == bindparam("of_id"))
    return {
        HaltTold: of_halt.values(told_at=bindparam("at")),
        FateMet: update(schema.halted)
        .where(_halted.halt_id == bindparam("of_id"), _halted.key == bindparam("of_key"))
        .values(fate=bindparam("becomes"), closed_at=bindparam("at")),
        HaltDone: of_halt.values(done_at=bindparam("at")),
    }


def _told(change: HaltTold | HaltDone) -> dict[str, Any]:
    return {"of_id": change.halt_id, "at": change.at}


def _met(change: FateMet) -> dict[str, Any]:
    return {"of_id": change.halt_id, "of_key": change.key, "becomes": change.fate.value, "at": change.at}


HALT_ROWS: dict[type[Any], Any] = {HaltTold: _told, FateMet: _met, HaltDone: _told}
