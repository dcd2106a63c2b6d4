"""What keeps work back beside its window and its host: limits, quiet hours and pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.limits import Exhausted, NotBefore, reservations
from runner.core.quiet import quiet_until
from runner.model.record import HoldScope
from runner.model.use import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.model.instant import Instant
    from runner.model.limit import Limit
    from runner.model.record import AssignmentRecord, Hold
    from runner.model.settings import Settings
    from runner.model.use import Reservation


class Restraints:
    """Answers for all hosts. Of limits it knows the figures; what is used of them is the ledger's to say."""

    def __init__(self, settings: Settings, *, limits_of: Callable[[str], tuple[Limit, ...]]) -> None:
        self._quiet = settings.quiet_hours
        self._limits = settings.limits
        self._limits_of = limits_of
        self.holds: tuple[Hold, ...] = ()
        """Pauses, as they were last read."""
        self.stop_file: Hold | None = None
        """The pause of everything that a file beside the store stands for."""

    def learn(self, hold: Hold) -> None:
        """Know a pause that the ledger has told of before it was looked for."""
        self.holds = (*(known for known in self.holds if known.id != hold.id), hold)

    def hold_on(self, *, campaign: str, host: str, now: Instant) -> Hold | None:
        """Return the pause that holds a campaign's work on a host back, None where none does."""
        if self.stop_file is not None:
            return self.stop_file
        for hold in self.holds:
            if hold.is_in_force(now) and hold.covers(campaign=campaign, host=host):
                return hold
        return None

    def held_campaigns(self, *, host: str, now: Instant) -> frozenset[str] | None:
        """Return the campaigns that are paused, None where everything on the host is."""
        if self.stop_file is not None:
            return None
        in_force = [hold for hold in self.holds if hold.is_in_force(now)]
        # A pause of the host or of everything covers the campaign that has no name.
        if any(hold.covers(campaign="", host=host) for hold in in_force):
            return None
        return frozenset(hold.subject for hold in in_force if hold.scope is HoldScope.CAMPAIGN)

    def reservations(self, record: AssignmentRecord, *, now: Instant) -> tuple[Reservation, ...]:
        """Return what a submission of an assignment has to reserve."""
        limits: Iterable[Limit] = (*self._limits, *self._limits_of(record.run.campaign))
        return reservations(limits, use=use_of(record), now=now) if limits else ()

    def quiet_until(self, *, now: Instant, deadline_us: int) -> Instant | None:
        """Return when the quiet hours let a request begin, None where that is now."""
        return quiet_until(self._quiet, now=now, deadline_us=deadline_us)

    def quiet(self, *, now: Instant, deadline_us: int, last_moment: Instant) -> NotBefore | Exhausted | None:
        """Return what follows where quiet hours are in the way of a request at an instant, None where not."""
        until = self.quiet_until(now=now, deadline_us=deadline_us)
        if self._quiet is None or until is None:
            return None
        words = f"the quiet hours {self._quiet.label}"
        if until >= last_moment:
            return Exhausted(until, f"{words} lasted until its window closed")
        return NotBefore(until, words)


def use_of(record: AssignmentRecord) -> Use:
    """Return whose submission a request for an assignment is."""
    run = record.run
    return Use(run.campaign, run.script, run.order.script_name, record.assignment.target)


def held_words(hold: Hold) -> str:
    """Return the reason of what a pause kept from being submitted."""
    return f"paused by {hold.owner}" + (f": {hold.reason}" if hold.reason else "")
