"""Write what is remembered of alarms as text, and read it again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from runner.core.alarms import AlarmMemory
from runner.model.alarm import AlarmKind, Group, Trouble


def memory_text(memory: AlarmMemory) -> str:
    """Return all that is remembered, as JSON."""
    return json.dumps(
        {
            "groups": _named({name: asdict(group) for name, group in memory.groups.items()}),
            "told_at": _named(memory.told_at),
            "troubles": _named({name: asdict(trouble) for name, trouble in memory.troubles.items()}),
            "failed": memory.failed,
            "reported": memory.reported,
        }
    )


def read_memory(text: str) -> AlarmMemory:
    """Return what is remembered; nothing where another version has written it."""
    try:
        known = json.loads(text)
        groups = {
            name: Group(**{**one, "first": tuple(one["first"]), "keys": tuple(one["keys"])})
            for name, one in _names(known["groups"]).items()
        }
        troubles = {name: Trouble(**one) for name, one in _names(known["troubles"]).items()}
        told_at, failed = _names(known["told_at"]), tuple(known["failed"])
        return AlarmMemory(groups, told_at, troubles, failed, known["reported"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return AlarmMemory()


def _named(things: Any) -> dict[str, Any]:
    return {f"{kind} {subject}": thing for (kind, subject), thing in things.items()}


def _names(things: dict[str, Any]) -> dict[tuple[AlarmKind, str], Any]:
    split = ((*name.partition(" "), thing) for name, thing in things.items())
    return {(AlarmKind(kind), subject): thing for kind, _, subject, thing in split}
