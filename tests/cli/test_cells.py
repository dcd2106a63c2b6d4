"""A text is cut into pieces by the cells that it takes, and none of it is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.cli.cells import cell_len, chop_cells

LETTERS = st.sampled_from(
    ["a", "é", "e\N{COMBINING ACUTE ACCENT}", "語", "\N{GRINNING FACE}", " ", "\N{ZERO WIDTH JOINER}"]
)
TEXTS = st.lists(LETTERS).map("".join)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("plain", 5),
        ("é", 1),
        ("e\N{COMBINING ACUTE ACCENT}", 1),
        ("語", 2),
        ("\N{GRINNING FACE}", 2),
        ("a\N{ZERO WIDTH JOINER}b", 2),
    ],
)
def test_a_wide_letter_takes_two_cells_and_an_accent_none(text, cells):
    assert cell_len(text) == cells


@given(text=TEXTS, width=st.integers(1, 6))
def test_pieces_fit_lose_nothing_and_are_as_long_as_can_be(text, width):
    pieces = chop_cells(text, width)
    assert "".join(pieces) == text
    for piece in pieces:
        assert cell_len(piece) <= width or (cell_len(piece) == 2 and width == 1)
    for piece, following in pairwise(pieces):
        assert cell_len(piece) + cell_len(following[0]) > width


def test_a_letter_wider_than_a_piece_stands_alone():
    assert chop_cells("a語b", 1) == ["a", "語", "b"]
