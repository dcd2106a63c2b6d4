"""What campaign documents ask for, day by day: the checker's own reading of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from proof.checker.days import window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SETS = {"daily": _NAMES, "weekdays": _NAMES[:5], "weekend": _NAMES[5:]}


class Key(NamedTuple):
    """What names an assignment."""

    campaign: str
    script: str
    day: str
    window: str
    host: str
    target: str

    @property
    def content(self) -> tuple[str, str, str]:
        """Host, target and text by which its commits are known."""
        return self.host, self.target, f"{self.campaign}/{self.script}/{self.day}"


@dataclass(frozen=True, slots=True)
class Slot:
    """One assignment as one version of a campaign plans it; instants are of the runner's clock."""

    key: Key
    opens: int
    closes: int
    due: float | None
    """None where it is drawn by lot."""
    entry: Mapping[str, Any]


def slots_of(document: Mapping[str, Any], *, since: float, until: float) -> Iterator[Slot]:
    """Yield the assignments of a document whose windows touch an interval of the runner's clock."""
    day = datetime.fromtimestamp(since, UTC).date() - timedelta(days=2)
    last = datetime.fromtimestamp(until, UTC).date() + timedelta(days=2)
    while day <= last:
        if _runs_on(document, day):
            for slot in _slots_of_day(document, day):
                if slot.closes > since and slot.opens < until:
                    yield slot
        day += timedelta(days=1)


def _runs_on(document: Mapping[str, Any], day: date) -> bool:
    days = document.get("days", "daily")
    named = _SETS.get(days, days) if isinstance(days, str) else days
    return (
        document.get("enabled", True)
        and document.get("from", "0001-01-01") <= day.isoformat() <= document.get("until", "9999-12-31")
        and _NAMES[day.weekday()] in named
        and day.isoformat() not in document.get("except", ())
    )


def _slots_of_day(document: Mapping[str, Any], day: date) -> Iterator[Slot]:
    for entry in document["scripts"]:
        targets = _targets(document, entry)
        times = entry["start_time"]
        for text in [times] if isinstance(times, str) else times:
            opens, closes = (_minutes(part) for part in text.split("-"))
            start, end = window(document["timezone"], day, opens, closes)
            for index, (host, target) in enumerate(targets):
                name = entry.get("name", entry["script_name"])
                key = Key(document["name"], name, day.isoformat(), text, host, target)
                yield Slot(key, start, end, _due(entry, start, end, index, len(targets)), entry)


def _due(entry: Mapping[str, Any], opens: int, closes: int, index: int, count: int) -> float | None:
    match entry.get("spread", "even"):
        case "even":
            return opens + (closes - opens) * (index + 0.5) / count
        case "together":
            return opens
        case _:
            return None


def _targets(document: Mapping[str, Any], entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}

    def take(name: str) -> None:
        group = document["device_groups"][name]
        for other in group.get("groups", ()):
            take(other)
        for target in (*group.get("serials", ()), *group.get("usernames", ())):
            found.setdefault((group["host"], target))

    for name in entry["device_groups"]:
        take(name)
    return list(found)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
