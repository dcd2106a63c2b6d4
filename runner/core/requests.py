"""Make script entries of request bodies that people send to `POST /task` themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

API_KEY = "${env:CHATGPT_API_KEY}"
"""Stands for a key that a body holds: a campaign file is no place for it."""

_KINDS = ("serials", "usernames")
_CARRIED = ("enable_multi_account", "min_interval", "max_interval")
_KNOWN = {*_KINDS, *_CARRIED, "script_name", "script_config", "start_time"}
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """One request as a script entry; `entry` lacks its group."""

    kind: str
    """`serials` or `usernames`."""
    targets: tuple[str, ...]
    entry: Mapping[str, Any]
    remarks: tuple[str, ...]
    """What is otherwise than in the request."""


def draft(body: object, *, start_time: str | None) -> Draft | str:
    """Return a request body as a script entry, or why it can be none.

    `start_time` is for bodies that name none.
    """
    if not isinstance(body, dict):
        return 'it is no request body; write an object such as {"serials": [...], "script_name": ...}'
    remarks = [f"`{name}` is not carried over" for name in body if name not in _KNOWN]
    # "When given, tasks are made for these accounts directly" (TikMatrix API, "POST /task").
    kind = "usernames" if body.get("usernames") else "serials"
    if kind == "usernames" and body.get("serials"):
        remarks.append("`serials` is not carried over: the host goes by `usernames` where both are given")
    targets = _targets(body.get(kind))
    if targets is None:
        return "it names no target; give it `serials` or `usernames`, a list of names"
    if len(set(targets)) < len(targets):
        remarks.append("a target that is given twice is carried over once")
    at = body.get("start_time") or start_time
    if at is None:
        return "it has no `start_time`; say with --start-time when its work is to begin"
    config = body.get("script_config")
    entry: dict[str, Any] = {"script_name": body.get("script_name"), "start_time": at}
    entry |= {name: body[name] for name in _CARRIED if body.get(name) is not None}
    if entry.get("enable_multi_account") is False:
        del entry["enable_multi_account"]
    entry["script_config"] = _texts_kept({} if config is None else config, remarks)
    return Draft(kind, tuple(dict.fromkeys(targets)), entry, tuple(remarks))


def campaign_of(drafts: Sequence[Draft], *, host: str | None) -> dict[str, Any]:
    """Return the content of a campaign file: a group for each list of targets, an entry for each request.

    `host` is left out of the groups where it is None.
    """
    groups: dict[str, Any] = {}
    names: dict[tuple[str, frozenset[str]], str] = {}
    taken: set[str] = set()
    entries = []
    for one in drafts:
        same = (one.kind, frozenset(one.targets))
        if same not in names:
            word = "devices" if one.kind == "serials" else "accounts"
            names[same] = f"{word}-{sum(name.startswith(word) for name in groups) + 1}"
            placed = {} if host is None else {"host": host}
            groups[names[same]] = {**placed, one.kind: list(one.targets)}
        script = str(one.entry["script_name"])
        name = _free(_NAME.sub("-", script)[:50] or "entry", taken)
        named = {} if name == script else {"name": name}
        entries.append({**named, "device_groups": [names[same]], **one.entry})
    return {"device_groups": groups, "scripts": entries}


def _targets(value: object) -> list[str] | None:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        return None
    return [str(name) for name in listed] if all(isinstance(name, (str, int)) for name in listed) else None


def _texts_kept(value: Any, remarks: list[str], key: str = "") -> Any:
    """Return a value without what a campaign file has other ways for: nulls, keys, and `${`."""
    if isinstance(value, dict):
        remarks += [
            f"`{name}` is null and is not carried over" for name, part in value.items() if part is None
        ]
        return {name: _texts_kept(part, remarks, name) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_texts_kept(part, remarks) for part in value]
    if key == "api_key" and isinstance(value, str) and value:
        remarks.append(f"the API key is not carried over; the environment has to hold it, for `{API_KEY}`")
        return API_KEY
    return value.replace("${", "$${") if isinstance(value, str) else value


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found
