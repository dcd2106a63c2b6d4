"""How many cells of a terminal text takes: a wide letter two, an accent none."""

from __future__ import annotations

from unicodedata import category, east_asian_width


def cell_len(text: str) -> int:
    """Return how many cells a text takes (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def chop_cells(text: str, width: int) -> list[str]:
    """Return a text in pieces of at most so many cells; a letter wider than that stands alone."""
    pieces = [""]
    left = width
    for letter in text:
        cells = _cells(letter)
        if cells > left and pieces[-1]:
            pieces.append("")
            left = width
        pieces[-1] += letter
        left -= cells
    return pieces


def _cells(letter: str) -> int:
    if category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(letter) in {"W", "F"} else 1
