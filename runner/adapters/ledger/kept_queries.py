"""What was kept of assignments that were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from runner.adapters.ledger.asking import Asker
from runner.adapters.ledger.long_kept import daily_sums, used_rows
from runner.adapters.ledger.restored import all_restores
from runner.model.history import DailySum
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Connection

    from runner.model.history import Restore

_sum = daily_sums.c
_used = used_rows.c


class KeptQuestions(Asker):
    """Answers what is known of deleted assignments."""

    def restores(self) -> list[Restore]:
        """Return how often this store was restored from a copy, oldest first."""
        with self._connection() as connection:
            return all_restores(connection)

    def daily_sums(self, day: date, *, campaign: str | None = None) -> list[DailySum]:
        """Return what became of a day's deleted assignments, by campaign, script and host."""
        query = select(daily_sums).where(_sum.day == day.isoformat())
        if campaign is not None:
            query = query.where(_sum.campaign == campaign)
        counts: dict[tuple[str, str, str, str], dict[State, int]] = {}
        for row in self._mappings(query.order_by(*_sum)):
            name = (row["campaign"], row["script"], row["script_name"], row["host"])
            counts.setdefault(name, {})[State(row["state"])] = row["count"]
        return [DailySum(day, *name, of_states) for name, of_states in counts.items()]


def used_by_deleted(connection: Connection, campaign: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield entry, day, key, state and row of each deleted assignment that has used one, by their dues."""
    query = (
        select(_used.script, _used.day, _used.key, _used.content_row)
        .where(_used.campaign == campaign)
        .order_by(_used.due, _used.key)
    )
    for script, day, key, row in connection.execute(query):
        yield script, day, key, State.COMPLETED.value, row
