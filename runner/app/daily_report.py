"""Make the daily report from the ledger, once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.daily_report import report_day, report_message
from runner.model.state import FAULTS

if TYPE_CHECKING:
    from datetime import date

    from runner.app.beside import Surroundings
    from runner.core.alarms import AlarmMemory
    from runner.model.alarm import Message
    from runner.model.instant import Instant

MOST_FAULTS = 1_000
"""So many of each kind are read for their reasons."""


def report_due(surroundings: Surroundings, *, reported: str, now: Instant) -> date | None:
    """Return the day of which a report is due; `reported` is the last day of which there was one."""
    settings = surroundings.config.config.settings
    zone = ZoneInfo(settings.timezone)
    return report_day(settings.notify.daily_report, reported=reported, now=now, zone=zone)


async def report_if_due(
    memory: AlarmMemory, surroundings: Surroundings, *, now: Instant
) -> tuple[AlarmMemory, list[Message]]:
    """Return the report that is due, and the memory of it; raises LedgerUnavailable."""
    day = report_due(surroundings, reported=memory.reported, now=now)
    if day is None:
        return memory, []
    return replace(memory, reported=day.isoformat()), [await _report(day, surroundings, now=now)]


async def _report(day: date, surroundings: Surroundings, *, now: Instant) -> Message:
    ledger = surroundings.ledger
    seen = {record.host: record for record in await ledger.hosts()}
    faults = [
        record
        for state in sorted(FAULTS)
        for record in await ledger.assignments(day=day, state=state, limit=MOST_FAULTS)
    ]
    return report_message(
        day,
        runs=await ledger.runs(day=day),
        faults=faults,
        hosts={name: seen.get(name) for name in surroundings.config.config.settings.hosts},
        planned=await ledger.runs(day=day + timedelta(days=1)),
        at=now,
    )
