"""Write values as YAML that our own reading takes back exactly: text quoted, numbers and truths plain."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# Half a character stays as it is: no escape stands for it, and writing it fails.
_ESCAPED = re.compile("[^ -~\xa0-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_BLOCK_DEPTH = 4
"""Mappings deeper than this go on one line."""


def campaign_text(content: Mapping[str, Any], *, title: str) -> str:
    """Return a campaign file that says what `content` says; `title` is a comment above it."""
    return f"# {_comment(title)}\n{block_text(content)}"


def block_text(content: Mapping[str, Any]) -> str:
    """Return a mapping over several lines, the last of them ended."""
    return "\n".join(_mapping(content, indent=0)) + "\n"


def flow_text(value: Any) -> str:
    """Return a value on one line."""
    return _flow(value)


def _mapping(value: Mapping[str, Any], *, indent: int) -> Iterator[str]:
    space = "  " * indent
    for name, part in value.items():
        key = _key(name)
        if isinstance(part, dict) and part and indent < _BLOCK_DEPTH:
            yield f"{space}{key}:"
            yield from _mapping(part, indent=indent + 1)
        elif isinstance(part, list) and part and all(isinstance(item, dict) and item for item in part):
            yield f"{space}{key}:"
            for item in part:
                first, *rest = _mapping(item, indent=indent + 2)
                yield f"{space}  - {first.strip()}"
                yield from rest
        else:
            yield f"{space}{key}: {_flow(part)}"


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)}: {_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, float):
        return f"{value:.15f}".rstrip("0") + ("0" if value == int(value) else "")
    return json.dumps(value)


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    # JSON's quotes are YAML's, but for characters that may stand in no YAML file.
    return _ESCAPED.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
