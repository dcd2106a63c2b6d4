"""What is asked of the ledger about what persons have written beside the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.asking import Asker
from runner.adapters.ledger.guards import holds_to_tell
from runner.adapters.ledger.records import decision_record, pieces, reload_wish, trigger_wish
from runner.model.reload import RELOAD, ReloadWish
from runner.model.trigger import TRIGGER, TriggerWish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.record import Decision, Hold

_is_open = schema.decisions.c.applied_at.is_(None)
_OPEN_DECISIONS = select(schema.decisions).where(_is_open).order_by(schema.decisions.c.id)
_ANYTHING = select(
    or_(
        exists().where(_is_open),
        exists().where(schema.is_held),
        exists().where(schema.is_to_do),
    )
)


class WishQuestions(Asker):
    """Answers questions about pauses, decisions and wishes."""

    def wishes(self) -> tuple[list[Hold], list[Decision], list[ReloadWish]]:
        """Return what persons have written beside the daemon and nobody has carried out, in one look."""
        with self._connection() as connection:
            rows = connection.execute(_OPEN_DECISIONS).mappings().all()
            decided = [decision_record(row) for row in rows if row["act"] not in {RELOAD, TRIGGER}]
            reloads = [reload_wish(row) for row in rows if row["act"] == RELOAD]
            return holds_to_tell(connection), decided, reloads

    def anything_wished(self) -> bool:
        """Tell whether there are any pauses, decisions, wishes or halts that are not over and done."""
        with self._connection() as connection:
            return bool(connection.execute(_ANYTHING).scalar_one())

    def open_triggers(self) -> list[TriggerWish]:
        """Return what persons want to be done now and is not planned yet, the oldest first."""
        return [trigger_wish(row) for row in self._mappings(_OPEN_DECISIONS) if row["act"] == TRIGGER]

    def trigger_wish(self, number: int) -> TriggerWish:
        """Return a wish for work now by its number, which `ask_to_trigger` has given."""
        (row,) = self._mappings(select(schema.decisions).where(schema.decisions.c.id == number))
        return trigger_wish(row)

    def open_decisions(self) -> list[Decision]:
        """Return what persons have decided and nobody has carried out, the oldest first."""
        return self.wishes()[1]

    def decision(self, number: int) -> Decision:
        """Return a decision by its number, which `decide` has given."""
        (row,) = self._mappings(select(schema.decisions).where(schema.decisions.c.id == number))
        return decision_record(row)

    def decisions(self, numbers: Sequence[int]) -> list[Decision]:
        """Return decisions by their numbers."""
        decision = schema.decisions
        return [
            decision_record(row)
            for some in pieces(numbers)
            for row in self._mappings(select(decision).where(decision.c.id.in_(some)))
        ]

    def reload_wish(self, number: int) -> ReloadWish:
        """Return a wish for a look at all files by its number, which `ask_to_reload` has given."""
        (row,) = self._mappings(select(schema.decisions).where(schema.decisions.c.id == number))
        return reload_wish(row)

    def holds(self) -> list[Hold]:
        """Return all pauses of whose end the log has not told yet, the oldest first."""
        with self._connection() as connection:
            return holds_to_tell(connection)
