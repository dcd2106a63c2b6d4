"""Plan ahead: keep the ledger's plan of the coming days equal to the campaigns in force."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.app.journal import event
from runner.core.days import days_to_plan
from runner.core.expand import expand
from runner.model.instant import SECOND, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from runner.adapters.ledger import Ledger, PlanStored
    from runner.app.journal import Journal
    from runner.model.campaign import Campaign
    from runner.model.instant import Instant
    from runner.model.plan import PlannedRun

AHEAD_US = 26 * 3_600 * SECOND
"""How far ahead the ledger holds the plan: the longest day, and an hour more."""


class Planner:
    """Brings campaigns' days into the ledger, each once per version."""

    def __init__(self, ledger: Ledger, *, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal
        self._planned: set[tuple[str, date, str]] = set()

    async def plan(self, campaign: Campaign, *, since: Instant, now: Instant, edited: bool) -> None:
        """Plan a campaign's days up to AHEAD_US from `now`.

        Runs whose windows closed at `since` or earlier are left out: a campaign owes nothing for the time
        before it was in force, but it does for the time in which the runner was down. `edited` also clears
        days on which the new version no longer has a window.
        """
        zone = ZoneInfo(campaign.timezone)
        windows = {window for entry in campaign.entries for window in entry.windows}
        days = set(days_to_plan(zone, since=since, until=now + AHEAD_US, windows=windows))
        if edited:
            today = moment(now, zone=zone).date()
            days |= {today + timedelta(days=number) for number in range(-1, 3)}
        for day in sorted(days):
            if (campaign.name, day, campaign.version) not in self._planned:
                await self._plan_day(campaign, day, since=since, now=now)
                self._planned.add((campaign.name, day, campaign.version))

    async def _plan_day(self, campaign: Campaign, day: date, *, since: Instant, now: Instant) -> None:
        stored = await self._ledger.store_plan(
            campaign.name, day, campaign.version, _owed(campaign, day=day, since=since), now=now
        )
        if not stored.unchanged and _counts(stored):
            await self._journal.record(
                [
                    event(
                        "campaign.planned",
                        at=now,
                        campaign=campaign.name,
                        day=day.isoformat(),
                        **_counts(stored),
                    )
                ]
            )

    def forget(self, campaign: str) -> None:
        """Forget what was planned of a campaign, so that it is planned anew."""
        self._planned = {planned for planned in self._planned if planned[0] != campaign}


def _owed(campaign: Campaign, *, day: date, since: Instant) -> Iterator[PlannedRun]:
    return (planned for planned in expand(campaign, day=day) if planned.run.closes > since)


def _counts(stored: PlanStored) -> dict[str, int]:
    counts = {
        "added": stored.added,
        "moved": stored.moved,
        "removed": stored.removed,
        "restored": stored.restored,
    }
    return {name: count for name, count in counts.items() if count}
