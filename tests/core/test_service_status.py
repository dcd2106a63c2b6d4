"""One line says how the daemon stands."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from runner.core.service_status import status_line
from runner.model.instant import instant

ZONE = "Europe/Stockholm"


def at(text):
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))


@pytest.mark.parametrize(
    ("ready", "hosts", "left", "due", "line"),
    [
        (3, 3, 412, "2026-11-23 14:30", "3 of 3 hosts ready, 412 assignments left today, next at 14:30"),
        (1, 1, 1, "2026-11-23 23:59", "host ready, 1 assignment left today, next at 23:59"),
        (0, 1, 0, "2026-11-24 00:00", "host not ready, nothing left today, next on Tue 00:00"),
        (0, 2, 0, None, "0 of 2 hosts ready, nothing left today"),
    ],
)
def test_it_says_what_is_ready_left_and_next(ready, hosts, left, due, line):
    told = status_line(
        ready=ready,
        hosts=hosts,
        left=left,
        next_due=due and at(due),
        now=at("2026-11-23 14:00"),
        timezone=ZONE,
    )
    assert told == line
