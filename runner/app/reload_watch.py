"""Notice that somebody wants all files to be looked at now, and answer once that is done."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.model.record import DecisionApplied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.app.journal import Journal
    from runner.model.instant import Instant
    from runner.model.record import Change
    from runner.model.reload import Reloaded, ReloadWish


class ReloadWatch:
    """Keeps wishes from the ledger, and those of signals, until the next look at the files."""

    def __init__(self, *, journal: Journal) -> None:
        self._journal = journal
        self._open: tuple[ReloadWish, ...] = ()
        self._answered = 0
        """The number of the last wish that was answered: one may be seen once more just after it was."""
        self.look_anyway = False

    def look(self, wishes: Sequence[ReloadWish]) -> bool:
        """Take in the wishes that the ledger has open; tell whether there are any."""
        self._open = tuple(wish for wish in wishes if wish.id > self._answered)
        return bool(self._open)

    def take(self) -> tuple[ReloadWish, ...] | None:
        """Return the wishes that a look which begins now fulfils, None where nobody has asked for one."""
        if not self._open and not self.look_anyway:
            return None
        self.look_anyway = False
        return self._open

    async def answer(self, wishes: Sequence[ReloadWish], found: Reloaded, *, now: Instant) -> None:
        """Tell the log, and whoever waits, what a look has found; raises LedgerError."""
        outcome = json.dumps(asdict(found))
        changes: list[Change] = [DecisionApplied(wish.id, now, outcome) for wish in wishes]
        for owner in dict.fromkeys(wish.owner for wish in wishes) or [None]:
            told = event(
                "campaigns.reloaded",
                at=now,
                owner=owner,
                campaigns=found.campaigns,
                accepted=list(found.accepted) or None,
                removed=list(found.removed) or None,
                rejected=[one.file for one in found.rejected] or None,
            )
            changes.append(told)
        await self._journal.record(changes)
        self._answered = max((wish.id for wish in wishes), default=self._answered)
        self._open = tuple(wish for wish in self._open if wish.id > self._answered)
