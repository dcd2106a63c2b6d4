"""Compare what is printed with what was printed another day: without times, keys and widths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ELIDED = [
    (r"\x1b\[[0-9;]*m", ""),  # bold letters
    (r"(\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)", "TIME"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "HOST-TIME"),
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day", "WEEKDAY"),
    (r"\b[a-z2-7]{16}\b", "KEY"),
    (r"\bversion=[0-9.]+", "version=V"),
    (r"\b\d+ ms\b", "N ms"),
    (r"\b\d+s ago\b", "Ns ago"),
    (r"(duration_seconds=)[0-9.]+", r"\1N"),
    (r"task_ids=\[\d+\]", "task_ids=[N]"),
    (r"^ *\d+ {2,}", "N "),  # the number of an event, or of a task
    (r" +", " "),  # columns are as wide as what stands in them
]
"""What is another each time: nothing else may differ from the page."""
KEY = re.compile(r"\b[a-z2-7]{16}\b")


def stable(lines: Iterable[str]) -> list[str]:
    """Return lines without what is another each time, and without blank ends."""
    # The API starts beside the daemon: what it says may stand above or below what the daemon does.
    found = [line for line in lines if "] api." not in line]
    for pattern, instead in _ELIDED:
        found = [re.sub(pattern, instead, line) for line in found]
    while found and not found[-1].strip():
        found.pop()
    return [line.rstrip() for line in found]
