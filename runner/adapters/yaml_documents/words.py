"""Say in plain words what PyYAML could not parse, and what to write instead."""

from __future__ import annotations

_BY_CHARACTER = {
    "@": "put quotes around text that begins with @",
    "`": "put quotes around text that begins with `",
    "%": "put quotes around text that begins with %",
    "\t": "a tab cannot indent; write spaces instead",
}

_ESCAPE = "in double quotes a backslash begins an escape; write \\\\ or use single quotes"
_LIST_ITEM = "a list item cannot begin here; put it on a line of its own"
_QUOTES = "the text ends inside quotes that are opened here; close them"
_BLOCK_TEXT = "after | or > the text begins on the next line"
_NOT_A_KEY = "not a key; check the indentation, and that quotes and brackets are closed"
_BRACKET = "a `,` or a closing bracket is missing before this"
_AFTER_THE_END = "text after the end of the document; check the indentation"

_BY_PROBLEM = {
    "mapping values are not allowed": "a second `: ` on this line; put quotes around text that holds `: `, "
    "or check the indentation",
    "could not find expected ':'": "a key without its `:`; write `key: value`, or check the indentation",
    "did not find expected key": _NOT_A_KEY,
    "expected <block end>": _NOT_A_KEY,
    "expected '-' indicator": "not a list item; begin it with `- `, as the items above it",
    "expected ',' or": _BRACKET,
    "unexpected end of stream": _QUOTES,
    "unexpected document": _QUOTES,
    "escape": _ESCAPE,
    "hexdecimal": _ESCAPE,
    "sequence entries are not allowed": _LIST_ITEM,
    "alphabetic or numeric": "put quotes around text that begins with * or &",
    "<document start>": _AFTER_THE_END,
    "chomping or indentation": _BLOCK_TEXT,
    "comment or": _BLOCK_TEXT,
    "node content": "a value is missing before this, or a bracket or `,` is too much",
    "tab character": "a tab cannot indent; write spaces instead",
    "tag": "put quotes around text that begins with !",
    "URI": "put quotes around text that begins with !",
}
"""Parts of what libyaml and PyYAML's own parser say, which is not the same."""

OPENED_HERE = ("unexpected end of stream", "unexpected document", "expected ',' or")
"""Problems that are told better with where the quotes or the bracket were opened."""


def in_plain_words(problem: str, *, at: str) -> str:
    """Return what to write instead. `at` is the character at which the parser stopped, or ""."""
    if problem.startswith(("found character", "found unexpected character")) and at in _BY_CHARACTER:
        return _BY_CHARACTER[at]
    for part, words in _BY_PROBLEM.items():
        if part in problem:
            return words
    return f"not valid YAML: {problem}; check quotes, brackets and indentation"
