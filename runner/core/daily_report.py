"""Decide when the daily report is due and of which day, and write it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from runner.core.alarm_words import cut, short
from runner.model.alarm import AlarmKind, Message
from runner.model.instant import instant, moment
from runner.model.state import FAULTS, TERMINAL, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, HostRecord, RunRecord

NOON_SECONDS = 43_200
MOST_REASONS = 10
MOST_CAMPAIGNS = 30
_WORDS = (
    State.COMPLETED,
    State.FAILED,
    State.MISSED,
    State.EXPIRED,
    State.UNKNOWN,
    State.SKIPPED,
    State.CANCELLED,
)


def report_day(at_seconds: int | None, *, reported: str, now: Instant, zone: tzinfo) -> date | None:
    """Return the day of which a report is due, None where none is.

    Args:
        at_seconds: when it is sent, after midnight; None: never.
        reported: the last day of which there was one; empty at first.
        now: the present.
        zone: the config's.
    """
    if at_seconds is None:
        return None
    today = moment(now, zone=zone).date()
    hours, rest = divmod(at_seconds, 3600)
    sent_at = instant(datetime.combine(today, time(hours, rest // 60, rest % 60), tzinfo=zone))
    day = today - timedelta(days=1) if at_seconds < NOON_SECONDS else today
    return day if now >= sent_at and day.isoformat() > reported else None


def report_message(
    day: date,
    *,
    runs: Sequence[RunRecord],
    faults: Iterable[AssignmentRecord],
    hosts: Mapping[str, HostRecord | None],
    planned: Sequence[RunRecord],
    at: Instant,
) -> Message:
    """Return the report of a day, with the hosts as they are now and what is planned for the day after."""
    counts = _by_campaign(runs)
    total: Counter[State] = sum(counts.values(), Counter())
    wrong = sum(total[state] for state in FAULTS)
    lines = [f"{campaign}: {_in_words(of_campaign)}" for campaign, of_campaign in counts.items()]
    text = "\n".join(
        (
            *_first(lines, MOST_CAMPAIGNS, none="Nothing was planned."),
            *_why(faults),
            *(f"Host {name}: {_host(record)}" for name, record in hosts.items()),
            _tomorrow(day + timedelta(days=1), _by_campaign(planned)),
        )
    )
    title = f"{day}: {total[State.COMPLETED]} of {sum(total.values())} completed"
    return Message(AlarmKind.REPORT, title + (f", {wrong} to look at" if wrong else ""), cut(text), at)


def _by_campaign(runs: Iterable[RunRecord]) -> dict[str, Counter[State]]:
    counts: dict[str, Counter[State]] = {}
    for one in runs:
        counts.setdefault(one.run.campaign, Counter()).update(one.counts)
    return {name: of_campaign for name, of_campaign in sorted(counts.items()) if of_campaign.total()}


def _in_words(counts: Counter[State]) -> str:
    ended = [f"{counts[state]} {state}" for state in _WORDS if counts[state]]
    still = sum(count for state, count in counts.items() if state not in TERMINAL)
    return ", ".join((*ended, *([f"{still} not ended"] if still else [])))


def _why(faults: Iterable[AssignmentRecord]) -> list[str]:
    reasons = Counter(
        (record.run.campaign, record.state, short(record.reason or "no reason was given"))
        for record in faults
    )
    lines = [f"{count} x {state} ({name}): {why}" for (name, state, why), count in reasons.most_common()]
    return list(_first(lines, MOST_REASONS))


def _host(record: HostRecord | None) -> str:
    if record is None:
        return "not known yet"
    return f"{record.state}" + (f", {short(record.detail)}" if record.detail else "")


def _tomorrow(day: date, counts: dict[str, Counter[State]]) -> str:
    total = sum(of_campaign.total() for of_campaign in counts.values())
    names = ", ".join(f"{name} {of_campaign.total()}" for name, of_campaign in counts.items())
    return f"Planned for {day}: {total}" + (f" ({short(names)})" if names else "")


def _first(lines: Sequence[str], most: int, *, none: str = "") -> Iterable[str]:
    if not lines:
        return (none,) if none else ()
    more = (f"and {len(lines) - most} more",) if len(lines) > most else ()
    return (*lines[:most], *more)
