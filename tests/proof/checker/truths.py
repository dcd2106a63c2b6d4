"""Does the store tell the truth? What it says against what truly happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proof.checker.case import Violation, clock
from proof.checker.halts import WATCHED_SECONDS, cancelled_by_halt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.checker.evidence import Commit, TrueTask
    from proof.checker.ledger import Row
    from proof.checker.scene import Expected, Scene

_NEVER_MADE = frozenset({"planned", "missed", "skipped"})


def lies(scene: Scene) -> Iterator[Violation]:
    """Yield what the store says of assignments and the hosts' histories contradict."""
    for row in scene.store.rows:
        one = scene.expected.get(row.key)
        commits = [] if one is None else one.commits
        said = _contradicted(scene, row, commits)
        if said is not None:
            kind = "excused" if said.startswith("excused") else "lie"
            yield Violation(kind, str(row.key), f"{row.state} ({row.reason}), but {said}")


def overwritten(scene: Scene) -> Iterator[Violation]:
    """Yield results that were told and are no longer what the store says."""
    for name in sorted(scene.store.completed):
        row = scene.store.by_name.get(name)
        if row is None or row.state != "completed":
            state = "not in the store" if row is None else f"{row.state} ({row.reason})"
            yield Violation("overwritten", name if row is None else str(row.key), f"completed, now {state}")


def _contradicted(scene: Scene, row: Row, commits: list[Commit]) -> str | None:
    if row.state == "unknown":
        return None if in_doubt(scene, row, commits) else "nothing ambiguous has happened"
    if row.state in _NEVER_MADE:
        return f"it was made at {clock(commits[0].at)}" if commits else None
    if not commits:
        return _without_commit(scene, row)
    tasks = [task for commit in commits for task in commit.tasks]
    return None if _lost_from_sight(scene, row, tasks) else _made_but(scene, row, tasks)


def _made_but(scene: Scene, row: Row, tasks: list[TrueTask]) -> str | None:
    completed = all(task.at_of("completed") for task in tasks)
    match row.state:
        case "completed":
            return None if completed else "not all of its tasks have completed"
        case "failed":
            return _not_failed(scene, row, tasks)
        case "submitted" | "running":
            return _still(scene, row, tasks)
        case "cancelled" if cancelled_by_halt(scene, row):
            return _not_halted(scene, row, tasks)
        case "expired" | "cancelled":
            withdrawn = any(_deleted_by_us(task) for task in tasks)
            return None if withdrawn and not completed else "its tasks were not withdrawn, or have completed"
        case _:
            return "that is no state for what was made"


def _without_commit(scene: Scene, row: Row) -> str | None:
    match row.state:
        case "failed":
            # Refused, or it could not be made; a refusal that hides work breaks an assumption.
            refused = any(
                asked.refused is not None or asked.fault == "refusal" for asked in scene.requests(row.key)
            )
            return None if refused or not scene.requests(row.key) else "it was never refused nor made"
        case "cancelled":
            words = ("withdrawn by", "stopped by")
            was_there = any(word in (row.reason or "") for word in words)
            return f"{_foreign(scene, row)}it was never made" if was_there else None
        case "submitting":
            return None  # what is under way at the end of a life; `untold` minds what stays so
        case _:
            return f"{_foreign(scene, row)}it was never made"


def _foreign(scene: Scene, row: Row) -> str:
    """Say "excused" where another client made the very same work, so that ours could be seen in it."""
    same = any(
        commit.content == row.key.content and not commit.own for commit in scene.hosts[row.key.host].commits
    )
    return "excused: another client made the same work, and " if same else ""


def _lost_from_sight(scene: Scene, row: Row, tasks: list[TrueTask]) -> bool:
    """Tell whether the host itself lost what became of the tasks."""
    return scene.upset(row.key.host, since=min(task.made_at for task in tasks))


def _not_halted(scene: Scene, row: Row, tasks: list[TrueTask]) -> str | None:
    """Return what is wrong with a halt that is told for what was made."""
    if "cancelled by" in (row.reason or ""):
        # It had failed, or its request is said to have made nothing, and is not tried again.
        if not any(task.at_of("failed", "stopped", "deleted", "forgotten") for task in tasks):
            return "none of its tasks has failed"
    elif not any(_taken_back_by_us(task) for task in tasks):
        return "its tasks were neither withdrawn nor stopped"
    if row.finished_at is None or not all(task.at_of("completed") for task in tasks):
        return None
    completed = max(task.at_of("completed")[0] for task in tasks)
    finished = scene.world.first_showing(row.finished_at, since=float("-inf"))
    seen_by = completed + scene.allow.look_seconds + scene.allow.recovery_seconds
    if seen_by < finished and scene.calm(row.key.host, since=completed, until=seen_by):
        return f"all of its tasks had completed at {clock(completed)}"
    return None


