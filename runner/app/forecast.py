"""Say what the files on disk plan for some days, and what stands in the way; asks neither store nor host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.calendar import rest_day
from runner.core.expand import plan_days
from runner.core.quiet import quiet_until
from runner.errors import NotFound
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from runner.app.loaded import Loaded
    from runner.core.calendar import RestDay
    from runner.model.campaign import Campaign
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, PlannedRun
    from runner.model.quiet import QuietHours


@dataclass(frozen=True, slots=True)
class Rest:
    """A campaign that does not run on a day."""

    campaign: Campaign
    rest: RestDay


@dataclass(frozen=True, slots=True)
class Quieted:
    """An assignment that falls due in quiet hours."""

    planned: PlannedRun
    assignment: Assignment
    goes_at: Instant | None
    """When it goes instead; None: it will be skipped."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What some campaigns do in `[first, first + days)`, each day taken in the campaign's own zone."""

    campaigns: tuple[Campaign, ...]
    first: date
    days: int
    quiet_hours: QuietHours | None = None
    deadline_us: int = 0
    """How long a request may take: all of it has to lie outside the quiet hours."""

    def runs(self) -> Iterator[PlannedRun]:
        """Yield the runs, day by day; one at a time is in memory."""
        return plan_days(self.campaigns, first=self.first, days=self.days)

    def quieted(self) -> Iterator[Quieted]:
        """Yield what falls due in quiet hours, day by day."""
        for planned in self.runs() if self.quiet_hours is not None else ():
            run = planned.run
            whole_us = run.closes - run.opens + self.deadline_us
            if quiet_until(self.quiet_hours, now=run.opens, deadline_us=whole_us) is None:
                continue
            for assignment in planned.assignments:
                until = quiet_until(self.quiet_hours, now=assignment.due, deadline_us=self.deadline_us)
                if until is not None:
                    goes = until + self.deadline_us < run.closes
                    yield Quieted(planned, assignment, until if goes else None)

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
    settings = loaded.settings
    deadline_us = settings.timeout // timedelta(microseconds=1)
    return Forecast(chosen, first, days, settings.quiet_hours, deadline_us)
