"""Say in one line how the daemon stands, for whoever looks at the service."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.model.instant import moment

if TYPE_CHECKING:
    from runner.model.instant import Instant


def status_line(
    *, ready: int, hosts: int, left: int, next_due: Instant | None, now: Instant, timezone: str
) -> str:
    """Return e.g. `2 of 3 hosts ready, 412 assignments left today, next at 14:30`.

    Args:
        ready: how many hosts are.
        hosts: how many there are.
        left: today's assignments that have not ended.
        next_due: when the next one may go, None where nothing is planned.
        now: this moment.
        timezone: in which a day is today, and times are shown.
    """
    of_hosts = f"{ready} of {hosts} hosts" if hosts != 1 else "host" if ready else "host not"
    work = f"{left} assignment{'' if left == 1 else 's'} left today" if left else "nothing left today"
    parts = [f"{of_hosts} ready", work]
    if next_due is not None:
        due, today = moment(next_due, zone=ZoneInfo(timezone)), moment(now, zone=ZoneInfo(timezone)).date()
        parts.append(f"next at {due:%H:%M}" if due.date() == today else f"next on {due:%a %H:%M}")
    return ", ".join(parts)
