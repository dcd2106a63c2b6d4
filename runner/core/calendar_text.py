"""Write runs as an iCalendar text (RFC 5545), for the calendars that people have open anyway."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.model.instant import moment, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.model.instant import Instant
    from runner.model.plan import PlannedRun, Run

_MOST_OCTETS = 75
"""Of a line, its end not counted (RFC 5545, 3.1)."""


def calendar_lines(runs: Iterable[PlannedRun], *, stamp: Instant) -> Iterator[str]:
    """Yield the lines of a calendar with an event for each run, folded, without their line ends (CRLF).

    A run is the same event whenever it is written: its UID is a function of campaign, script entry, day and
    window. `stamp` is when it is written.
    """
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//campaign-runner//plan//EN"
    for planned in runs:
        for line in _event(planned, stamp=stamp):
            yield from _folded(line)
    yield "END:VCALENDAR"


def _event(planned: PlannedRun, *, stamp: Instant) -> Iterator[str]:
    run = planned.run
    hosts = Counter(assignment.target.host for assignment in planned.assignments)
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(run)}"
    yield f"DTSTAMP:{_time(stamp)}"
    # In UTC, so that no reader has to know the zone's rules.
    yield f"DTSTART:{_time(run.opens)}"
    yield f"DTEND:{_time(run.closes)}"
    count = len(planned.assignments)
    yield f"SUMMARY:{_text(f'{run.campaign}/{run.script}: {count} x {run.order.script_name}')}"
    yield f"DESCRIPTION:{_text(_description(planned))}"
    yield f"LOCATION:{_text(', '.join(hosts))}"
    yield f"CATEGORIES:{_text(run.campaign)}"
    # It keeps nobody from a meeting.
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _description(planned: PlannedRun) -> str:
    zone = ZoneInfo(planned.run.timezone)
    dues = [assignment.due for assignment in planned.assignments]
    targets = ", ".join(assignment.target.name for assignment in planned.assignments)
    between = f"{shown(min(dues), zone=zone)} to {shown(max(dues), zone=zone)}"
    return f"Window {planned.run.window} ({planned.run.timezone})\nDue {between}\nTargets: {targets}"


def _uid(run: Run) -> str:
    names = (run.campaign, run.script, run.day.isoformat(), run.window)
    # With their lengths, so that no two lists of names are the same text.
    written = "".join(f"{len(name)}:{name}" for name in names).encode("utf-8", "surrogatepass")
    return f"{sha256(written).hexdigest()[:32]}@campaign-runner"


def _time(at: Instant) -> str:
    return f"{moment(at):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Return a value of the type TEXT (RFC 5545, 3.3.11)."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in escaped)


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces that are short enough; each but the first begins with a space."""
    piece, octets = "", 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _MOST_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += letter
        octets += size
    yield piece
