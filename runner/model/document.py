"""Documents: what stands in a YAML file, as written, and where each key and value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from runner.errors import Problem

Value: TypeAlias = "dict[str, Value] | list[Value] | str"
"""A mapping, a list or text; text that was written without quotes is `Plain`."""

Path: TypeAlias = tuple[str | int, ...]
"""The way from the document's root to a value: keys and list positions from 0."""

Spot: TypeAlias = tuple[int, int]
"""Line and column, both from 1, the column in characters."""

MOST_BYTES = 1024 * 1024
"""Larger files are not read: each MB costs seconds, and nobody edits such a file by hand."""

MOST_PROBLEMS = 500
"""Where a file has more of them it is not checked to its end: each costs time, and nobody reads them all."""

TOO_MANY_PROBLEMS = f"more than {MOST_PROBLEMS} problems; mend these first"

_MOST_SHOWN = 500

_NOWHERE: Mapping[str, Spot] = MappingProxyType({})


class Plain(str):
    """Text that was written without quotes: the type of its field decides what it means."""

    __slots__ = ()


class Place(NamedTuple):
    """Where a value stands, and where its keys and parts stand."""

    spot: Spot
    keys: Mapping[str, Spot] = _NOWHERE
    parts: Mapping[str, Place] | Sequence[Place] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read. `value` is None where it could not be read to its end; `problems` then say why."""

    file: str
    value: Value | None
    place: Place
    problems: tuple[Problem, ...] = ()


def one_line(text: str) -> str:
    """Return text of a file as it may be shown: on one line, not too long, without control characters."""
    return printable(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}...")


def printable(text: str) -> str:
    """Return text on one line, with an escape in place of each character that a terminal might obey."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


def is_null(value: object) -> bool:
    """Tell whether a value is one of YAML's ways to write nothing."""
    return isinstance(value, Plain) and value in {"", "~", "null", "Null", "NULL"}


def existing(root: Place, path: Path) -> Path:
    """Return the part of `path` that has a place; `start_time[0]` has none where no list was written."""
    place = root
    for length, step in enumerate(path):
        part = _part(place, step)
        if part is None:
            return path[:length]
        place = part
    return path


def spot_of(root: Place, path: Path) -> Spot:
    """Return where the value at `path` stands; where it has no place of its own, that of what holds it."""
    place = root
    for step in existing(root, path):
        place = _part(place, step) or place
    return place.spot


def spot_of_key(root: Place, path: Path) -> Spot:
    """Return where the last key of `path` stands; where that is no key, what `spot_of` says."""
    place = root
    for step in existing(root, path)[:-1]:
        place = _part(place, step) or place
    return place.keys.get(str(path[-1]), spot_of(root, path)) if path else place.spot


def path_in_words(path: Path) -> str:
    """Return a path as it is said to people, e.g. `scripts[0].script_config.captions`."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        else:
            words += f".{step}" if words else step
    return words


def _part(place: Place, step: str | int) -> Place | None:
    if isinstance(place.parts, Mapping):
        return place.parts.get(str(step))
    return place.parts[step] if isinstance(step, int) and step < len(place.parts) else None
