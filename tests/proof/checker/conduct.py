"""How the runner behaved towards hosts: whose tasks it touched, when, and whether it had written so first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from proof.checker.case import Violation, clock
from proof.checker.halts import allows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from proof.checker.evidence import HostEvidence, TrueTask
    from proof.checker.scene import Expected, Scene

_ONE_TASK = re.compile(r"/task/([^/]+)(?:/(stop|retry))?")
_TOUCHES = {"stopped": "stopped", "deleted": "deleted", "retried": "retried"}


def foreign(scene: Scene) -> Iterator[Violation]:
    """Yield what was done to tasks that are not ours, and calls that touch everybody's."""
    for host in scene.hosts.values():
        for asked in host.asked.values():
            if asked.client == scene.case.client and asked.path == "/task/retry-all":
                yield Violation("foreign", host.name, f"retry-all was called at {clock(asked.at)}")
        for task in host.tasks.values():
            if task.own:
                continue
            for at, kind, told in task.fate:
                if kind in _TOUCHES and told.get("by") == "api":
                    yield _touched(scene, host, task, kind=kind, at=at)


def _touched(scene: Scene, host: HostEvidence, task: TrueTask, *, kind: str, at: float) -> Violation:
    about = f"{host.name} task {task.task_id} (number {task.number})"
    earlier = [
        other
        for other in host.tasks.values()
        if other.own and other.task_id == task.task_id and other.script_name == task.script_name
    ]
    if earlier:
        # The number was ours before the list was cleared, and the host shows no difference: documented.
        return Violation(
            "excused: a number that starts again shows the same script", about, f"{kind} at {clock(at)}"
        )
    if task.content is not None and scene.of_content(task.content):
        return Violation(
            "excused: the same work of another client was taken for ours", about, f"{kind} at {clock(at)}"
        )
    return Violation("foreign", about, f"{kind} by us at {clock(at)}: {task.content}")


def at_close(scene: Scene) -> Iterator[Violation]:
    """Yield work of ours that was taken back too early, or not taken back and begun too late."""
    for one in scene.expected.values():
        if not one.commits:
            continue
        for commit in one.commits:
            for task in commit.tasks:
                yield from _taken_back(scene, one, task)
                yield from _begun_late(scene, one, task)


def _taken_back(scene: Scene, one: Expected, task: TrueTask) -> Iterator[Violation]:
    kinds = {asking.slot.entry.get("at_close", "withdraw") for asking in one.askings}
    closes = min(asking.slot.closes for asking in one.askings)
    for at, kind, told in task.fate:
        if kind not in {"stopped", "deleted"} or told.get("by") != "api":
            continue
        began = max((begun for begun in task.at_of("started") if begun <= at), default=at)
        # What begins between the last look and the request is stopped by the host itself.
        ran = kind == "stopped" and at - began > 2 * scene.allow.timeout_seconds
        if allows(scene, one.key, at=at, stops=ran):
            continue
        if max(scene.world.shown_within(at - scene.allow.timeout_seconds, at)) < closes - 0.001:
            yield Violation("early", str(one.key), f"{kind} at {clock(at)}, before its window closed")
        if kinds == {"leave"} or (ran and "stop" not in kinds):
            yield Violation("early", str(one.key), f"{kind} at {clock(at)}, against its at_close {kinds}")


def _begun_late(scene: Scene, one: Expected, task: TrueTask) -> Iterator[Violation]:
    kinds = {asking.slot.entry.get("at_close", "withdraw") for asking in one.askings}
    if "leave" in kinds:
        return
    closes = max(asking.slot.closes for asking in one.askings)
    host = one.key.host
    slack = scene.allow.close_slack_seconds
    for at in task.at_of("started"):
        closed = scene.world.first_showing(closes, since=task.made_at)
        if at <= closed + slack or not scene.calm(host, since=closed - scene.allow.look_seconds, until=at):
            continue
        if any(closed - scene.allow.look_seconds < put_back < at for put_back in task.at_of(
            "returned", "retried", "failed"
        )):  # fmt: skip
            continue
        row = scene.store.by_key.get(one.key)
        if row is not None and row.state == "unknown":
            continue
        shown = scene.world.shown(at)
        if any(
            failed_on == host and abs(told_at - shown) < slack + at - closed
            for told_at, failed_on in scene.store.withdrawals_failed
        ):
            continue
        yield Violation("late", str(one.key), f"begun at {clock(at)}, closed at {clock(closed)}")


def unaudited(scene: Scene) -> Iterator[Violation]:
    """Yield requests that change something and that the store did not hold before they left."""
    told = {(r["host"], r["at"], r["method"], r["path"]): r for r in scene.world.of("mutation")}
    known = {intent.body_sha256 for intent in scene.store.intents if intent.act == "create"}
    for record in told.values():
        if not _audited(record):
            about = f"{record['host']} {record['method']} {record['path']}"
            yield Violation("unaudited", about, f"left at {clock(record['at'])} with no intent on disk")
    for host in scene.hosts.values():
        for asked in host.asked.values():
            if asked.client == scene.case.client and asked.path == "/task" and asked.body_sha256 not in known:
                detail = f"arrived at {clock(asked.at)}; the store has no intent of its body"
                yield Violation("unaudited", f"{host.name} POST /task", detail)


def _audited(record: Mapping[str, Any]) -> bool:
    """Tell whether one of the intents that were open at that moment is for this request."""
    intents = record["intents"]
    if record["path"] == "/task":
        return any(one["act"] == "create" and one["body_sha256"] == record["body_sha256"] for one in intents)
    named = _ONE_TASK.fullmatch(record["path"])
    if named is None:
        return False
    act = {"stop": "stop", "retry": "retry", None: "delete"}[named[2]]
    return any(one["act"] == act and named[1] in one["task_ids"] for one in intents)
