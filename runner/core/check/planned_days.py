"""Days on which it shows whether campaigns get in each other's way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.calendar import runs_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from runner.model.campaign import Campaign

_WEEK_DAYS = 7
_MOST_BEGINNINGS = 5
_HORIZON_DAYS = 400


def telling_days(campaigns: Iterable[Campaign], *, today: date) -> list[date]:
    """Return a week from today on, and one from each of the next days on which a campaign begins.

    Campaigns repeat every week, and more of them at once there are only where another one begins.
    """
    beginnings = {campaign.first_day for campaign in campaigns if campaign.first_day is not None}
    later = sorted(day for day in beginnings if today < day)[:_MOST_BEGINNINGS]
    return sorted(
        {begins + timedelta(days=number) for begins in (today, *later) for number in range(_WEEK_DAYS)}
    )


def never_runs(campaign: Campaign, *, today: date) -> bool:
    """Tell whether a campaign without a last day has no day to run on for more than a year."""
    if not campaign.enabled or campaign.last_day is not None:
        return False
    begins = max(today, campaign.first_day or today)
    return not any(runs_on(campaign, day=begins + timedelta(days=number)) for number in range(_HORIZON_DAYS))
