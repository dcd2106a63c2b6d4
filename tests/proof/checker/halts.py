"""What persons cancel and stop, by command and by the file STOP: it goes, no more goes, and it stays gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from proof.checker.case import Violation, clock
from proof.checker.plan import Key
from proof.checker.world import FOR_EVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.checker.evidence import Commit, TrueTask
    from proof.checker.ledger import Row
    from proof.checker.scene import Asking, Expected, Scene
    from proof.checker.world import Span

PROMISED_SECONDS = 2.0
"""Within which a halt takes effect: what is on its way may arrive until then."""
WATCHED_SECONDS = 3_300.0
"""A failure is watched for an hour after it was seen; a little less is promised here."""
_START_SECONDS = 30.0
"""In which a runner that starts has seen how its hosts are."""
FILE = "the file STOP"
_INSTANT_SECONDS = 0.001
_BY = re.compile(r"(cancelled|withdrawn|stopped) by (person \d+|the file STOP)")
_SCOPE_FIELDS = {"campaign": "campaign", "host": "host"}


@dataclass(frozen=True, slots=True)
class Halt:
    """One halt, and whether a runner was there when it was given."""

    at: float
    depth: str
    """`withdraw` or `stop`."""
    scope: str
    subject: str | Key
    owner: str
    start: float
    """When the first runner was up that had to see to it: at once, or at the next start."""
    ends: float = FOR_EVER
    """When the file was taken away or had another word; no command is taken back."""

    @property
    def is_file(self) -> bool:
        """Is it the file STOP, which leaves planned what is?"""
        return self.owner == FILE

    @property
    def while_up(self) -> bool:
        """Did a runner run?"""
        return self.start == self.at

    def is_for(self, key: Key) -> bool:
        """Tell whether an assignment is of what was halted."""
        match self.scope:
            case "all":
                return True
            case "assignment":
                return key == self.subject
            case _:
                return bool(getattr(key, _SCOPE_FIELDS[self.scope]) == self.subject)


@lru_cache(maxsize=1)
def halts(scene: Scene) -> list[Halt]:
    """Return every halt that takes back what is under way, in order."""
    given = [
        Halt(
            told["at"], told["depth"], told["scope"],
            Key(*told["subject"]) if told["scope"] == "assignment" else told["subject"],
            told["owner"], _up_from(scene, told["at"]),
        )
        for told in scene.world.of("halt")
    ]  # fmt: skip
    by_file = [
        Halt(since, depth, "all", "", FILE, _up_from(scene, since), until)
        for since, until, depth in _words(scene)
        if depth != "submit" and _up_from(scene, since) < until
    ]
    return sorted([*given, *by_file], key=lambda halt: halt.at)


def file_spans(scene: Scene) -> Iterator[Span]:
    """Yield when the file STOP was there, whatever stood in it."""
    since: float | None = None
    for at, depth in _told(scene):
        if depth is None and since is not None:
            yield since, at
            since = None
        elif depth is not None and since is None:
            since = at
    if since is not None:
        yield since, scene.case.ended_at


def _words(scene: Scene) -> Iterator[tuple[float, float, str]]:
    told = [*_told(scene), (scene.case.ended_at, None)]
    for (since, depth), (until, _) in pairwise(told):
        if depth is not None:
            yield since, until, depth


def _told(scene: Scene) -> list[tuple[float, str | None]]:
    put = [(r["at"], r["depth"]) for r in scene.world.of("stop_file")]
    return sorted(
        [*put, *((r["at"], None) for r in scene.world.of("stop_file_gone"))], key=lambda one: one[0]
    )


def _up_from(scene: Scene, at: float) -> float:
    return min((max(at, since) for since, until in scene.world.ups if until > at), default=FOR_EVER)


# -- what is made in spite of it ---------------------------------------------------------------------------


def made_in_spite(scene: Scene) -> Iterator[Violation]:
    """Yield what was made of what had been halted, and what was made while the file STOP was there."""
    for one in scene.expected.values():
        for commit in one.commits:
            for since, until in file_spans(scene):
                late = since + (PROMISED_SECONDS if _up_from(scene, since) == since else 0.0)
                if late + _INSTANT_SECONDS < commit.asked_at < until:
                    yield _made(one, commit, f"the file STOP there since {clock(since)}")
            for halt in halts(scene):
                if _too_late(scene, halt, one, commit):
                    yield _made(one, commit, f"halted at {clock(halt.at)} by {halt.owner}")


def _made(one: Expected, commit: Commit, but: str) -> Violation:
    return Violation("halted", str(one.key), f"made at {clock(commit.asked_at)}, {but}")


def _too_late(scene: Scene, halt: Halt, one: Expected, commit: Commit) -> bool:
    if commit.asked_at <= halt.at or not had_to_drop(scene, halt, one):
        return False
    if not halt.while_up or commit.asked_at > halt.at + PROMISED_SECONDS + _INSTANT_SECONDS:
        return True
    # So soon after it may go what was written before it.
    shown = scene.world.shown(halt.at) + _INSTANT_SECONDS
    written = [intent.at for intent in scene.intents(one.key) if intent.body_sha256 == commit.body_sha256]
    return bool(written) and min(written) > shown


def had_to_drop(scene: Scene, halt: Halt, one: Expected) -> bool:
    """Tell whether an assignment surely was in the plan, or on its way, and of what a halt drops."""
    if halt.is_file or not halt.is_for(one.key):
        return False
    if halt.scope == "assignment":
        return True
    since = _settled_since(scene, halt)
    return any(
        asking.version.must_from <= max(since, halt.start)
        and asking.version.since <= halt.at
        and asking.version.must_until > halt.start
        and _is_up_to_today(scene, halt, asking)
        and asking.slot.closes > max(scene.world.shown(halt.at), scene.world.shown(halt.start))
        for asking in one.askings
        if since < halt.at or not halt.while_up
    )


def _settled_since(scene: Scene, halt: Halt) -> float:
    """Return the instant up to which all was planned as it stands: a little before it, in quiet times."""
    needed = scene.allow.noticed_seconds
    for first, last in scene.world.awake:
        if first <= halt.at <= last and halt.at - first >= needed:
            return halt.at - _INSTANT_SECONDS
    return halt.at


def _is_up_to_today(scene: Scene, halt: Halt, asking: Asking) -> bool:
    document = asking.version.document
    return document is not None and asking.slot.key.day <= _today(scene, halt, document["timezone"])


def _today(scene: Scene, halt: Halt, zone: str) -> str:
    shown = datetime.fromtimestamp(scene.world.shown(halt.at), UTC)
    return shown.astimezone(ZoneInfo(zone)).date().isoformat()


# -- what is taken back ------------------------------------------------------------------------------------


def allows(scene: Scene, key: Key, *, at: float, stops: bool) -> bool:
    """Tell whether a halt is the reason to delete, or to stop, a task of an assignment at an instant."""
    return any(
        halt.at <= at and halt.is_for(key) and (halt.depth == "stop" or not stops) for halt in halts(scene)
    )


def left_over(scene: Scene) -> Iterator[Violation]:
    """Yield tasks that were to be taken back, and that are still there at the end, or began all the same."""
    for one in scene.expected.values():
        row = scene.store.by_key.get(one.key)
        if row is None or row.state == "unknown":
            continue
        for commit in one.commits:
            for halt in halts(scene):
                if not halt.is_for(one.key) or commit.asked_at > halt.at + PROMISED_SECONDS:
                    continue
                for task in commit.tasks:
                    yield from _still_there(scene, halt, one, task)
                    yield from _went_on(scene, halt, one, task=task, commit=commit)


def _still_there(scene: Scene, halt: Halt, one: Expected, task: TrueTask) -> Iterator[Violation]:
    if not any(until == FOR_EVER for _, until in task.active()) or task.gone_at < FOR_EVER:
        return
    if scene.upset(one.key.host, since=task.made_at) or _put_back(scene, halt, one.key.host, task):
        return
    begun = task.at_of("started")
    if halt.depth == "stop" or not begun:
        doing = "running" if begun else "pending"
        detail = f"task {task.task_id} is {doing} at the end, halted at {clock(halt.at)} by {halt.owner}"
        yield Violation("left over", str(one.key), detail)


def _went_on(
    scene: Scene, halt: Halt, one: Expected, *, task: TrueTask, commit: Commit
) -> Iterator[Violation]:
    """Yield what began, or ran to its end where it was to be stopped, with time enough to take it back."""
    known = max(halt.start + PROMISED_SECONDS, _known_by(scene, commit))
    kinds = {"started", "completed", "failed"} if halt.depth == "stop" else {"started"}
    lately = halt.at - scene.allow.look_seconds
    if halt.ends < known or any(lately < at for at in task.at_of("returned", "retried")):
        return
    if _put_back(scene, halt, one.key.host, task):
        return
    for at, kind, _ in task.fate:
        peace = _peace(scene, one.key.host, since=known, until=at)
        if kind in kinds and peace > scene.allow.close_slack_seconds:
            detail = f"{kind} at {clock(at)}, halted at {clock(halt.at)} by {halt.owner}"
            yield Violation("late", str(one.key), detail)
            return


def _known_by(scene: Scene, commit: Commit) -> float:
    """Return by when it is known what a request has made: when it was answered, or looked for in peace."""
    asked = scene.hosts[commit.host].asked.get(commit.request)
    answered = commit.asked_at + scene.allow.timeout_seconds
    cut_off = any(commit.asked_at <= down <= answered for down in scene.world.downs)
    if asked is not None and asked.fault is None and not cut_off:
        return answered
    return _up_from(scene, answered) + scene.allow.recovery_seconds + scene.allow.look_seconds


def _peace(scene: Scene, host: str, *, since: float, until: float) -> float:
    """Return for how long nothing was in the way of a runner, up to an instant; 0 where something was."""
    for first, last in scene.world.awake:
        if first <= until <= last:
            begins = max(since, first + _START_SECONDS)
            if not any(a < until and b > begins for a, b in scene.hosts[host].disturbed):
                return until - begins
    return 0.0


def _put_back(scene: Scene, halt: Halt, host: str, task: TrueTask) -> bool:
    """Tell whether the host, or a person there, put back a task that had ended, and nobody can have seen."""
    needed = scene.allow.look_seconds + scene.allow.recovery_seconds
    ended = task.made_at
    for at, kind, told in task.fate:
        if kind == "returned" or (kind == "retried" and told.get("by") != "api"):
            in_time = at < ended + WATCHED_SECONDS and at + needed < halt.at
            known = in_time and scene.calm(host, since=at - needed, until=at + needed)
            if not known:
                return True
        ended = at
    return False


def tried_again(scene: Scene) -> Iterator[Violation]:
    """Yield what had failed when it was halted, or was stopped, and that we have put back on the host."""
    for one in scene.expected.values():
        for commit in one.commits:
            for task in commit.tasks:
                for at, kind, told in task.fate:
                    if kind != "retried" or told.get("by") != "api":
                        continue
                    for halt in halts(scene):
                        if at > halt.at + PROMISED_SECONDS and _not_again(scene, halt, one, task=task, at=at):
                            detail = f"retried at {clock(at)}, halted at {clock(halt.at)} by {halt.owner}"
                            yield Violation("halted", str(one.key), detail)


def _not_again(scene: Scene, halt: Halt, one: Expected, *, task: TrueTask, at: float) -> bool:
    if not had_to_drop(scene, halt, one) or task.made_at > halt.at:
        return False
    seen_by = halt.at - scene.allow.look_seconds - scene.allow.recovery_seconds
    ends = [(when, kind) for when, kind, _ in task.fate if when <= halt.at]
    failed = bool(ends) and ends[-1][1] in {"failed", "stopped"} and ends[-1][0] < seen_by
    known = failed and scene.calm(one.key.host, since=seen_by, until=halt.at)
    stopped = any(halt.at <= when < at for when in task.at_of("stopped"))
    return known or (halt.depth == "stop" and stopped)


# -- what the store says of it -----------------------------------------------------------------------------


def told_wrongly(scene: Scene) -> Iterator[Violation]:
    """Yield what the store lays to a halt that was not of it, and what it does not lay to one that was."""
    for row in scene.store.rows:
        one = scene.expected.get(row.key)
        for owner in sorted(owners(row)):
            if not any(halt.owner == owner and _may_explain(scene, halt, row, one) for halt in halts(scene)):
                yield Violation("lie", str(row.key), f"{row.state} ({row.reason}), which that did not cover")
        if one is not None and not one.commits and row.state in {"planned", "missed", "skipped"}:
            for halt in halts(scene):
                if had_to_drop(scene, halt, one) and _ended_after(scene, row, halt):
                    detail = f"{row.state} ({row.reason}), halted at {clock(halt.at)} by {halt.owner}"
                    yield Violation("lie", str(row.key), detail)


def owners(row: Row) -> set[str]:
    """Return who has halted an assignment, as its reason says."""
    return {owner for _, owner in _BY.findall(row.reason or "")}


def cancelled_by_halt(scene: Scene, row: Row | None) -> bool:
    """Tell whether an assignment is rightly told as one that a halt has dropped."""
    if row is None or row.state != "cancelled":
        return False
    one = scene.expected.get(row.key)
    return any(halt.owner in owners(row) and _may_explain(scene, halt, row, one) for halt in halts(scene))


def _may_explain(scene: Scene, halt: Halt, row: Row, one: Expected | None) -> bool:
    if not halt.is_for(row.key):
        return False
    if row.finished_at is not None and row.finished_at < scene.world.shown(halt.at) - _INSTANT_SECONDS:
        return False
    # Later days stay planned, and for the file all that is; what is under way goes, whatever day it is of.
    under_way = any(
        intent.act == "create" and intent.at <= max(scene.world.shown_within(halt.at, halt.start))
        for intent in scene.intents(row.key)
    )
    if under_way or halt.scope == "assignment":
        return True
    if one is not None:
        return not halt.is_file and any(_is_up_to_today(scene, halt, asking) for asking in one.askings)
    # Its window opens after the life's end: the checker's plan does not reach that far.
    documents = [version.document for version in scene.world.versions().get(row.key.campaign, ())]
    zones = {document["timezone"] for document in documents if document is not None}
    return not halt.is_file and any(row.key.day <= _today(scene, halt, zone) for zone in zones)


def _ended_after(scene: Scene, row: Row, halt: Halt) -> bool:
    return row.finished_at is None or row.finished_at > scene.world.highest_shown(halt.at) + PROMISED_SECONDS
