"""Turn a file's bytes into text that may be parsed, or say at which character it may not."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right

from runner.model.document import MOST_BYTES
from runner.rules import Rule

_LINE_END = re.compile(r"\r\n|\r|\n")
_FORBIDDEN_OF_ASCII = re.compile("[^\t\n\r\x20-\x7e]")
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
"""Compiled, and then kept, by the first text that is more than ASCII: it takes as long as to read a file."""


class Unreadable(Exception):
    """A text cannot be parsed, from one character on."""

    def __init__(self, message: str, *, index: int, rule: Rule = Rule.NOT_YAML) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.index = index


class Lines:
    """The lines of a text, to find the line and column of a character."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def spot(self, index: int) -> tuple[int, int]:
        """Return line and column, from 1, of the character at `index`, from 0."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def decode(content: bytes | str) -> tuple[str, Unreadable | None]:
    """Return the text of a file's bytes, without its byte order mark, and why it may not be parsed, if so."""
    if len(content) > MOST_BYTES:
        problem = f"the file has more than {MOST_BYTES // 1024} KiB; split it into several"
        return "", Unreadable(problem, index=0, rule=Rule.TOO_LARGE)
    text, problem_found = (content, None) if isinstance(content, str) else _decoded(content)
    text = text.removeprefix("\ufeff")
    return text, problem_found or _forbidden(text)


def _decoded(content: bytes) -> tuple[str, Unreadable | None]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "", Unreadable("the file is UTF-16; save it as UTF-8", index=0, rule=Rule.NOT_UTF_8)
    try:
        return content.decode(), None
    except UnicodeDecodeError as error:
        before = content[: error.start].decode().removeprefix("\ufeff")
        problem = "this is not UTF-8; save the file as UTF-8 (an editor's `Save with encoding`)"
        return before, Unreadable(problem, index=len(before), rule=Rule.NOT_UTF_8)


def _forbidden(text: str) -> Unreadable | None:
    match = _FORBIDDEN_OF_ASCII.search(text) if text.isascii() else re.search(_FORBIDDEN, text)
    if match is None:
        return None
    if match[0] == "\0":
        words = "a NUL character; save the file as UTF-8 text"
        return Unreadable(words, index=match.start(), rule=Rule.CONTROL_CHARACTER)
    problem = (
        f"the control character U+{ord(match[0]):04X}; delete it, or write it as an escape in double quotes"
    )
    return Unreadable(problem, index=match.start(), rule=Rule.CONTROL_CHARACTER)
