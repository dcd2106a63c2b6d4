"""Say what is wrong after many kills, by what the hosts recorded and what the store says."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proof.kills.load import TIMEOUT_SECONDS
from support.truth import faults_found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SECOND = 1_000_000
ENDED = frozenset({"completed", "failed", "expired", "missed", "cancelled", "skipped", "unknown"})


@dataclass(frozen=True)
class Kill:
    """A kill, surely between two instants (microseconds UTC)."""

    after: int
    before: int

    def strikes(self, begun: int, ended: int) -> bool:
        """Tell whether it may have come while something lasted."""
        return begun <= self.before and self.after <= ended


@dataclass(frozen=True)
class Request:
    """A create with its intent: whose it is, and from when to when its effect was open."""

    key: str
    state: str
    """Of its assignment."""
    body_sha256: str
    begun: int
    ended: int


class Evidence:
    """What the hosts recorded and what the store holds."""

    def __init__(self, histories: Mapping[str, Sequence[str]], store: Path, *, log: Path) -> None:
        self.histories = histories
        self.store = store
        self.log = log
        self.happenings = {host: [json.loads(line) for line in lines] for host, lines in histories.items()}
        self.commits = [
            (host, one)
            for host, happenings in self.happenings.items()
            for one in happenings
            if one["kind"] == "committed"
        ]
        self.faulted = Counter(
            f"{one['fault']}, work {one['work']}"
            for happenings in self.happenings.values()
            for one in happenings
            if one["kind"] == "faulted"
        )
        self.requests = [
            Request(key, state, sha, begun, begun if ended is None else ended)
            for key, state, sha, begun, ended in self.asked(
                "SELECT i.key, a.state, i.body_sha256, i.at, i.closed_at FROM intents i"
                " JOIN assignments a ON a.key = i.key WHERE i.act = 'create'"
            )
        ]

    def asked(self, sql: str) -> list[Any]:
        """Return what the store answers."""
        with closing(sqlite3.connect(self.store)) as connection:
            return connection.execute(sql).fetchall()

    def ambiguous_bodies(self) -> set[str]:
        """Return the hashes of the creates of which a host lost the answer."""
        found = set()
        for happenings in self.happenings.values():
            hashes = {one["request"]: one["body_sha256"] for one in happenings if one["kind"] == "requested"}
            found |= {hashes.get(one["request"]) for one in happenings if one["kind"] == "faulted"}
        return found - {None}


def violations(evidence: Evidence, *, kills: Sequence[Kill], until: int) -> list[str]:
    """Return what is wrong; `until`: what was to begin before this instant has to have ended."""
    return [
        *faults_found(evidence.histories, evidence.store, settled=True),
        *_doubled(evidence),
        *_untold(evidence),
        *_not_ended(evidence, until=until),
        *_unknown_without_need(evidence, kills=kills),
        *_without_intent(evidence),
        *_told_but_not_kept(evidence),
    ]


def _doubled(evidence: Evidence) -> Iterator[str]:
    made = Counter(
        (host, one["body"]["serials"][0], one["body"]["script_config"]["captions"])
        for host, one in evidence.commits
    )
    for identity, times in made.items():
        if times > 1:
            yield f"made {times} times: {identity}"


def _untold(evidence: Evidence) -> Iterator[str]:
    """Yield the commits that are neither bound to their assignment nor told to be unknown."""
    bound = set(evidence.asked("SELECT host, task_id FROM tasks"))
    unknown = {request.body_sha256 for request in evidence.requests if request.state == "unknown"}
    for host, happenings in evidence.happenings.items():
        hashes = {one["request"]: one["body_sha256"] for one in happenings if one["kind"] == "requested"}
        for one in happenings:
            if one["kind"] != "committed" or hashes[one["request"]] in unknown:
                continue
            for task in one["tasks"]:
                if (host, str(task["task_id"])) not in bound:
                    yield f"nobody knows of task {task['task_id']} on {host}"


def _not_ended(evidence: Evidence, *, until: int) -> Iterator[str]:
    rows = evidence.asked(
        "SELECT a.key, a.state, a.reason, r.opens FROM assignments a JOIN runs r ON r.id = a.run_id"
    )
    for key, state, reason, opens in rows:
        if opens >= until:
            continue
        if state not in ENDED:
            yield f"{key} is still {state}"
        elif state != "completed" and not reason:
            yield f"{key} is {state} without a reason"


def _unknown_without_need(evidence: Evidence, *, kills: Sequence[Kill]) -> Iterator[str]:
    """Yield what is told to be unknown though its answer was not lost and no kill came."""
    lost = evidence.ambiguous_bodies()
    by_key: dict[str, list[Request]] = {}
    for request in evidence.requests:
        by_key.setdefault(request.key, []).append(request)
    for key, requests in by_key.items():
        in_doubt = any(
            request.body_sha256 in lost
            or request.ended - request.begun >= TIMEOUT_SECONDS * SECOND
            or any(kill.strikes(request.begun, request.ended) for kill in kills)
            for request in requests
        )
        if requests[0].state == "unknown" and not in_doubt:
            yield f"{key} is unknown, but its answer arrived"


def _without_intent(evidence: Evidence) -> Iterator[str]:
    intended = Counter(request.body_sha256 for request in evidence.requests)
    sent = Counter(
        one["body_sha256"]
        for happenings in evidence.happenings.values()
        for one in happenings
        if one["kind"] == "requested" and one["method"] == "POST" and one["path"].endswith("/task")
    )
    for body, times in (sent - intended).items():
        yield f"{times} creates {body[:12]} arrived beyond their intents"


def _told_but_not_kept(evidence: Evidence) -> Iterator[str]:
    kept = Counter(evidence.asked("SELECT name, key FROM events WHERE key IS NOT NULL"))
    told: Counter[tuple[str, str]] = Counter()
    for line in evidence.log.read_text().splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # a kill tore it
        if "key" in event:
            told[event["event"], event["key"]] += 1
    for (name, key), times in (told - kept).items():
        yield f"{name} of {key} was told {times} times more than it was kept"
