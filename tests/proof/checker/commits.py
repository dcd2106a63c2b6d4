"""Exactly once, inside the window: what was made against what was asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from proof.checker.case import Violation, clock
from proof.checker.halts import cancelled_by_halt
from proof.checker.restraints import may_hold
from proof.checker.truths import in_doubt
from proof.checker.world import longest_free, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.checker.evidence import Commit
    from proof.checker.plan import Slot
    from proof.checker.scene import Asking, Expected, Scene

_LEAD_SECONDS = 5.0
"""What is due in a window's last moments may go so long before them."""
_TOLD = frozenset({"completed", "failed", "expired", "missed", "cancelled", "skipped", "unknown"})
_ROUNDING_SECONDS = 0.001


def match(scene: Scene) -> Iterator[Violation]:
    """Give every commit of ours to the assignment that explains it; yield what none explains."""
    commits = [commit for host in scene.hosts.values() for commit in host.commits if commit.own]
    for commit in sorted(commits, key=lambda commit: commit.asked_at):
        candidates = [] if commit.content is None else scene.of_content(commit.content)
        open_then = [one for one in candidates if _was_open(scene, one, commit)]
        if open_then:
            # Of several windows of one entry, one that has nothing yet.
            min(open_then, key=lambda one: len(one.commits)).commits.append(commit)
        elif candidates:
            candidates[0].commits.append(commit)
            yield Violation("outside", str(candidates[0].key), _where(scene, candidates[0], commit))
        else:
            detail = f"made at {clock(commit.at)} for {commit.target} of {commit.host}: nothing asks for it"
            yield Violation("extra", str(commit.content), detail)


def _was_open(scene: Scene, one: Expected, commit: Commit) -> bool:
    at = commit.asked_at
    shown = scene.world.shown(at)
    return any(
        asking.slot.opens - _ROUNDING_SECONDS <= shown < asking.slot.closes
        and asking.version.since <= at <= asking.version.may_until + scene.allow.timeout_seconds
        for asking in one.askings
    )


def _where(scene: Scene, one: Expected, commit: Commit) -> str:
    slot = one.askings[-1].slot
    shown = clock(scene.world.shown(commit.asked_at))
    return f"asked for at {shown} by the runner's clock, outside {clock(slot.opens)} to {clock(slot.closes)}"


def doubled(scene: Scene) -> Iterator[Violation]:
    """Yield assignments of which a task was made twice."""
    for one in scene.expected.values():
        if len(one.commits) < 2:
            continue
        made: Counter[tuple[str, str | None, str | None]] = Counter()
        for commit in one.commits:
            made.update((task.serial, task.username, task.target) for task in commit.tasks)
        if max(made.values()) > 1:
            first, second = one.commits[0], one.commits[1]
            kind = "doubled"
            if all(task.gone_at < second.asked_at for task in first.tasks):
                # Nobody can see what is no longer there: the documented weak spot, which is counted apart.
                kind = "excused: doubled after the first was deleted"
            times = ", ".join(clock(commit.at) for commit in one.commits)
            yield Violation(kind, str(one.key), f"made {len(one.commits)} times: {times}")


def untold(scene: Scene) -> Iterator[Violation]:
    """Yield assignments that were owed, and of which the store says nothing or nothing final."""
    for one in scene.expected.values():
        row = scene.store.by_key.get(one.key)
        owed = next((asking for asking in one.askings if _owed(scene, asking)), None)
        if owed is None:
            continue
        if row is None:
            detail = f"due in {_window(owed.slot)}; the store has never heard of it"
            yield Violation("silent", str(one.key), detail)
        elif row.state in {"planned", "submitting"}:
            yield Violation("silent", str(one.key), f"still {row.state} after {_window(owed.slot)}")
        elif row.state in _TOLD - {"completed"} and not row.reason:
            yield Violation("silent", str(one.key), f"{row.state} without a reason")


def _owed(scene: Scene, asking: Asking) -> bool:
    """Tell whether a runner that saw this version has seen the window end, and had time to say so."""
    world = scene.world
    since = asking.version.must_from
    # A clock that is put right takes an end back, and with it what was told of it.
    closed = world.over_for_good(asking.slot.closes)
    if since >= min(asking.version.must_until, closed):
        return False
    if closed > min(asking.version.must_until, scene.case.ended_at - scene.allow.reaction_seconds):
        return False
    return world.noticed(closed) < scene.case.ended_at - scene.allow.reaction_seconds


def missed(scene: Scene) -> Iterator[Violation]:
    """Yield assignments that nothing kept from being made, and that were not made."""
    for one in scene.expected.values():
        if one.commits:
            continue
        row = scene.store.by_key.get(one.key)
        requests = scene.requests(one.key)
        if any(asked.fault is not None or asked.refused is not None for asked in requests):
            continue
        if row is not None and row.state == "unknown" and in_doubt(scene, row, []):
            continue
        if cancelled_by_halt(scene, row):
            continue
        for asking in one.askings:
            if may_hold(scene, asking):
                continue
            free = _free_time(scene, asking, None if row is None else row.due)
            if free is not None:
                state = "not in the store" if row is None else f"{row.state} ({row.reason})"
                detail = f"due in {_window(asking.slot)}, {free}, but is {state}"
                yield Violation("missed", str(one.key), detail)
                break


def _free_time(scene: Scene, asking: Asking, told_due: float | None) -> str | None:
    """Return when the runner had all the time that it needs, None where it never had."""
    slot, world = asking.slot, scene.world
    due = slot.due if slot.due is not None else told_due
    if due is None or slot.key.host not in scene.disturbed:
        return None
    last_begin = slot.closes - scene.allow.timeout_seconds - _LEAD_SECONDS
    spans = merged((*scene.disturbed[slot.key.host], *scene.busy(slot.key)))
    for first, last in world.true_spans(min(due, last_begin), last_begin):
        since, until = (
            max(first, asking.version.must_from),
            min(last, asking.version.must_until, scene.case.ended_at),
        )
        if since >= until:
            continue
        at, length = longest_free(spans, since=since, until=until)
        if length >= scene.allow.reaction_seconds:
            return f"undisturbed for {length:.0f} s from {clock(at)}"
    return None


def planned_otherwise(scene: Scene) -> Iterator[Violation]:
    """Yield rows of the store that no version of a campaign plans so."""
    for row in scene.store.rows:
        one = scene.expected.get(row.key)
        if one is None:
            if row.state not in {"planned", "cancelled"}:
                yield Violation("plan", str(row.key), f"{row.state}, and nothing asks for it")
            continue
        if not any(
            abs(row.opens - asking.slot.opens) < 1
            and abs(row.closes - asking.slot.closes) < 1
            and (asking.slot.due is None or abs(row.due - asking.slot.due) < 1)
            and row.opens <= row.due < row.closes
            for asking in one.askings
        ):
            slot = one.askings[-1].slot
            told = f"{clock(row.opens)} to {clock(row.closes)}, due {clock(row.due)}"
            yield Violation("plan", str(row.key), f"planned {told}; asked for {_window(slot)}")


def _window(slot: Slot) -> str:
    return f"{clock(slot.opens)} to {clock(slot.closes)}"
