"""What runs beside the daemon in its event loop, e.g. the HTTP API, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.insight import Insight
    from runner.app.journal import Journal
    from runner.app.loaded import LoadedConfig

LEAVE_SECONDS = 1.0
"""So long may it take to end; the daemon's own end waits no longer."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is around a daemon on its loop."""

    config: LoadedConfig
    insight: Insight
    journal: Journal
    clock: Clock
    ledger: Ledger


class Beside(Protocol):
    """Runs until it is cancelled."""

    async def __call__(self, surroundings: Surroundings) -> None:
        """Run; whatever goes wrong is told by the journal, and stops nothing but this."""
        ...
