"""Resolve all that is unknown of a campaign on a day: first say what that would do, then write it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.ledger.decisions import decide_all
from runner.adapters.store_lock import in_use
from runner.app.report import has_store
from runner.core.resolve import obstacle
from runner.errors import NotFound
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Resolution
    from runner.model.settings import Settings

DECIDED = "it is to be resolved already, as soon as the daemon runs"


@dataclass(frozen=True, slots=True)
class UnknownOfDay:
    """All that is unknown of a campaign on a day, by whether the decision can be carried out."""

    campaign: str
    day: date
    act: Resolution
    able: tuple[AssignmentRecord, ...]
    """By their due instants."""
    left: Mapping[str, int]
    """How many would stay as they are, by why."""


@dataclass(frozen=True, slots=True)
class ResolvingDay:
    """Decisions that were written, and are to be waited for where a daemon is at work."""

    settings: Settings
    numbers: tuple[int, ...]

    @property
    def is_awaited(self) -> bool:
        """Does a daemon of this machine work on the store, so that they will be carried out at once?"""
        return in_use(self.settings.store)

    def outcomes(self) -> Counter[str | None]:
        """Return how many had which outcome, under None those that are open; raises LedgerUnavailable."""
        with closing(Reader.open(self.settings.store)) as reader:
            return Counter(decision.outcome for decision in reader.decisions(self.numbers))


def unknown_of_day(
    settings: Settings, *, campaign: str, day: date, act: Resolution, now: Instant
) -> UnknownOfDay:
    """Return what a decision about all that is unknown of a campaign on a day of its zone would do.

    Raises NotFound where nothing of it is unknown, LedgerError where the store cannot be read.
    """
    records: Sequence[AssignmentRecord] = ()
    decided: set[str] = set()
    if has_store(settings):
        with closing(Reader.open(settings.store)) as reader:
            records = reader.assignments(day=day, campaign=campaign, state=State.UNKNOWN)
            decided = {decision.key for decision in reader.open_decisions()}
    if not records:
        raise NotFound(f"nothing of the campaign `{campaign}` is unknown on {day}")
    deadline_us = settings.timeout // timedelta(microseconds=1)
    able = []
    left: Counter[str] = Counter()
    for record in records:
        known = record.assignment.target.host in settings.hosts
        why = obstacle(record, act, now=now, deadline_us=deadline_us if known else None)
        if record.assignment.key in decided:
            why = DECIDED
        if why is None:
            able.append(record)
        else:
            left[why] += 1
    return UnknownOfDay(campaign, day, act, tuple(able), left)


def resolve_day(
    settings: Settings, found: UnknownOfDay, *, owner: str, reason: str | None, now: Instant
) -> ResolvingDay:
    """Write a decision for each that it can be carried out for, all or none of them.

    What is no longer unknown, or was decided of since, is left out. Raises LedgerError where the store cannot
    be written.
    """
    keys = [record.assignment.key for record in found.able]
    numbers = decide_all(settings.store, keys=keys, act=found.act, owner=owner, reason=reason, now=now)
    return ResolvingDay(settings, tuple(numbers))
