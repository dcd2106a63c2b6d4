"""When a `start_time` on a host's own day lets a task begin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from runner.simulator.options import PastStart

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MINUTE_SECONDS = 60.0


def planned_start(at: float, *, start_time: tuple[int, int], zone: ZoneInfo, past: PastStart) -> float:
    """Return the instant of hour and minute on the day of `at`, in Unix seconds.

    The minute that goes on is not past. A time that comes twice means the first; one that is skipped is as
    far after the gap as it lies in it.
    """
    local = datetime.fromtimestamp(at, zone)
    hour, minute = start_time
    start = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if at < start.timestamp() + _MINUTE_SECONDS or past is PastStart.NOW:
        return start.timestamp()
    return (start + timedelta(days=1)).timestamp()
