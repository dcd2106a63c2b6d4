"""Find rows again in a content file that was edited since."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from runner.model.content import ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from runner.model.content import HeldRow, Row
    from runner.model.plan import AssignmentKey


def found_again(held: Sequence[HeldRow], *, rows: Sequence[Row]) -> list[tuple[HeldRow, Row]]:
    """Return the rows that are held, as the file has them now; one that is gone from it is left out.

    A row is known by its `id`, where all rows of the file have one; else by all that it says. One that was
    edited is known by its place, counted from the nearest held row that was not: what is deleted or put in
    above moves both.
    """
    search = _Search(rows)
    by_id = all(row.values.get(ID) for row in rows)
    named = {one.key for one in held if by_id and one.row.values.get(ID)}
    search.by(lambda row: row.values.get(ID), among=[one for one in held if one.key in named])
    others = [one for one in held if one.key not in named]
    search.by(_said, among=others)
    search.by_place(others, anchors=[one for one in held if one.key in search.found])
    return [(one, search.found[one.key]) for one in held if one.key in search.found]


class _Search:
    """The rows of a file, of which each is found for one assignment at most."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._left = {row.number: row for row in rows}
        self.found: dict[AssignmentKey, Row] = {}

    def by(self, name_of: Callable[[Row], object], *, among: Iterable[HeldRow]) -> None:
        """Find rows by something that an edit elsewhere leaves as it is."""
        by_name: dict[object, list[Row]] = {}
        for row in self._left.values():
            by_name.setdefault(name_of(row), []).append(row)
        for one in among:
            same = by_name.get(name_of(one.row))
            if same:
                row = min(same, key=lambda row: abs(row.number - one.row.number))
                same.remove(row)
                self._find(one, row)

    def by_place(self, held: Iterable[HeldRow], *, anchors: Iterable[HeldRow]) -> None:
        """Find the rest by where it should stand by now."""
        moves = sorted((one.row.number, self.found[one.key].number) for one in anchors)
        for one in held:
            row = None if one.key in self.found else self._left.get(_place_now(one.row.number, moves))
            if row is not None:
                self._find(one, row)

    def _find(self, one: HeldRow, row: Row) -> None:
        self.found[one.key] = row
        del self._left[row.number]


def _said(row: Row) -> object:
    return frozenset((column, value) for column, value in row.values.items() if column != ID)


def _place_now(number: int, moves: Sequence[tuple[int, int]]) -> int:
    """Return where a row should stand by now, by how far the nearest known row has moved."""
    if not moves:
        return number
    after = bisect_left(moves, (number, 0))
    # Of two that are as near, the one below: what has moved it has most likely moved this one.
    near = min(moves[max(0, after - 1) : after + 1], key=lambda pair: (abs(pair[0] - number), -pair[0]))
    return number + near[1] - near[0]
