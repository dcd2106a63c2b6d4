"""One host as the daemon deals with it: its client, how it answered last, and what waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.model.record import HostState

if TYPE_CHECKING:
    from runner.adapters.tikmatrix.client import TikMatrix
    from runner.model.instant import Instant
    from runner.model.settings import Host


@dataclass(slots=True)
class HostSession:
    """What one host's loops share. Nothing in it is a memory: that is the ledger's."""

    host: Host
    client: TikMatrix
    timeout_us: int
    """Total deadline of a request."""
    state: HostState = HostState.UNKNOWN
    detail: str | None = None
    probed_at: Instant = 0
    """When the licence was last checked with success."""
    due: asyncio.Event = field(default_factory=asyncio.Event)
    """Something may be submitted: look."""
    poll: asyncio.Event = field(default_factory=asyncio.Event)
    """It is time to look at the tasks on the host."""
    close: asyncio.Event = field(default_factory=asyncio.Event)
    """A window has closed."""
    probe: asyncio.Event = field(default_factory=asyncio.Event)
    """It is in doubt whether the host takes work."""
    tracking: bool = True
    """Is anything of ours on the host? True until a look at the ledger says otherwise."""
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while tasks are looked at and that is recorded: two at once would both record the same."""
    awake_since: Instant = 0
    """Since when the runner has run without a break."""
    stopping: bool = False
    """No new submission is begun."""

    @property
    def name(self) -> str:
        """The host's name."""
        return self.host.name

    def wake(self) -> None:
        """Let every loop of the host look again."""
        self.due.set()
        self.poll.set()
        self.close.set()
        self.probe.set()
