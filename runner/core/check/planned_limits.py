"""Check limits of a day against what is planned for a day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from runner.core.calendar import runs_on
from runner.core.check.concern import Concern, some_of
from runner.core.check.planned_days import telling_days
from runner.model.limit import Bound, Period
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from runner.model.campaign import Campaign, Target
    from runner.model.limit import Limit
    from runner.model.settings import Settings

Counted: TypeAlias = "Target | str"
"""What a limit counts for each of: a target, or the name of a script, a campaign or a host."""


def limits_too_low(campaigns: Sequence[Campaign], *, settings: Settings, today: date) -> Iterator[Concern]:
    """Yield a concern for each limit of a day below what the campaigns plan for one."""
    for campaign in campaigns:
        for limit in campaign.limits if campaign.enabled else ():
            if limit.period is Period.DAY:
                yield from _too_low(limit, planned(campaign, bound=limit.bound, whole=False))
    for limit in settings.limits:
        if limit.period is Period.DAY:
            yield from _too_low(limit, _most_planned(campaigns, bound=limit.bound, today=today))


def planned(campaign: Campaign, *, bound: Bound, whole: bool) -> Counter[Counted]:
    """Return how many submissions a campaign plans for a day on which it runs, by what a limit counts.

    `whole` takes the view of the config's limits, which count a script of whichever entry.
    """
    counts: Counter[Counted] = Counter()
    for entry in campaign.entries:
        windows = len(entry.windows)
        match bound:
            case Bound.SCRIPT:
                counts[entry.script_name if whole else entry.name] += len(entry.placements) * windows
            case Bound.CAMPAIGN:
                counts[campaign.name] += len(entry.placements) * windows
            case Bound.HOST:
                for placement in entry.placements:
                    counts[placement.target.host] += windows
            case Bound.TARGET:
                for placement in entry.placements:
                    counts[placement.target] += windows
    return counts


def _most_planned(campaigns: Sequence[Campaign], *, bound: Bound, today: date) -> Counter[Counted]:
    each = [planned(campaign, bound=bound, whole=True) for campaign in campaigns]
    most: Counter[Counted] = Counter()
    seen = set()
    for day in telling_days(campaigns, today=today):
        running = tuple(at for at, campaign in enumerate(campaigns) if runs_on(campaign, day=day))
        if running not in seen:
            seen.add(running)
            of_day: Counter[Counted] = Counter()
            for at in running:
                of_day.update(each[at])
            most |= of_day
    return most


def _too_low(limit: Limit, counts: Counter[Counted]) -> Iterator[Concern]:
    above = [counted for counted, count in counts.most_common() if count > limit.most]
    if above:
        names = [counted if isinstance(counted, str) else counted.name for counted in above]
        count = counts[above[0]]
        message = (
            f"below what is planned for a day: {count} for {some_of(names)}; "
            "what finds no place is skipped; raise it, or plan less"
        )
        key = limit.words.partition(":")[0]
        yield Concern(limit.file, ("limits", key), Rule.LIMIT_TOO_LOW, message)
