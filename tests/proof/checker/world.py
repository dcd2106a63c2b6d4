"""The world's timeline: when the runner was up and awake, what its clock showed, which campaigns were there.

Its records, by `what`:

- `up`, `down`: the runner runs from here on; it does not. `down` also as soon as it was asked to stop.
- `asleep`: the machine sleeps for `seconds`.
- `clock`: from here on the runner's clock is `offset_seconds` ahead of the truth.
- `campaign`: the file of campaign `name` holds `document` from here on; None: it is gone.
- `broken`: the file of campaign `name` does not check from here on; the last version has to stay.
- `config`: what the config says: `timezone`, `limits`, `quiet_hours`.
- `pause`, `resume`: a person holds back what `scope` and `subject` say, and lets it go, by `number`.
- `halt`: a person has cancelled (`depth` `withdraw`) or stopped (`stop`) what `scope` and `subject` say, as
  `owner`; the subject of one assignment is its key, field by field. Of everything: told as a pause, too.
- `stop_file`, `stop_file_gone`: the file STOP says `depth` from here on; it is not there any more.
- `port`: nothing listens at `host` for `seconds`.
- `mutation`: a request that changes something left for `host`: `method`, `path`, `body_sha256`, and
  `intents`, what the store held of it at that moment.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from proof.checker.case import Allowances

FOR_EVER = float("inf")
Span = tuple[float, float]


@dataclass(slots=True)
class Version:
    """One text of a campaign, and when it may and must have been in force, in true time."""

    document: Mapping[str, Any] | None
    since: float
    may_until: float = FOR_EVER
    must_from: float = FOR_EVER
    must_until: float = FOR_EVER


class World:
    """The timeline, asked by true time."""

    def __init__(self, records: Sequence[Mapping[str, Any]], *, ended_at: float, allow: Allowances) -> None:
        self.ended_at = ended_at
        self._allow = allow
        self.by_what: dict[str, list[Mapping[str, Any]]] = {}
        for record in records:
            self.by_what.setdefault(record["what"], []).append(record)
        self.steps = [(float("-inf"), 0.0), *((r["at"], r["offset_seconds"]) for r in self.of("clock"))]
        self._step_times = [at for at, _ in self.steps]
        self.ups = self._up_spans(records)
        self.downs = [r["at"] for r in self.of("down")]
        self.disturbed = self._disturbances()

    def of(self, what: str) -> list[Mapping[str, Any]]:
        """Return the records of one kind, in order."""
        return self.by_what.get(what, [])

    def shown(self, at: float) -> float:
        """Return what the runner's clock shows at a true instant."""
        return at + self.steps[bisect_right(self._step_times, at) - 1][1]

    def shown_within(self, since: float, until: float) -> Iterable[float]:
        """Return what the clock shows at the ends of a span, and at both sides of each step in it."""
        yield self.shown(since)
        yield self.shown(until)
        for (_, before), (at, after) in pairwise(self.steps):
            if since <= at <= until:
                yield at + before
                yield at + after

    def true_spans(self, opens: float, closes: float) -> list[Span]:
        """Return when, in true time, the runner's clock is in an interval."""
        found = []
        for position, (since, offset) in enumerate(self.steps):
            until = self.steps[position + 1][0] if position + 1 < len(self.steps) else FOR_EVER
            first, last = max(since, opens - offset), min(until, closes - offset)
            if first < last:
                found.append((first, last))
        return found

    def first_showing(self, shown: float, *, since: float) -> float:
        """Return the first true instant from `since` on at which the clock shows an instant or later."""
        if self.shown(since) >= shown:
            return since
        for position, (start, offset) in enumerate(self.steps):
            until = self.steps[position + 1][0] if position + 1 < len(self.steps) else FOR_EVER
            at = max(start, since, shown - offset)
            if at < until:
                return at
        return FOR_EVER

    def over_for_good(self, shown: float) -> float:
        """Return the true instant from which on the clock shows no instant before this one."""
        return max(until for _, until in self.true_spans(float("-inf"), shown))

    def highest_shown(self, at: float) -> float:
        """Return the latest that the clock has shown before a true instant, since the life began."""
        highest = float("-inf")
        for position, (_, offset) in enumerate(self.steps):
            until = self.steps[position + 1][0] if position + 1 < len(self.steps) else at
            start = self.steps[position][0]
            if start < at and (position > 0 or until > start):
                highest = max(highest, min(until, at) + offset)
        return highest

    def noticed(self, at: float) -> float:
        """Return by when a runner that looks at its files has seen a change of them."""
        needed = self._allow.noticed_seconds
        for since, until in self.awake:
            first = max(since, at)
            if until - first >= needed:
                return first + needed
        return FOR_EVER

    def versions(self) -> dict[str, list[Version]]:
        """Return each campaign's versions, in order."""
        found: dict[str, list[Version]] = {}
        records = sorted((*self.of("campaign"), *self.of("broken")), key=lambda record: record["at"])
        for record in records:
            versions = found.setdefault(record["name"], [])
            at = record["at"]
            if record["what"] == "broken":
                if versions and versions[-1].must_from > at:
                    # Nobody may have seen the last good text, nor that it is good.
                    versions[-1].must_from = FOR_EVER
                    for one in versions:
                        if one.may_until > at:
                            one.may_until = FOR_EVER
                continue
            seen = self.noticed(at)
            for one in versions:
                one.must_until = min(one.must_until, at)
                if one.may_until > at:
                    one.may_until = seen
            versions.append(Version(record["document"], at, must_from=seen))
        return found

    def _up_spans(self, records: Sequence[Mapping[str, Any]]) -> list[Span]:
        found: list[Span] = []
        since: float | None = None
        for record in records:
            if record["what"] == "up":
                since = record["at"]
            elif record["what"] == "down" and since is not None:
                found.append((since, record["at"]))
                since = None
        if since is not None:
            found.append((since, FOR_EVER))
        return found

    def _disturbances(self) -> list[Span]:
        """Return when the runner itself was not there, or not itself, with the time that it needs after."""
        settle = self._allow.recovery_seconds
        sleeps = [(r["at"], r["at"] + r["seconds"]) for r in self.of("asleep")]
        steps = [(at, at) for at, _ in self.steps[1:]]
        last = float("-inf")
        gaps: list[Span] = []
        for since, until in self.ups:
            gaps.append((last, since))
            last = until
        gaps.append((last, FOR_EVER))
        self.awake = complement(merged([*gaps, *sleeps, *steps]))
        return merged([(since, until + settle) for since, until in (*gaps, *sleeps, *steps)])


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not touch, in order, which cover the same time."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def complement(spans: Sequence[Span]) -> list[Span]:
    """Return the time between merged spans."""
    edges = [float("-inf"), *(edge for span in spans for edge in span), FOR_EVER]
    return [
        (edges[position], edges[position + 1])
        for position in range(0, len(edges), 2)
        if edges[position] < edges[position + 1]
    ]


def longest_free(spans: Sequence[Span], *, since: float, until: float) -> tuple[float, float]:
    """Return the longest stretch of an interval that merged spans leave free, as (since, length)."""
    best, at = (since, 0.0), since
    for first, last in spans:
        if last <= at:
            continue
        if first >= until:
            break
        if first - at > best[1]:
            best = (at, first - at)
        at = max(at, last)
    return (at, until - at) if until - at > best[1] else best
