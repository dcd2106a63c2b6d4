"""On which days a campaign runs, and why not on the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runner.core.day_sets import why_in
from runner.model.texts import WEEKDAY_NAMES, WEEKDAYS

if TYPE_CHECKING:
    from datetime import date

    from runner.model.campaign import Campaign


class Rest(StrEnum):
    """Why a campaign does not run on a day."""

    DISABLED = "disabled"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    WEEKDAY = "weekday"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class RestDay:
    """A day on which a campaign does not run, with the reason and a sentence for people."""

    day: date
    rest: Rest
    reason: str


def runs_on(campaign: Campaign, *, day: date) -> bool:
    """Tell whether a campaign runs on a day of its zone."""
    return rest_day(campaign, day=day) is None


def rest_day(campaign: Campaign, *, day: date) -> RestDay | None:
    """Return why a campaign does not run on a day of its zone, or None if it does.

    Where several reasons hold, the one that outlasts the others is given.
    """
    if not campaign.enabled:
        return RestDay(day, Rest.DISABLED, "the campaign is not enabled")
    if campaign.last_day is not None and day > campaign.last_day:
        return RestDay(day, Rest.ENDED, f"the campaign ended on {campaign.last_day}")
    if campaign.first_day is not None and day < campaign.first_day:
        return RestDay(day, Rest.NOT_BEGUN, f"the campaign begins on {campaign.first_day}")
    if day.weekday() not in campaign.weekdays and not any(
        why_in(days, day=day) for days in campaign.calendars
    ):
        return RestDay(day, Rest.WEEKDAY, _not_a_day(campaign, day))
    for days in campaign.excluded:
        reason = why_in(days, day=day)
        if reason is not None:
            return RestDay(day, Rest.EXCLUDED, reason)
    return None


def _not_a_day(campaign: Campaign, day: date) -> str:
    name = WEEKDAY_NAMES[day.weekday()]
    if not campaign.calendars:
        return f"the campaign does not run on a {name}"
    written = [WEEKDAYS[number] for number in sorted(campaign.weekdays)]
    written += [days.label for days in campaign.calendars]
    return f"{name} {day} is not among the campaign's days, {', '.join(written)}"
