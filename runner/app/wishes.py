"""Notice what persons have written into the store beside the daemon, soon and at next to no cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import LedgerUnavailable

if TYPE_CHECKING:
    from runner.adapters.ledger import Ledger
    from runner.app.decisions import DecisionWatch
    from runner.app.halts import HaltWatch
    from runner.app.holds import HoldWatch
    from runner.app.journal import Journal
    from runner.app.reload_watch import ReloadWatch
    from runner.app.restraints import Restraints
    from runner.model.instant import Instant
    from runner.model.trigger import TriggerWish


class WishWatch:
    """Asks for wishes of every kind where somebody has written into the store since it was asked last."""

    def __init__(
        self,
        restraints: Restraints,
        *,
        ledger: Ledger,
        journal: Journal,
        holds: HoldWatch,
        decisions: DecisionWatch,
        reloads: ReloadWatch,
        halts: HaltWatch,
    ) -> None:
        self._restraints = restraints
        self._ledger = ledger
        self._journal = journal
        self._holds = holds
        self._decisions = decisions
        self._reloads = reloads
        self._halts = halts
        self._look_anyway = True
        self._was_none = False
        """Did the last look find nothing at all, so that another one that finds nothing changes nothing?"""
        self.triggers: list[TriggerWish] = []
        """What persons want to be done now, as it was last read: for whoever makes the plan."""

    async def look(self, *, now: Instant) -> bool:
        """Carry out what is wished for; tell whether the files and the plan are to be looked at now."""
        runs_out = any(not hold.is_in_force(now) for hold in self._restraints.holds)
        if not (await self._ledger.was_written() or runs_out or self._look_anyway):
            return False
        look_anyway, self._look_anyway = self._look_anyway, True
        try:
            # Mostly it was we who wrote, if only that we are alive: one short question does then for all.
            if self._was_none and not look_anyway and not await self._ledger.anything_wished():
                self._look_anyway = False
                return False
            self._was_none = False
            holds, decided, reloads = await self._ledger.wishes()
            wanted = self._reloads.look(reloads)
            self.triggers = await self._ledger.open_triggers()
            await self._holds.look(holds, now=now)
            halted = await self._halts.look(now=now)
            all_carried_out = await self._decisions.carry_out(decided, now=now)
        except LedgerUnavailable as error:
            # The store is tried again with the next look, and intents ask it for pauses anyway.
            self._journal.failure("wishes", error)
            return False
        self._look_anyway = not all_carried_out
        self._was_none = not (holds or decided or reloads or self.triggers or halted)
        return wanted or bool(self.triggers)
