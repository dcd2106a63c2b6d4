"""The page of faults has all of them, each with tests that exist or a reason why it has none."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs/faults.md").read_text()

FAULTS = [f"F{number}" for number in range(1, 75)]
COLUMNS = 5
_ROW = re.compile(r"^\| (F\d+) \|.*\|$", re.MULTILINE)
_TEST = re.compile(r"`([^`]+\.py)::(\w+)`")
_REASON = re.compile(r"\*no test\*:? .{20,}")


def rows():
    cells = [[cell.strip() for cell in row[0].split("|")[1:-1]] for row in _ROW.finditer(PAGE)]
    return [(cell[0], cell[1:]) for cell in cells]


@cache
def names_of_tests(file):
    """Return the names of the tests in a file; a module is parsed, not imported."""
    found = ast.walk(ast.parse((TESTS / file).read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_fault_is_on_the_page_once_and_in_order():
    assert [fault for fault, _ in rows()] == FAULTS


@pytest.mark.parametrize("cells", [cells for _, cells in rows()], ids=[fault for fault, _ in rows()])
def test_a_fault_says_what_happens_what_is_done_what_is_seen_and_which_tests_show_it(cells):
    assert len(cells) == COLUMNS - 1
    assert all(cells)
    tests = _TEST.findall(cells[-1])
    for file, name in tests:
        assert name.startswith("test_")
        assert name in names_of_tests(file), f"{file}::{name}"
    assert tests or _REASON.search(cells[-1]), "neither a test nor a reason"
