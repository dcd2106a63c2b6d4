"""Plan ahead: keep the ledger's plan of the coming days equal to the campaigns in force."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from runner.app.journal import about, event
from runner.app.restored import doubts
from runner.core.content import Rows, has_content
from runner.core.days import days_to_plan
from runner.core.edit import counts, effect_of_edit, settled_keys, steps
from runner.core.expand import expand
from runner.model.instant import SECOND, moment
from runner.model.state import CLOCK_AHEAD, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from runner.adapters.ledger import Ledger
    from runner.app.journal import Journal
    from runner.core.difference import Difference
    from runner.model.campaign import Campaign
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey, PlannedRun
    from runner.model.record import AssignmentRecord, Event

AHEAD_US = 26 * 3_600 * SECOND
"""How far ahead the ledger holds the plan: the longest day, and an hour more."""

MOST_CHANGES_TOLD = 10
"""Assignments of an edited day that the log names."""

RESTORED = "the edit that had cancelled it was taken back"
NOT_YET = "its window had seemed to be over, by a clock that was ahead"


class Planner:
    """Brings campaigns' days into the ledger, each once per version."""

    def __init__(self, ledger: Ledger, *, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal
        self._planned: set[tuple[str, date, str]] = set()
        self._went_back = False

    async def plan(self, campaign: Campaign, *, since: Instant, now: Instant, edited: bool) -> None:
        """Plan a campaign's days up to AHEAD_US from `now`.

        Runs whose windows closed at `since` or earlier are left out: a campaign owes nothing for the time
        before it was in force, but it does for the time in which the runner was down. `edited` also brings
        the days around today up to date, as `plan --diff` shows them, and every other day of which something
        is still planned: the new version may have no window there, or, in another zone, have it much later.
        """
        if self._went_back:
            await self._ledger.plan_again(now=now)
            self._planned.clear()
            self._went_back = False
        zone = ZoneInfo(campaign.timezone)
        windows = {window for entry in campaign.entries for window in entry.windows}
        days = set(days_to_plan(zone, since=since, until=now + AHEAD_US, windows=windows))
        if edited:
            today = moment(now, zone=zone).date()
            days |= {today + timedelta(days=number) for number in range(-1, 3)}
            days |= await self._ledger.planned_days(campaign.name)
        for day in sorted(days):
            if (campaign.name, day, campaign.version) not in self._planned:
                await self._plan_day(campaign, day, since=since, now=now)
                self._planned.add((campaign.name, day, campaign.version))

    async def _plan_day(self, campaign: Campaign, day: date, *, since: Instant, now: Instant) -> None:
        name = campaign.name
        if await self._ledger.plan_version(name, day=day) == campaign.version:
            return
        of_day = partial(self._ledger.assignments, day=day, campaign=name)
        records = await of_day()
        cancelled = {one.assignment.key: one.reason for one in records if one.state is State.CANCELLED}
        owed = partial(_owed, campaign, day=day, since=since)
        if has_content(campaign):
            # Who has a row keeps it, and nobody but this planner gives rows away.
            rows = Rows(campaign, held=await self._ledger.held_rows(name), settled=settled_keys(records))
            owed = partial(iter, rows.bound(owed()))
        # Before it is stored; a day that is new may hold much, and all of it is added.
        found = effect_of_edit(records, in_force=(), edited=owed(), now=since) if records else None
        stored = await self._ledger.store_plan(name, day, campaign.version, owed(), now=now)
        changes = {"added": stored.added} if found is None else _told(found)
        if not any(changes.values()) and not stored.removed:
            return
        told = [event("campaign.planned", at=now, campaign=name, day=day.isoformat(), **changes)]
        if found is not None and found.repeats:
            named = [step.words() for step in steps(found) if step.repeats is not None][:MOST_CHANGES_TOLD]
            fields = {"count": len(found.repeats), "changes": named}
            told.append(event("campaign.repeats", at=now, campaign=name, day=day.isoformat(), **fields))
        if stored.removed:
            told += _cancellations(await of_day(state=State.CANCELLED), at=now)
        if stored.doubted:
            told += doubts(await of_day(state=State.UNKNOWN), at=now)
        if stored.restored:
            told += [
                event("assignment.planned", at=now, **about(record), state=State.PLANNED, reason=why)
                for record in await of_day(state=State.PLANNED)
                if (why := _why_again(cancelled, record)) is not None
            ]
        await self._journal.record(told)

    def clock_went_back(self) -> None:
        """Plan each day once more: what was left out of it since it was over may be still to come."""
        self._went_back = True

    def forget(self, campaign: str) -> None:
        """Forget what was planned of a campaign, so that it is planned anew."""
        self._planned = {planned for planned in self._planned if planned[0] != campaign}


async def withdraw(campaign: str, *, ledger: Ledger, journal: Journal, reason: str, now: Instant) -> int:
    """Cancel what is still planned of a campaign, tell it of each, and return how many there were."""
    removed = await ledger.withdraw_plan(campaign, reason=reason, now=now)
    if removed:
        records = await ledger.assignments(campaign=campaign, state=State.CANCELLED)
        await journal.record(_cancellations(records, at=now))
    return removed


def _cancellations(records: Iterable[AssignmentRecord], *, at: Instant) -> list[Event]:
    return [
        event("assignment.cancelled", at=at, **about(record), state=State.CANCELLED, reason=record.reason)
        for record in records
        if record.finished_at == at
    ]


def _why_again(cancelled: Mapping[AssignmentKey, str | None], record: AssignmentRecord) -> str | None:
    """Return why what was cancelled is planned again, or None where it never was cancelled."""
    if record.assignment.key not in cancelled:
        return None
    return NOT_YET if cancelled[record.assignment.key] == CLOCK_AHEAD else RESTORED


def _told(found: Difference) -> dict[str, Any]:
    """Return what `plan --diff` shows of an edit, the first assignments by name."""
    named = [step.words() for step in islice(steps(found), MOST_CHANGES_TOLD)]
    return {**counts(found), "changes": named or None}


def _owed(campaign: Campaign, *, day: date, since: Instant) -> Iterator[PlannedRun]:
    return (planned for planned in expand(campaign, day=day) if planned.run.closes > since)
