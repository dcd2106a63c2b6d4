"""From checked campaigns to the plan of a day: runs, and the assignments in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.after import needed_runs, needs_of_run
from runner.core.calendar import runs_on
from runner.core.keys import keys_of_run
from runner.core.spread import due_instants
from runner.core.windows import open_window
from runner.model.campaign import Spread
from runner.model.plan import Assignment, Order, PlannedRun, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from runner.model.campaign import Campaign, Entry
    from runner.model.window import OpenWindow


def plan_days(campaigns: Iterable[Campaign], *, first: date, days: int) -> Iterator[PlannedRun]:
    """Yield the runs of several days, day by day, and in a day campaign by campaign.

    Each campaign takes a day as a day of its own zone.
    """
    known = tuple(campaigns)
    for number in range(days):
        for campaign in known:
            yield from expand(campaign, day=first + timedelta(days=number))


def expand(campaign: Campaign, *, day: date) -> Iterator[PlannedRun]:
    """Yield the runs of one day of the campaign's zone, in the order of the file; none on a day of rest.

    One run at a time is in memory. The same campaign and day always give the same keys and due instants.
    """
    if not runs_on(campaign, day=day):
        return
    # The rules of a zone are constants that the standard library keeps in files and caches.
    zone = ZoneInfo(campaign.timezone)
    named = {entry.name: entry for entry in campaign.entries}
    for entry in campaign.entries:
        order = order_of(entry)
        for window in entry.windows:
            opened = open_window(window, day=day, zone=zone)
            after = needed_runs(entry, window=window, named=named)
            ordered = replace(order, after=after) if after else order
            yield _planned(campaign, entry=entry, order=ordered, opened=opened)


def order_of(entry: Entry) -> Order:
    """Return what all assignments of an entry have in common on the wire and in their treatment.

    For which runs they wait depends on their window, too: that is left out.
    """
    return Order(
        script_name=entry.script_name,
        script_config=entry.script_config,
        enable_multi_account=entry.enable_multi_account,
        min_interval=entry.min_interval,
        max_interval=entry.max_interval,
        expected_tasks=entry.expected_tasks,
        retry=entry.retry,
        at_close=entry.at_close,
        on_unsettled=entry.on_unsettled,
        deliver=entry.deliver,
    )


def _planned(campaign: Campaign, *, entry: Entry, order: Order, opened: OpenWindow) -> PlannedRun:
    run = Run(
        campaign=campaign.name,
        script=entry.name,
        day=opened.day,
        window=opened.window.label,
        timezone=campaign.timezone,
        opens=opened.opens,
        closes=opened.closes,
        version=campaign.version,
        order=order,
    )
    key_of = keys_of_run(run.campaign, script=run.script, day=run.day, window=run.window)
    targets = [placement.target for placement in entry.placements]
    groups = [placement.group for placement in entry.placements]
    keys = [key_of(target) for target in targets]
    spread = Spread.TOGETHER if opened.window.at_once else entry.spread
    dues = due_instants(opened, spread=spread, keys=keys)
    # Five fields by position and no frame of Python for each: a run may have 100,000 assignments.
    assignments = tuple(map(Assignment, keys, targets, groups, count(), dues))
    return PlannedRun(run, assignments, needs_of_run(run, assignments))
