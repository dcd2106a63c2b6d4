"""From a wish for work now to runs beside the schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.expand import order_of
from runner.core.keys import keys_of_run
from runner.model.campaign import Deliver
from runner.model.instant import SECOND, moment, shown
from runner.model.plan import Assignment, PlannedRun, Run
from runner.model.trigger import trigger_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.campaign import Campaign, Entry
    from runner.model.instant import Instant
    from runner.model.trigger import TriggerWish


def triggered(campaign: Campaign, wish: TriggerWish, *, grace: timedelta) -> Iterator[PlannedRun]:
    """Yield the runs of a wish: due at once, in a window of `grace`, on the day that it is in the zone.

    Neither the days of the campaign nor `after` and `deliver` of its entries count: it is wanted now.
    """
    zone = ZoneInfo(campaign.timezone)
    label = trigger_window(wish.id, at=shown(wish.at - wish.at % SECOND, zone=zone))
    for entry in campaign.entries:
        if wish.script not in {None, entry.name}:
            continue
        run = Run(
            campaign=campaign.name,
            script=entry.name,
            day=moment(wish.at, zone=zone).date(),
            window=label,
            timezone=campaign.timezone,
            opens=wish.at,
            closes=closes_at(wish.at, grace=grace),
            version=campaign.version,
            order=replace(order_of(entry), deliver=Deliver.ON_TIME),
        )
        assignments = tuple(_assignments(entry, run, target=wish.target))
        if assignments:
            yield PlannedRun(run, assignments)


def closes_at(at: Instant, *, grace: timedelta) -> Instant:
    """Return when what is triggered at an instant expires."""
    return at + grace // timedelta(microseconds=1)


def _assignments(entry: Entry, run: Run, *, target: str | None) -> Iterator[Assignment]:
    key_of = keys_of_run(run.campaign, script=run.script, day=run.day, window=run.window)
    for index, placement in enumerate(entry.placements):
        if target in {None, placement.target.name}:
            yield Assignment(
                key_of(placement.target), placement.target, placement.group, index, due=run.opens
            )
