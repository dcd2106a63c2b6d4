"""Say what the files on disk plan for some days, and what stands in the way; asks neither store nor host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.calendar import rest_day
from runner.core.expand import plan_days
from runner.errors import NotFound
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from runner.app.loaded import Loaded
    from runner.core.calendar import RestDay
    from runner.model.campaign import Campaign
    from runner.model.plan import PlannedRun


@dataclass(frozen=True, slots=True)
class Rest:
    """A campaign that does not run on a day."""

    campaign: Campaign
    rest: RestDay


@dataclass(frozen=True, slots=True)
class Forecast:
    """What some campaigns do in `[first, first + days)`, each day taken in the campaign's own zone."""

    campaigns: tuple[Campaign, ...]
    first: date
    days: int

    def runs(self) -> Iterator[PlannedRun]:
        """Yield the runs, day by day; one at a time is in memory."""
        return plan_days(self.campaigns, first=self.first, days=self.days)

    def rests(self) -> Iterator[Rest]:
        """Yield the days on which a campaign does not run, day by day."""
        for number in range(self.days):
            for campaign in self.campaigns:
                rest = rest_day(campaign, day=self.first + timedelta(days=number))
                if rest is not None:
                    yield Rest(campaign, rest)


def forecast(loaded: Loaded, *, first: date, days: int, campaign: str | None = None) -> Forecast:
    """Return what all campaigns that check will do, or one of them; raises NotFound where there is none."""
    chosen = tuple(known for known in loaded.campaigns if campaign in {None, known.name})
    if campaign is not None and not chosen:
        meant = did_you_mean(campaign, [known.name for known in loaded.campaigns])
        raise NotFound(f"there is no campaign `{campaign}` that checks{meant}")
    return Forecast(chosen, first, days)
