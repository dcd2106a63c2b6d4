"""A model of the campaign folder: what is on disk, and which versions have to be in force because of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Force:
    """A version of a campaign that is in force."""

    path: str
    document: dict[str, Any]
    text: str


@dataclass(slots=True)
class Version:
    """A text that was written, and when in true time its work may have been begun."""

    document: dict[str, Any]
    since: float
    until: float = float("inf")


@dataclass(slots=True)
class Folder:
    """Files by path, each a document or, where it does not check, None."""

    files: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    good: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last document of each path that checked, also where it is gone."""
    in_force: dict[str, Force] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    """All texts that ever were written, by their mark."""

    def put(self, path: str, document: dict[str, Any], *, at: float) -> str:
        """Write a document with a mark of its own in its texts; return the text."""
        mark = f"v{len(self.versions)}"
        name = document["name"]
        scripts = [
            {
                **entry,
                "script_config": {
                    "content_type": 1,
                    "captions": f"{name}|{entry['name']}|{entry['start_time']}|{mark}",
                },
            }
            for entry in document["scripts"]
        ]
        marked = {**document, "scripts": scripts}
        self.files[path] = self.good[path] = marked
        self.versions[mark] = Version(marked, at)
        return json.dumps(marked)

    def look(self, *, seen_by: float) -> set[str]:
        """Bring what is in force up to date with the files; return the names of what has changed."""
        before = dict(self.in_force)
        if not self.files and len(before) > 1:
            return set()
        names = Counter(document["name"] for document in self.files.values() if document is not None)
        taken = {
            path: document
            for path, document in self.files.items()
            if document is not None and names[document["name"]] == 1
        }
        rejected = self.files.keys() - taken.keys()
        after = {name: force for name, force in before.items() if force.path in rejected}
        for path, document in taken.items():
            after[document["name"]] = Force(path, document, json.dumps(document))
        self.in_force = after
        changed = {
            name
            for name in before.keys() | after.keys()
            if name not in before or name not in after or before[name].text != after[name].text
        }
        marks = {mark_of(force.document) for force in after.values()}
        for mark, version in self.versions.items():
            if mark in marks:
                version.until = float("inf")
            elif version.until == float("inf"):
                version.until = seen_by
        return changed


def mark_of(document: dict[str, Any]) -> str:
    """Return the mark by which a version's texts are known."""
    return str(document["scripts"][0]["script_config"]["captions"]).rpartition("|")[2]
