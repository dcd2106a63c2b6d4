"""The steps of an edited life, and the documents that they write; all by numbers, so that they can shrink."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

FILES = 4
EDITS = (
    *("rewrite", "times", "targets", "script", "days", "zone", "name", "enabled", "broken", "half"),
    *("delete", "restore", "move", "swap", "touch", "copy"),
)
OTHERS = ("restart", "crash", "stop", "pause", "resume", "cancel", "crash_soon")
KINDS = (*EDITS, *EDITS, "rewrite", "rewrite", "times", "targets", *OTHERS, "resume")
PAUSES = (0, 3, 3, 4, 10, 30)
"""Seconds between steps: none, or enough for the daemon to have seen what was done before."""
SERIALS = {name: tuple(f"{name}-{number}" for number in range(12)) for name in ("pc0", "pc1")}
_WINDOWS = (
    *("13:40-14:06", "13:58-14:03", "14:00-14:05", "14:01-14:04", "14:02-14:08", "14:04-14:05"),
    *("14:05-14:15", "14:06-14:09", "14:10-14:40", "14:20-16:00", "23:30-00:30", "01:00-02:00"),
)
BROKEN = ("scripts: [}", "", "\0\0\0", "a: b", "scripts: []", "- 1\n- 2\n", "name: x\nname: y\n")


class Step(NamedTuple):
    """One thing that is done, and how long it then stays so."""

    kind: str
    file: int
    number: int
    pause_seconds: int


def some_steps(chance: Random, *, count: int) -> list[Step]:
    """Return steps drawn by lot."""
    return [
        Step(chance.choice(KINDS), chance.randrange(FILES), chance.randrange(1_000), chance.choice(PAUSES))
        for _ in range(count)
    ]


def document(name: str, number: int) -> dict[str, Any]:
    """Return the campaign document of a number."""
    chance = Random(number)
    host = chance.choice(sorted(SERIALS))
    other = chance.choice(sorted(SERIALS))
    groups = {
        "devices": {"host": host, "serials": chance.sample(SERIALS[host], chance.randint(3, 9))},
        "others": {"host": other, "serials": chance.sample(SERIALS[other], chance.randint(1, 3))},
        "all": {"groups": ["devices", "others"]},
    }
    scripts = [
        {
            "name": f"e{each}",
            "script_name": "post",
            "device_groups": [chance.choice(["devices", "all"])],
            "start_time": chance.choice(_WINDOWS),
            "spread": chance.choice(["even", "even", "together"]),
        }
        for each in range(chance.choice([1, 2, 2, 3]))
    ]
    return {"name": name, "timezone": "Europe/Stockholm", "device_groups": groups, "scripts": scripts}


def changed(known: dict[str, Any], kind: str, number: int) -> dict[str, Any]:
    """Return a document with one thing changed."""
    made, groups = {**known}, {**known["device_groups"]}
    scripts = [dict(entry) for entry in known["scripts"]]
    entry = scripts[number % len(scripts)]
    match kind:
        case "times":
            entry["start_time"] = _WINDOWS[number % len(_WINDOWS)]
        case "targets":
            serials = SERIALS[groups["devices"]["host"]]
            chosen = [one for place, one in enumerate(serials) if number >> place & 1] or list(serials[:2])
            groups["devices"] = {**groups["devices"], "serials": chosen}
        case "script":
            entry["name"] = f"e{2 + number % 3}" if len(scripts) == 1 else entry["name"]
            entry["spread"] = ("even", "together")[number % 2]
        case "days":
            made["days"] = ("daily", "weekend", ["mon"], ["tue"])[number % 4]
        case "zone":
            made["timezone"] = ("Europe/Stockholm", "Europe/Helsinki", "Europe/London")[number % 3]
        case "enabled":
            made["enabled"] = not known.get("enabled", True)
        case "name":
            made["name"] = f"c{number % (FILES + 2)}"
    return {**made, "device_groups": groups, "scripts": scripts}
