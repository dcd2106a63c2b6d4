"""Limits, quiet hours and pauses: what was made in spite of them, and what was held back for nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from proof.checker.case import Violation, clock
from proof.checker.days import window
from proof.checker.halts import file_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from proof.checker.evidence import Commit
    from proof.checker.plan import Key
    from proof.checker.scene import Asking, Scene

_HOUR_SECONDS = 3_600.0
_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0}
_FLIGHTS = 2.0
"""A request whose intent is on disk when a pause comes may still go, and wait for its turn before."""


class _Made(NamedTuple):
    key: Key
    script_name: str
    shown: float
    """When it was made, by the runner's clock."""


_SUBJECTS: Mapping[str, Callable[[_Made], Hashable]] = {
    "target": lambda made: (made.key.host, made.key.target),
    "script": lambda made: made.key.script,
    "campaign": lambda made: made.key.campaign,
    "host": lambda made: made.key.host,
}


def over_limit(scene: Scene) -> Iterator[Violation]:
    """Yield limits that more was made under than they allow, by the runner's clock."""
    made = [
        _Made(one.key, commit.script_name, scene.world.shown(commit.asked_at))
        for one in scene.expected.values()
        for commit in _begun(scene, one.commits)
    ]
    config = _config(scene)
    for name, most in config.get("limits", {}).items():
        yield from _over(name, most, made, zone=config["timezone"], file="the config")
    for campaign, versions in scene.world.versions().items():
        own = [one for one in made if one.key.campaign == campaign]
        documents = [version.document for version in versions if version.document is not None]
        for name, most in _always(documents).items():
            yield from _over(name, most, own, zone=documents[0]["timezone"], file=campaign)


def _begun(scene: Scene, commits: list[Commit]) -> Iterator[Commit]:
    """Yield the commits that began something: the rest of one that was made in part has its place already."""
    rest = False
    for commit in commits:
        if not rest:
            yield commit
        asked = scene.hosts[commit.host].asked.get(commit.request)
        rest = asked is not None and asked.work == "partial"


def _always(documents: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the limits that all versions of a campaign have alike."""
    if len({document["timezone"] for document in documents}) != 1:
        return {}
    first, *others = [document.get("limits", {}) for document in documents]
    return {name: most for name, most in first.items() if all(other.get(name) == most for other in others)}


def _over(name: str, most: Any, made: Iterable[_Made], *, zone: str, file: str) -> Iterator[Violation]:
    subject = name.split("_")[1] if name.startswith("per_") else "target"
    of_subject: defaultdict[Hashable, list[float]] = defaultdict(list)
    for one in made:
        # In the config a script is one of all campaigns, by the name of the API.
        whose = one.script_name if (subject, file) == ("script", "the config") else _SUBJECTS[subject](one)
        of_subject[whose].append(one.shown)
    for whose, times in of_subject.items():
        times.sort()
        for first, last in _crowds(name, most, times, zone):
            yield Violation("limit", f"{name}: {most} of {file}", f"{whose}: {clock(first)} to {clock(last)}")


def _crowds(name: str, most: Any, times: list[float], zone: str) -> Iterator[tuple[float, float]]:
    """Yield the first and last of one more than is allowed, where they lie too close together."""
    if name == "min_gap":
        gap = float(most[:-1]) * _UNITS[most[-1]]
        yield from ((first, last) for first, last in pairwise(times) if last - first < gap - 0.001)
        return
    for first, last in zip(times, times[most:], strict=False):
        if name.endswith("_hour"):
            if last - first < _HOUR_SECONDS - 0.001:
                yield first, last
        elif _day(first, zone) == _day(last, zone):
            yield first, last


def _day(shown: float, zone: str) -> int:
    """Return the day of a zone, as the number of midnights before it."""
    around = datetime.fromtimestamp(shown, UTC).date()
    midnights = [window(zone, around + timedelta(days=ahead), 0, 1440)[0] for ahead in (-1, 0, 1, 2)]
    return midnights[bisect_left(midnights, shown + 0.001) - 1]


def held_back(scene: Scene) -> Iterator[Violation]:
    """Yield what was made in quiet hours or while it was paused."""
    flight = _FLIGHTS * scene.allow.timeout_seconds
    for one in scene.expected.values():
        for commit in one.commits:
            shown = scene.world.shown(commit.asked_at)
            if any(opens + 0.001 < shown < closes - 0.001 for opens, closes in _quiet(scene, shown)):
                yield Violation("quiet", str(one.key), f"made at {clock(shown)} by the runner's clock")
            for since, until, pause in pauses(scene):
                if since + flight < commit.asked_at < until and _covers(pause, one.key):
                    yield Violation("paused", str(one.key), _said(commit, since))


def _said(commit: Commit, since: float) -> str:
    return f"made at {clock(commit.asked_at)}, paused since {clock(since)}"


def held_for_nothing(scene: Scene) -> Iterator[Violation]:
    """Yield what the store calls skipped, though nothing held it back."""
    for row in scene.store.rows:
        one = scene.expected.get(row.key)
        if row.state == "skipped" and one is not None and not any(may_hold(scene, a) for a in one.askings):
            yield Violation("lie", str(row.key), f"skipped ({row.reason}), but nothing held it back")


def may_hold(scene: Scene, asking: Asking) -> bool:
    """Tell whether a limit, quiet hours or a pause may have to do with an assignment."""
    config = _config(scene)
    if config.get("limits") or (asking.version.document or {}).get("limits") or config.get("quiet_hours"):
        return True
    spans = scene.world.true_spans(asking.slot.opens, asking.slot.closes)
    late = scene.allow.noticed_seconds
    return any(
        since < last and until + late > first
        for since, until, pause in pauses(scene)
        if _covers(pause, asking.slot.key)
        for first, last in spans
    )


def pauses(scene: Scene) -> Iterator[tuple[float, float, Mapping[str, Any]]]:
    """Yield when what was paused, by a command or by the file STOP."""
    for since, until in file_spans(scene):
        yield since, until, {"scope": "all"}
    resumed = scene.world.of("resume")
    for pause in scene.world.of("pause"):
        ends = [r["at"] for r in resumed if r["number"] == pause["number"]]
        yield pause["at"], min(ends, default=scene.case.ended_at), pause


def _covers(pause: Mapping[str, Any], key: Key) -> bool:
    match pause["scope"]:
        case "all":
            return True
        case "host":
            return bool(pause["subject"] == key.host)
        case _:
            return bool(pause["subject"] == key.campaign)


def _quiet(scene: Scene, shown: float) -> Iterator[tuple[float, float]]:
    config = _config(scene)
    if not config.get("quiet_hours"):
        return
    opens, closes = (
        int(hours) * 60 + int(minutes)
        for hours, minutes in (part.split(":") for part in config["quiet_hours"].split("-"))
    )
    around = datetime.fromtimestamp(shown, UTC).date()
    for ahead in (-2, -1, 0, 1):
        yield window(config["timezone"], around + timedelta(days=ahead), opens, closes)


def _config(scene: Scene) -> Mapping[str, Any]:
    return next(iter(scene.world.of("config")), {})
