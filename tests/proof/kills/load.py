"""The load under which the daemon is killed: hosts that lose answers, and windows one soon after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.processes import window
from support.truth import CAPTION

if TYPE_CHECKING:
    from support.processes import Farm, Workplace

TIMEOUT_SECONDS = 3
LOSING = ("reset", "close", "hang", "garbage")
"""How answers are lost."""
LOSS_RATE = 0.02
"""Of each kind of loss, with the work done and without."""


@dataclass(frozen=True)
class Load:
    """How much there is to do, and for how long."""

    devices: int = 20
    """On each host."""
    windows: int = 2
    apart_seconds: float = 5.0
    """From the opening of one window to that of the next."""
    lasts_seconds: float = 120.0

    @property
    def names(self) -> tuple[str, ...]:
        return ("studio", "attic")

    @property
    def assignments(self) -> int:
        return len(self.names) * self.devices * self.windows

    def hosts(self, *, seed: int) -> list[dict[str, Any]]:
        """Return the hosts to serve."""
        return [
            {
                "name": name,
                "serials": self._serials(name),
                "seed": seed + number,
                "duration_seconds": (0.1, 0.5),
                "pickup_seconds": (0, 0.1),
                "latency_seconds": (0.05, 0.4),
                "failure_rate": 0.05,
                "plan": {"device_limit": self.devices},
                "faults": {"rules": [*_losses("POST /task"), *_losses("GET *", works=("done",))]},
            }
            for number, name in enumerate(self.names)
        ]

    def write(self, place: Workplace, served: Farm) -> None:
        """Write the config and the campaigns, whose first window opens in a moment."""
        place.write_config(served.urls, timeout=f"{TIMEOUT_SECONDS}s")
        groups = {name: {"host": name, "serials": self._serials(name)} for name in self.names}
        scripts = [
            {
                "name": f"clip-{number:03}",
                "script_name": "post",
                "device_groups": list(self.names),
                "start_time": window(opens_in=2 + number * self.apart_seconds, lasts=self.lasts_seconds),
                "spread": "even",
                "script_config": {"captions": CAPTION},
                # What is on a host as its window closes may end: its true end is to be told.
                "at_close": "leave",
            }
            for number in range(self.windows)
        ]
        place.write_campaign("load", device_groups=groups, scripts=scripts)

    def _serials(self, host: str) -> list[str]:
        return [f"{host}-{number:02}" for number in range(self.devices)]


def _losses(requests: str, *, works: tuple[str, ...] = ("none", "done")) -> list[dict[str, Any]]:
    return [
        {"fault": {"kind": kind, "work": work, "seconds": 1.0}, "requests": requests, "rate": LOSS_RATE}
        for kind in LOSING
        for work in works
    ]