def _not_failed(scene: Scene, row: Row, tasks: list[TrueTask]) -> str | None:
    if not any(task.at_of("failed", "stopped", "deleted", "forgotten") for task in tasks):
        # Where a host made only some of them, the others never will be.
        some = any(asked.work == "partial" for asked in scene.requests(row.key))
        return None if some else "none of its tasks has failed"
    if not all(task.at_of("completed") for task in tasks):
        return None
    last_failure = _last_watched([at for task in tasks for at in task.at_of("failed", "stopped")])
    completed = max(at for task in tasks for at in task.at_of("completed"))
    seen_by = completed + scene.allow.look_seconds + scene.allow.recovery_seconds
    if (
        last_failure < completed < last_failure + WATCHED_SECONDS
        and seen_by < scene.case.ended_at
        and scene.calm(row.key.host, since=last_failure - scene.allow.look_seconds, until=seen_by)
        and all(task.gone_at > seen_by for task in tasks)
    ):
        return f"all of its tasks have completed, at {clock(completed)}"
    return None


def _last_watched(failures: list[float]) -> float:
    """Return the last failure that can have been seen: each is seen only in the hour after the one before."""
    last = min(failures, default=0.0)
    for at in sorted(failures):
        last = at if at < last + WATCHED_SECONDS else last
    return last


def _still(scene: Scene, row: Row, tasks: list[TrueTask]) -> str | None:
    settled_by = scene.case.ended_at - scene.allow.look_seconds - scene.allow.recovery_seconds
    if all(task.last[1] in {"completed", "failed", "stopped", "deleted"} for task in tasks):
        ended = max(task.last[0] for task in tasks)
        calm = scene.calm(row.key.host, since=settled_by, until=scene.case.ended_at)
        if ended < settled_by and calm:
            return f"all of its tasks had ended at {clock(ended)}"
    return None


def _taken_back_by_us(task: TrueTask) -> bool:
    return any(kind in {"deleted", "stopped"} and told["by"] == "api" for _, kind, told in task.fate)


def _deleted_by_us(task: TrueTask) -> bool:
    return any(kind == "deleted" and told["by"] == "api" for _, kind, told in task.fate)


def in_doubt(scene: Scene, row: Row, commits: list[Commit]) -> bool:
    """Tell whether anything has happened that could leave a request's effect, or a result, in doubt."""
    intents = [intent for intent in scene.intents(row.key) if intent.act == "create"]
    if any(asked.fault is not None for asked in scene.requests(row.key)):
        return True
    patience = 2 * scene.allow.timeout_seconds
    for intent in intents:
        for since, until in scene.world.true_spans(intent.at - 0.001, intent.at + patience):
            if any(since <= down <= until for down in scene.world.downs):
                return True
    made = min((commit.at for commit in commits), default=None)
    numbers = scene.hosts[row.key.host].used_again
    if any(task.number in numbers for commit in commits for task in commit.tasks):
        return True
    return made is not None and scene.upset(row.key.host, since=made)


def bindings(scene: Scene) -> Iterator[Violation]:
    """Yield task numbers that the store gives to an assignment, and that were made for something else."""
    for bound in scene.store.bound:
        row = scene.store.by_name.get(bound.name)
        if row is None:
            yield Violation("lie", bound.host, f"task {bound.task_id} belongs to nothing in the store")
            continue
        host = scene.hosts[bound.host]
        made = [task for task in host.tasks.values() if str(task.task_id) == bound.task_id]
        if not made:
            yield Violation("lie", str(row.key), f"task {bound.task_id} was never made on {bound.host}")
        elif not any(task.own and task.content == row.key.content for task in made):
            same = any(task.content == row.key.content for task in made)
            kind = "excused: the same work of another client was taken for ours" if same else "lie"
            yield Violation(kind, str(row.key), f"task {bound.task_id} on {bound.host} is other work")


def unbound(scene: Scene) -> Iterator[Violation]:
    """Yield tasks of ours that the store says are on the host, but of which it does not know the numbers."""
    known = {(bound.host, bound.task_id, bound.name) for bound in scene.store.bound}
    for one in scene.expected.values():
        row = scene.store.by_key.get(one.key)
        if row is None or row.state not in {"submitted", "running", "completed", "expired"}:
            continue
        lost = [task for task in _tasks(one) if (one.key.host, str(task.task_id), row.name) not in known]
        if lost and not _excusable(scene, one):
            numbers = ", ".join(str(task.task_id) for task in lost)
            yield Violation("lie", str(one.key), f"{row.state}, but its tasks {numbers} are not known")


def _tasks(one: Expected) -> list[TrueTask]:
    return [task for commit in one.commits for task in commit.tasks]


def _excusable(scene: Scene, one: Expected) -> bool:
    first = min(task.made_at for task in _tasks(one))
    return scene.upset(one.key.host, since=first) or any(task.at_of("deleted") for task in _tasks(one))
