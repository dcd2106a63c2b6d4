"""The desktop program of a simulated host: whether it runs, and whether its port is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.simulator.farm import Farm


class Program:
    """What all requests of a host go through."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._closed_until = 0.0
        self.restarts = 0

    @property
    def closed_seconds(self) -> float:
        """How long the port will still be closed; 0 while it is open."""
        return max(0.0, self._closed_until - self._farm.advance())

    def close_port(self, *, seconds: float) -> None:
        """Let nothing listen for a while; devices go on."""
        self._closed_until = max(self._closed_until, self._farm.advance() + seconds)

    def restart(self, *, forgets_seconds: float, down_seconds: float) -> None:
        """Close the program and open it again; what requests had still to do is never done."""
        self.restarts += 1
        self.close_port(seconds=down_seconds)
        self._farm.restart(forgets_seconds=forgets_seconds, down_seconds=down_seconds)
