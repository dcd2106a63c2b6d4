"""Plan what persons want to be done now, beside the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.journal import event
from runner.core.content import Rows, has_content
from runner.core.trigger import closes_at, triggered
from runner.model.record import DecisionApplied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from runner.adapters.ledger import Ledger
    from runner.app.journal import Journal
    from runner.app.reload import InForce
    from runner.model.instant import Instant
    from runner.model.trigger import TriggerWish


class TriggerWatch:
    """Keeps wishes from the ledger until the next time that the plan is made, and answers them then."""

    def __init__(self, *, ledger: Ledger, journal: Journal, grace: timedelta) -> None:
        self._ledger = ledger
        self._journal = journal
        self._grace = grace

    async def carry_out(
        self, wishes: Sequence[TriggerWish], in_force: Mapping[str, InForce], *, now: Instant
    ) -> bool:
        """Plan what is wanted, each wish once; tell whether anything was planned. Raises LedgerError."""
        planned = 0
        for wish in wishes:
            one = in_force.get(wish.campaign)
            closes = closes_at(wish.at, grace=self._grace)
            if one is None or not one.campaign.enabled:
                await self._answer(wish, "refused: the campaign is not in force, or not enabled", now=now)
            elif closes <= now:
                await self._answer(wish, "refused: no daemon ran until it had expired", now=now)
            else:
                runs = list(triggered(one.campaign, wish, grace=self._grace))
                if has_content(one.campaign):
                    held = await self._ledger.held_rows(wish.campaign)
                    runs = Rows(one.campaign, held=held).bound(runs)
                # Its keys come from its instant, so that a second time after a crash adds nothing.
                await self._ledger.add_runs(runs)
                count = sum(len(run.assignments) for run in runs)
                planned += count
                words = f"planned: {count}" if count else "refused: the campaign in force has no such work"
                await self._answer(wish, words, now=now, count=count, until=closes)
        return planned > 0

    async def _answer(
        self,
        wish: TriggerWish,
        words: str,
        *,
        now: Instant,
        count: int = 0,
        until: Instant | None = None,
    ) -> None:
        told = event(
            "campaign.triggered",
            at=now,
            campaign=wish.campaign,
            script=wish.script,
            target=wish.target,
            owner=wish.owner,
            count=count,
            until=until if count else None,
            outcome=words,
        )
        await self._journal.record([DecisionApplied(wish.id, now, words), told])
