"""Read the events of a YAML parser into a document: plain text kept as written, positions beside it.

Limits hold while reading: a short file may be nested so deeply that a composer crashes the process, or repeat
an alias so often that whatever comes after it never ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from runner.adapters.yaml_documents.decoding import Lines, Unreadable, decode
from runner.adapters.yaml_documents.words import OPENED_HERE, in_plain_words
from runner.errors import Problem, Severity
from runner.model.document import (
    MOST_PROBLEMS,
    TOO_MANY_PROBLEMS,
    Document,
    Place,
    Plain,
    Spot,
    Value,
    one_line,
)
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_DEPTH = 32
MOST_NODES = 200_000
"""Counted with every use of an alias as if it were written out."""
MOST_ALIASES = 100

FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: seven times as fast."""

_MERGE = "<<"
_SCALAR: Any = yaml.ScalarEvent


def read_document(content: bytes | str, *, file: str, loader: Any = FASTEST) -> Document:
    """Read one YAML file.

    `file` is the name by which problems call it. Nothing is raised: a document that could not be read to its
    end has no value, and its problems say where and why. A key that is given twice is a problem, too; its
    first value stands.
    """
    text, unreadable = decode(content)
    lines = Lines(text)
    if unreadable is not None:
        return Document(file, None, Place((1, 1)), (_problem(file, lines, unreadable),))
    builder = _Builder(text, lines, loader)
    try:
        node = builder.document()
    except Unreadable as error:
        problems = (*builder.problems, error)
        return Document(file, None, Place((1, 1)), tuple(_problem(file, lines, each) for each in problems))
    return Document(
        file, node.value, node.place, tuple(_problem(file, lines, each) for each in builder.problems)
    )


def _problem(file: str, lines: Lines, unreadable: Unreadable) -> Problem:
    line, column = lines.spot(unreadable.index)
    return Problem(file, line, column, Severity.ERROR, one_line(unreadable.message), unreadable.rule)


class _Node(NamedTuple):
    value: Value
    place: Place
    size: int = 1
    """Nodes in it, itself included."""
    height: int = 0
    """Levels of collections in it."""


