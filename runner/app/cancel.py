"""Cancel and stop work: what a person wants to be taken back, written beside the daemon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.ledger.halts import give_halt
from runner.app.ask_reload import daemon_runs
from runner.app.pause import check_known
from runner.app.report import has_store
from runner.errors import NotFound
from runner.model.halt import Halt, HaltScope
from runner.model.record import HoldScope

if TYPE_CHECKING:
    from runner.adapters.ledger.halts import GivenHalt
    from runner.app.loaded import Loaded
    from runner.model.halt import Depth, HaltStanding
    from runner.model.instant import Instant
    from runner.model.settings import Settings

_HOLD_SCOPES = {
    HaltScope.ALL: HoldScope.ALL,
    HaltScope.HOST: HoldScope.HOST,
    HaltScope.CAMPAIGN: HoldScope.CAMPAIGN,
}


@dataclass(frozen=True, slots=True)
class Cancelling:
    """One halt: given, and to be waited for where a daemon is at work."""

    settings: Settings
    given: GivenHalt

    def is_awaited(self) -> bool:
        """Does a daemon work on the store, so that it is being carried out?"""
        return daemon_runs(self.settings)

    def standing(self) -> HaltStanding:
        """Return how far it is; raises LedgerUnavailable where the store cannot be read."""
        reader = Reader.open(self.settings.store)
        try:
            return reader.halt_standing(self.given.halt.id)
        finally:
            reader.close()


def cancel(
    loaded: Loaded,
    *,
    depth: Depth,
    scope: HaltScope,
    subject: str,
    owner: str,
    reason: str | None,
    now: Instant,
) -> Cancelling:
    """Cancel what is planned, and let the daemon withdraw, or stop as well, what is on hosts.

    Once this returns, nothing that was planned of it is submitted any more. Of everything, a host or a
    campaign this is the work of days up to today; for everything a pause is placed with it. `subject` may be
    the beginning of an assignment's key.

    Raises NotFound where there is no such campaign, host or assignment, or where that is over already;
    LedgerError where the store cannot be written.
    """
    if scope is HaltScope.ASSIGNMENT:
        subject = _whole_key(loaded.settings, subject)
    else:
        check_known(loaded, scope=_HOLD_SCOPES[scope], subject=subject)
    wanted = Halt(0, now, owner, reason, depth, scope, subject, keeps_planned=False)
    given = give_halt(loaded.settings.store, wanted, pauses=scope is HaltScope.ALL)
    return Cancelling(loaded.settings, given)


def _whole_key(settings: Settings, key: str) -> str:
    if not has_store(settings):
        raise NotFound(f"there is no assignment {key!r}")
    reader = Reader.open(settings.store)
    try:
        return reader.assignment(key).assignment.key
    finally:
        reader.close()
