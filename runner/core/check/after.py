"""Check what the entries of a campaign say about each other: `after`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.after import needed_window
from runner.model.suggest import did_you_mean
from runner.model.window import DAY_SECONDS
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.core.check.findings import Findings
    from runner.model.campaign import Entry, Target
    from runner.model.document import Path
    from runner.model.window import Window

_MOST_SHOWN = 10
"""Names of a circle that are written out."""


def check_after(entries: Sequence[Entry | None], *, findings: Findings) -> None:
    """Check for which other entries each of a file's entries waits.

    `entries` are in the order of the file; None stands for one that lacks what it cannot be without.
    """
    if any(entry is not None and entry.after for entry in entries):
        _Checker(entries, findings=findings).check()


class _Checker:
    def __init__(self, entries: Sequence[Entry | None], *, findings: Findings) -> None:
        self._entries = entries
        self._findings = findings
        self._named: dict[str, Entry] = {}
        self._places: dict[str, int] = {}
        for position, entry in enumerate(entries):
            if entry is not None:
                self._named.setdefault(entry.name, entry)
                self._places.setdefault(entry.name, position)
        self._circles = dict(_circles(self._named))
        self._targets: dict[str, frozenset[Target]] = {}
        self._of_targets: dict[frozenset[Target], frozenset[Target]] = {}
        self._hints: dict[str, str] = {}

    def check(self) -> None:
        findings = self._findings
        for position, entry in enumerate(self._entries):
            if entry is None:
                continue
            seen: set[str] = set()
            for place, name in enumerate(entry.after):
                at: Path = ("scripts", position, "after", place)
                if name in seen:
                    findings.error(at, f"`{name}` is given twice; keep one", rule=Rule.GIVEN_TWICE)
                elif name in self._named:
                    self._check_one(entry, self._named[name], at=at)
                elif None not in self._entries:
                    # Else it may be the name of an entry that does not check.
                    message = f"there is no entry `{name}` in this file{self._hint(name, entry)}"
                    findings.error(at, message, rule=Rule.AFTER_UNKNOWN)
                seen.add(name)

    def _hint(self, name: str, entry: Entry) -> str:
        # Once for each name: by `defaults` thousands of entries may name the same one.
        if name not in self._hints:
            known = sorted(self._named.keys() - {entry.name})
            self._hints[name] = did_you_mean(name, known) or "; delete it"
        return self._hints[name]

    def _check_one(self, entry: Entry, needed: Entry, *, at: Path) -> None:
        circle = self._circles.get((entry.name, needed.name))
        if circle is not None:
            words = " > ".join(circle)
            message = f"an entry cannot wait for itself: {words}; take one `after` out"
            self._findings.error(at, message, rule=Rule.AFTER_CIRCLE)
            return
        missing = self._missing(entry, needed)
        if missing is not None:
            where = f"{missing.kind} {missing.name} on {missing.host}"
            message = (
                f"`{needed.name}` is not for the {where}, for which it would wait; add it to a group there"
            )
            self._findings.error(at, message, rule=Rule.AFTER_TARGET)
        for window in entry.windows if needed.windows else ():
            other = needed_window(needed.windows, window=window)
            if other.opens >= _closes(window):
                message = (
                    f"`{needed.name}` opens {other.label} when {window.label} has closed; it would never go, "
                    "so move one of them"
                )
                self._findings.error(at, message, rule=Rule.AFTER_NEVER)

    def _missing(self, entry: Entry, needed: Entry) -> Target | None:
        findings = self._findings
        # Where groups do not check, the file is kept out anyway, and more would only be noise.
        of_groups: list[Path] = [
            ("scripts", self._places[each.name], "device_groups") for each in (entry, needed)
        ]
        if findings.broken and any(findings.has_under(path) for path in [("device_groups",), *of_groups]):
            return None
        known = self._targets_of(needed)
        if self._targets_of(entry) <= known:
            return None
        return next(each.target for each in entry.placements if each.target not in known)

    def _targets_of(self, entry: Entry) -> frozenset[Target]:
        known = self._targets.get(entry.name)
        if known is None:
            # One object for the same targets: then comparing them takes no time.
            known = frozenset(placement.target for placement in entry.placements)
            known = self._targets[entry.name] = self._of_targets.setdefault(known, known)
        return known


def _circles(named: Mapping[str, Entry]) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """Yield each entry and one of those for which it waits by which a circle is closed, and the circle."""
    done: set[str] = set()
    for start in named:
        # Without recursion: a file may chain thousands of entries.
        trail: dict[str, Iterator[str]] = {} if start in done else {start: iter(named[start].after)}
        while trail:
            name = next(reversed(trail))
            needed = next(trail[name], None)
            if needed is None:
                del trail[name]
                done.add(name)
            elif needed in trail:
                names = list(trail)
                circle = (*names[names.index(needed) :], needed)
                if len(circle) > _MOST_SHOWN:
                    circle = (*circle[: _MOST_SHOWN - 2], "...", needed)
                yield (name, needed), circle
            elif needed in named and needed not in done:
                trail[needed] = iter(named[needed].after)


def _closes(window: Window) -> int:
    return window.closes if window.closes > window.opens else window.closes + DAY_SECONDS