class _Builder:
    def __init__(self, text: str, lines: Lines, loader: Any) -> None:
        self.problems: list[Unreadable] = []
        self._text = text
        self._lines = lines
        self._loader = loader
        self._events: Iterator[Any] = iter(())
        self._anchors: dict[str, _Node | None] = {}
        self._nodes = 0
        self._aliases = 0

    def document(self) -> _Node:
        """Return the root; raises Unreadable."""
        self._events = yaml.parse(self._text, Loader=self._loader)
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            raise self._unparsable(error) from None

    def _document(self) -> _Node:
        next(self._events)  # the stream's start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return _Node(Plain(""), Place((1, 1)))
        root = self._node(next(self._events), depth=1)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            words, index = "a second document; write one to a file", after.start_mark.index
            raise Unreadable(words, index=index, rule=Rule.SECOND_DOCUMENT)
        return root

    def _node(self, event: Any, *, depth: int) -> _Node:
        index = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(str(event.anchor), index, depth)
        self._count(1, index)
        if event.tag is not None:
            raise Unreadable(
                "a tag; put quotes around text that begins with !", index=index, rule=Rule.YAML_TAG
            )
        if event.anchor is not None:
            if event.anchor in self._anchors:
                words = f"the anchor &{event.anchor} is given twice; rename one"
                raise Unreadable(words, index=index, rule=Rule.YAML_ANCHOR)
            self._anchors[event.anchor] = None
        spot = self._lines.spot(index)
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(Plain(event.value) if not event.style else event.value, Place(spot))
        elif depth > MOST_DEPTH:
            raise Unreadable(
                f"nested deeper than {MOST_DEPTH} levels; look for a bracket too many",
                index=index,
                rule=Rule.NESTED_TOO_DEEP,
            )
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(spot, depth)
        else:
            node = self._mapping(spot, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _aliased(self, anchor: str, index: int, depth: int) -> _Node:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            words = f"more than {MOST_ALIASES} aliases; write the values out"
            raise Unreadable(words, index=index, rule=Rule.TOO_MANY_ALIASES)
        if anchor not in self._anchors:
            problem = f"no &{anchor} above to repeat; put quotes around text that begins with *"
            raise Unreadable(problem, index=index, rule=Rule.YAML_ANCHOR)
        node = self._anchors[anchor]
        if node is None:
            words = f"*{anchor} stands inside &{anchor} itself; write the value out"
            raise Unreadable(words, index=index, rule=Rule.YAML_ANCHOR)
        if depth + node.height > MOST_DEPTH + 1:
            raise Unreadable(
                f"nested deeper than {MOST_DEPTH} levels; look for a bracket too many",
                index=index,
                rule=Rule.NESTED_TOO_DEEP,
            )
        self._count(node.size, index)
        return node

    def _count(self, nodes: int, index: int) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            words = f"more than {MOST_NODES} values; split the file into several"
            raise Unreadable(words, index=index, rule=Rule.TOO_MANY_VALUES)

    def _sequence(self, spot: Spot, depth: int) -> _Node:
        nodes: list[_Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            nodes.append(self._node(event, depth=depth + 1))
        place = Place(spot, parts=tuple(node.place for node in nodes))
        return _Node([node.value for node in nodes], place, *_measure(nodes))

    def _mapping(self, spot: Spot, depth: int) -> _Node:
        keys: dict[str, Spot] = {}
        own: dict[str, _Node] = {}
        merged: list[_Node] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            index = event.start_mark.index
            key = self._key(event, depth=depth + 1)
            if not isinstance(key, str):
                raise Unreadable(
                    "a key must be text; put quotes around it", index=index, rule=Rule.KEY_NOT_TEXT
                )
            node = self._node(next(self._events), depth=depth + 1)
            if key == _MERGE and isinstance(key, Plain):
                merged.extend(self._merged(node, index))
            elif key in keys:
                line, column = keys[key]
                problem = f"`{key}` is given twice, first at {line}:{column}; keep one"
                if len(self.problems) >= MOST_PROBLEMS:
                    raise Unreadable(TOO_MANY_PROBLEMS, index=index, rule=Rule.TOO_MANY_PROBLEMS)
                self.problems.append(Unreadable(problem, index=index, rule=Rule.KEY_TWICE))
            else:
                keys[str(key)] = self._lines.spot(index)
                own[str(key)] = node
        for source in merged:
            _fill(own, keys, source)
        parts = {name: node.place for name, node in own.items()}
        value = {name: node.value for name, node in own.items()}
        return _Node(value, Place(spot, keys, parts), *_measure(own.values()))

    def _key(self, event: Any, *, depth: int) -> Value:
        """Return what stands where a key is expected: nearly always a word, as are half of all nodes."""
        if type(event) is not _SCALAR or event.tag is not None or event.anchor is not None:
            return self._node(event, depth=depth).value
        self._count(1, event.start_mark.index)
        key: str = event.value
        return Plain(key) if key == _MERGE and not event.style else key

    def _merged(self, node: _Node, index: int) -> list[_Node]:
        sources = [node]
        if isinstance(node.value, list):
            sources = [_Node(value, place) for value, place in zip(node.value, _parts(node), strict=True)]
        if not all(isinstance(source.value, dict) for source in sources):
            raise Unreadable(
                "`<<` takes over mappings only; write e.g. `<<: *name`", index=index, rule=Rule.YAML_MERGE
            )
        return sources

    def _unparsable(self, error: yaml.MarkedYAMLError) -> Unreadable:
        problem = error.problem or ""
        index = self._index(error.problem_mark)
        words = in_plain_words(problem, at=self._text[index : index + 1])
        if not any(part in problem for part in OPENED_HERE):
            return Unreadable(words, index=index)
        opened = self._index(error.context_mark)
        if self._text[opened : opened + 1] not in {"[", "{"}:
            return Unreadable(words, index=opened)
        line, column = self._lines.spot(opened)
        return Unreadable(f"{words}; the bracket opens at {line}:{column}", index=index)

    def _index(self, mark: Any) -> int:
        return min(mark.index, len(self._text)) if mark else 0


def _measure(nodes: Iterable[_Node]) -> tuple[int, int]:
    size, height = 1, 0
    for node in nodes:
        size += node.size
        height = max(height, node.height)
    return size, height + 1


def _fill(own: dict[str, _Node], keys: dict[str, Spot], source: _Node) -> None:
    """Take over what is not there yet: a mapping's own keys win, then the mapping that is named first."""
    values = source.value.items() if isinstance(source.value, dict) else ()
    for (name, value), place in zip(values, _parts(source), strict=True):
        if name not in own:
            keys[name] = source.place.keys[name]
            own[name] = _Node(value, place)


def _parts(node: _Node) -> Iterable[Place]:
    parts = node.place.parts
    return parts.values() if isinstance(parts, Mapping) else parts
