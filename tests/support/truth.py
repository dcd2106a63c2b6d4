"""An independent checker: what simulated hosts recorded against what the store's file says.

It knows nothing of the runner but the tables of its store. Each assignment is told apart by its caption,
which has to be `${campaign}/${script}/${date}`, and its target.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from support.store import rows_asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CAPTION = "${campaign}/${script}/${date}"

_NEVER_SENT = {"planned", "missed", "cancelled", "failed", "skipped", "unknown"}
_BY_END = {
    "committed": {"submitted", "running", "failed"},
    "returned": {"submitted", "running", "failed"},
    "retried": {"submitted", "running", "failed"},
    "started": {"submitted", "running", "failed"},
    "completed": {"submitted", "running", "completed", "failed"},
    "failed": {"submitted", "running", "failed"},
    "stopped": {"running", "failed"},
}
"""What may be told of a task by the last thing that happened to it, where nobody may have looked since."""
_SETTLED = {"completed": {"completed"}, "failed": {"failed"}, "stopped": {"failed"}}


def faults_found(histories: Mapping[str, Iterable[str]], store: Path | str, *, settled: bool) -> list[str]:
    """Return what is wrong in a store, told by its file or URL.

    `settled`: the runner has had time to look at everything that has ended.
    """
    known = _assignments(store)
    commits: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    ends: dict[tuple[str, int], dict[str, Any]] = {}
    for host, lines in histories.items():
        for happening in map(json.loads, lines):
            if happening["kind"] == "committed" and happening["source"] == "api":
                for task in happening["tasks"]:
                    target = (happening["body"].get("serials") or happening["body"]["usernames"])[0]
                    config = happening["body"]["script_config"]
                    asked = len(config.get("target_users") or [target])
                    made = {**task, "at": happening["at"], "asked": asked}
                    commits[host, target, config["captions"]].append(made)
            if "number" in happening:
                ends[host, happening["number"]] = happening
    wrong = [f"extra: {identity}" for identity in commits.keys() - known.keys()]
    for identity, row in known.items():
        wrong += _of_one(identity, row, commits.get(identity, []), ends, settled=settled)
    return wrong


def _of_one(
    identity: tuple[str, str, str],
    row: dict[str, Any],
    made: list[dict[str, Any]],
    ends: dict[tuple[str, int], dict[str, Any]],
    *,
    settled: bool,
) -> list[str]:
    state = row["state"]
    named = f"{identity} is {state}"
    if not made:
        return [] if state in _NEVER_SENT else [f"a lie: {named} and was never made"]
    targets = [task["target"] for task in made]
    wrong = [f"made {len(made)} times: {named}"] if len(set(targets)) < len(targets) else []
    if any(not row["opens"] <= task["at"] * 1e6 < row["closes"] for task in made):
        wrong.append(f"outside its window: {named}")
    falls_short = len(set(targets)) < max(task["asked"] for task in made)
    if state == "unknown" or (state == "failed" and falls_short):
        return wrong
    kinds = [ends.get((identity[0], task["number"]), {"kind": "committed"}) for task in made]
    if not any(state in _told_of(end, settled=settled) for end in kinds):
        wrong.append(f"a lie: {named}, but its task has {', '.join(end['kind'] for end in kinds)}")
    return wrong


def _told_of(end: dict[str, Any], *, settled: bool) -> set[str]:
    """Return what may be told of a task by the last thing that happened to it."""
    kind = end["kind"]
    if kind == "deleted":
        allowed = {"expired"} if end["by"] != "person" else {"failed"}
        if not settled or end["by"] != "person":
            allowed |= {"failed", "submitted", "running"}
        return allowed
    return (_SETTLED if settled else {}).get(kind, _BY_END[kind])


def _assignments(store: Path | str) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = rows_asked(
        store if isinstance(store, str) else f"sqlite:///{store}",
        "SELECT a.*, r.campaign, r.script, r.day, r.opens, r.closes"
        " FROM assignments a JOIN runs r ON r.id = a.run_id",
    )
    found = {
        (row["host"], row["target"], f"{row['campaign']}/{row['script']}/{row['day']}"): row for row in rows
    }
    assert len(found) == len(rows), "two assignments look the same"
    return {identity: dict(row) for identity, row in found.items()}
