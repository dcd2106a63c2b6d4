"""What truly happened on one host: who made which tasks, what became of each, and what went wrong when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from proof.checker.case import Allowances
    from proof.checker.world import Span

LIFE = ("started", "completed", "failed", "returned", "retried", "stopped", "deleted", "forgotten")
_UPSETTING = ("forgotten", "restarted", "cleared")
_ENDING = ("completed", "failed", "stopped", "deleted")
_FOR_EVER = float("inf")
Content = tuple[str, str, str]


@dataclass(slots=True)
class TrueTask:
    """One task, by its number that is never used again."""

    number: int
    task_id: int
    made_at: float
    serial: str
    username: str | None
    target: str | None
    script_name: str
    own: bool
    content: Content | None
    fate: list[tuple[float, str, Mapping[str, Any]]] = field(default_factory=list)

    def at_of(self, *kinds: str) -> list[float]:
        """Return when things of these kinds happened to it."""
        return [at for at, kind, _ in self.fate if kind in kinds]

    @property
    def gone_at(self) -> float:
        """When the host lost it for good."""
        lost = [
            at
            for at, kind, told in self.fate
            if kind == "deleted" or (kind == "forgotten" and "status" not in told)
        ]
        return lost[0] if lost else _FOR_EVER

    @property
    def last(self) -> tuple[float, str, Mapping[str, Any]]:
        """What happened to it last; a forgotten result shows as failed."""
        return self.fate[-1] if self.fate else (self.made_at, "committed", {})

    def active(self) -> Iterable[Span]:
        """Yield when it was pending or running."""
        since: float | None = self.made_at
        for at, kind, _ in self.fate:
            if kind in {*_ENDING, "forgotten"} and since is not None:
                yield since, at
                since = None
            elif kind in {"returned", "retried"}:
                since = at
        if since is not None:
            yield since, _FOR_EVER


@dataclass(slots=True)
class Commit:
    """One create that made tasks."""

    host: str
    at: float
    asked_at: float
    """When its request arrived; later work is the host's own delay."""
    request: int | None
    own: bool
    source: str
    content: Content | None
    script_name: str
    target: str
    body_sha256: str | None
    tasks: list[TrueTask]


@dataclass(slots=True)
class Asked:
    """One request that changes something, as it arrived."""

    host: str
    number: int
    at: float
    method: str
    path: str
    client: str
    body_sha256: str | None
    refused: int | None = None
    fault: str | None = None
    work: str | None = None


class HostEvidence:
    """The history of one host, read once."""

    def __init__(
        self, name: str, history: Iterable[Mapping[str, Any]], *, client: str, allow: Allowances
    ) -> None:
        self.name = name
        self._client = client
        self._recovery = allow.recovery_seconds
        self.commits: list[Commit] = []
        self.tasks: dict[int, TrueTask] = {}
        self.asked: dict[int, Asked] = {}
        self.faults: list[Mapping[str, Any]] = []
        self.upsets: list[tuple[float, str]] = []
        """Clears, losses and restarts, after which numbers may name other work."""
        self.disturbed: list[Span] = []
        self.used_again: set[int] = set()
        """Numbers of tasks whose id another task had before."""
        self._ids: set[int] = set()
        self._unlicensed_since: float | None = None
        self._pending_faults: dict[int, Mapping[str, Any]] = {}
        for happening in history:
            self._take(happening)
        if self._unlicensed_since is not None:
            self.disturbed.append((self._unlicensed_since, _FOR_EVER))

    def _take(self, happening: Mapping[str, Any]) -> None:
        kind, at = happening["kind"], happening["at"]
        if kind in LIFE:
            self.tasks[happening["number"]].fate.append((at, kind, happening))
        if kind in _UPSETTING:
            self.upsets.append((at, kind))
        match kind:
            case "requested":
                self._take_request(happening)
            case "refused" if happening["request"] in self.asked:
                self.asked[happening["request"]].refused = happening["code"]
            case "faulted":
                self.faults.append(happening)
                self._pending_faults[happening["request"]] = happening
                self.disturbed.append((at, at + happening["seconds"] + self._recovery))
            case "committed" if happening["tasks"]:
                self._take_commit(happening)
            case "licence_changed":
                self._take_licence(happening)
            case "restarted":
                self.disturbed.append((at, at + happening["down_seconds"] + self._recovery))
            case _:
                pass

    def _take_request(self, happening: Mapping[str, Any]) -> None:
        if happening["method"] == "GET":
            return
        number = happening["request"]
        fault = self._pending_faults.get(number, {})
        self.asked[number] = Asked(
            self.name,
            number,
            happening["at"],
            happening["method"],
            happening["path"].removeprefix("/api/v1"),
            happening["client"],
            happening["body_sha256"],
            fault=fault.get("fault"),
            work=fault.get("work"),
        )

    def _take_licence(self, happening: Mapping[str, Any]) -> None:
        at = happening["at"]
        if happening["plan_name"].lower() == "starter":
            self._unlicensed_since = at if self._unlicensed_since is None else self._unlicensed_since
        elif self._unlicensed_since is not None:
            self.disturbed.append((self._unlicensed_since, at + self._recovery))
            self._unlicensed_since = None

    def _take_commit(self, happening: Mapping[str, Any]) -> None:
        asked = self.asked.get(happening["request"]) if happening["request"] is not None else None
        body = happening["body"]
        own = asked is not None and asked.client == self._client
        targets = body.get("serials") or body.get("usernames") or ["?"]
        text = text_of(body)
        content = None if text is None else (self.name, targets[0], text)
        made = [
            TrueTask(
                row["number"], row["task_id"], happening["at"], row["serial"], row["username"],
                row["target"], body["script_name"], own, content,
            )
            for row in happening["tasks"]
        ]  # fmt: skip
        self.tasks |= {task.number: task for task in made}
        self.used_again |= {task.number for task in made if task.task_id in self._ids}
        self._ids |= {task.task_id for task in made}
        self.commits.append(
            Commit(
                self.name,
                happening["at"],
                happening["at"] if asked is None else asked.at,
                happening["request"],
                own,
                happening["source"],
                content,
                body["script_name"],
                targets[0],
                None if asked is None else asked.body_sha256,
                made,
            )
        )


def text_of(body: Mapping[str, Any]) -> str | None:
    """Return the text `campaign/script/date` that a body carries, by which it is known."""
    config = body.get("script_config", {})
    for key in ("captions", "comment_content", "topic", "bios"):
        if key in config:
            return str(config[key])
    users = config.get("target_users")
    return users[0].rpartition("/")[0] if users else None
