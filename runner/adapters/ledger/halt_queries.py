"""What is asked of the ledger about halts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.asking import Asker
from runner.adapters.ledger.records import ASSIGNMENT_COLUMNS
from runner.errors import NotFound
from runner.model.halt import Depth, Fate, Halt, HaltScope, HaltStanding

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from runner.model.record import AssignmentRecord

_halt = schema.halts.c
_halted = schema.halted.c
_assigned = schema.assignments.c

# Made once: they are asked every second or so.
_OPEN = select(schema.halts).where(schema.is_to_do).order_by(_halt.id)
_of_halt = schema.is_left_to_do, _halted.halt_id == bindparam("halt_id")
_LEFT = (
    select(*ASSIGNMENT_COLUMNS)
    .join(schema.halted, _halted.key == _assigned.key)
    .where(*_of_halt, _halted.fate.is_(None))
    .order_by(_assigned.key)
)
_DROPPED = (
    select(*ASSIGNMENT_COLUMNS)
    .join(schema.halted, _halted.key == _assigned.key)
    .where(*_of_halt, _halted.fate == Fate.DROPPED.value)
    .order_by(_assigned.key)
    .limit(bindparam("limit"))
)


class HaltQuestions(Asker):
    """Answers how far halts are."""

    def open_halts(self) -> list[Halt]:
        """Return the halts for which something is left to do, the oldest first."""
        return [_record(row) for row in self._mappings(_OPEN)]

    def left_of_halt(self, halt_id: int) -> list[AssignmentRecord]:
        """Return the assignments that were under way when a halt was given and have met no fate yet."""
        return self._assignments(_LEFT, halt_id=halt_id)

    def untold_of_halt(self, halt_id: int, *, limit: int) -> list[AssignmentRecord]:
        """Return assignments that a halt has dropped and of which the log has not told, `limit` at most."""
        return self._assignments(_DROPPED, halt_id=halt_id, limit=limit)

    def halt_standing(self, number: int) -> HaltStanding:
        """Return how far a halt is; raises NotFound."""
        counted = (
            select(_halted.fate, func.count().label("number"))
            .where(_halted.halt_id == number)
            .group_by(_halted.fate)
        )
        with self._connection() as connection:
            row = connection.execute(select(schema.halts).where(_halt.id == number)).mappings().first()
            if row is None:
                raise NotFound(f"there is no halt {number}")
            counts = {found.fate: int(found.number) for found in connection.execute(counted)}
        open_still = counts.pop(None, 0)
        return HaltStanding(_record(row), {Fate(fate): count for fate, count in counts.items()}, open_still)


def _record(row: RowMapping) -> Halt:
    return Halt(**{**row, "depth": Depth(row["depth"]), "scope": HaltScope(row["scope"])})
