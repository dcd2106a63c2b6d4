"""Suggest the known word that a mistyped one was probably meant to be."""

from __future__ import annotations

from bisect import bisect_left
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_COMPARED = 64
"""Comparing two words takes some microseconds, and a file may name thousands of unknown groups."""

_NEIGHBOURS = 20

LIKENESS = 0.75
"""From this share of common letters on, two names count as one mistyped."""


def nearest(
    word: str, known: Iterable[str], *, likeness: float = LIKENESS, most_compared: int = MOST_COMPARED
) -> str | None:
    """Return the known word that is most like `word`, or None where none is alike enough.

    Among more than `most_compared` only those are looked at that stand near it in the alphabet.
    """
    names = list(known)
    if len(names) > most_compared:
        names.sort()
        at = bisect_left(names, word)
        names = names[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
    by_shape = {_shape(name): name for name in names}
    found = get_close_matches(_shape(word[:100]), by_shape, n=1, cutoff=likeness)
    return by_shape[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """Return `; did you mean ...?` or, where nothing is alike, the known words; "" where there are none."""
    names = list(known)
    match = nearest(word, names, likeness=likeness)
    if match is not None:
        return f"; did you mean `{match}`?"
    if not names:
        return ""
    shown = ", ".join(names[:12])
    return f"; known are {shown}{' and more' if len(names) > 12 else ''}"  # noqa: PLR2004 - a line's length


def _shape(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
