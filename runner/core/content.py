"""Which row of a content file an assignment gets: each row once, and one that is in use never moves."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.core.content_rows import found_again
from runner.model.content import DATE, By

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from runner.model.campaign import Campaign
    from runner.model.content import Content, HeldRow, Row
    from runner.model.plan import Assignment, AssignmentKey, PlannedRun


def has_content(campaign: Campaign) -> bool:
    """Tell whether any entry of a campaign takes rows."""
    return any(entry.content is not None for entry in campaign.entries)


class Rows:
    """The rows of a campaign, and who has them; days are given to it one after the other (ADR 0018).

    What is `settled` is beyond the reach of a plan, and gets no other row than it has.
    """

    def __init__(
        self,
        campaign: Campaign,
        *,
        held: Iterable[HeldRow] = (),
        settled: Collection[AssignmentKey] = frozenset(),
    ) -> None:
        self._settled = settled
        of_script: dict[str, list[HeldRow]] = {}
        for one in held:
            of_script.setdefault(one.script, []).append(one)
        self._books = {
            entry.name: _Book(entry.content, held=of_script.get(entry.name, ()))
            for entry in campaign.entries
            if entry.content is not None
        }

    def bound(self, runs: Iterable[PlannedRun]) -> list[PlannedRun]:
        """Return the runs of one day with a row for each assignment, as far as there are rows.

        An assignment that has a row keeps it. The others take free rows in the order of their windows, and in
        a window in that of the file.
        """
        planned = list(runs)
        for each in self._books.values():
            each.free_replaced()
        for place in sorted(range(len(planned)), key=lambda place: planned[place].run.opens):
            run = planned[place]
            book = self._books.get(run.run.script)
            if book is not None:
                rows = book.rows_for(run.assignments, day=run.run.day, settled=self._settled)
                bound = [
                    replace(assignment, row=row)
                    for assignment, row in zip(run.assignments, rows, strict=True)
                ]
                planned[place] = replace(run, assignments=tuple(bound))
        return planned

    def release(self, keys: Iterable[AssignmentKey]) -> None:
        """Note that assignments which were only planned are no more: their rows are free."""
        gone = set(keys)
        for book in self._books.values():
            book.release(gone)

    def free(self) -> Iterator[tuple[str, Row]]:
        """Yield the rows that nobody has, with their entries."""
        for script, book in self._books.items():
            yield from ((script, row) for row in book.free())


class _Book:
    """The rows of one entry."""

    def __init__(self, content: Content, *, held: Sequence[HeldRow]) -> None:
        self._content = content
        self._of_key: dict[AssignmentKey, Row] = {}
        self._taken: dict[int, AssignmentKey] = {}
        self._replaced: list[int] = []
        """Rows that the day at hand takes from those who had them; free for the next one."""
        for one, row in found_again(held, rows=content.rows):
            self._of_key[one.key] = row
            self._taken[row.number] = one.key
        self._of_choice: dict[str, list[Row]] = {}
        for row in content.rows:
            self._of_choice.setdefault(_choice(content.by, row), []).append(row)

    def rows_for(
        self, assignments: Sequence[Assignment], *, day: date, settled: Collection[AssignmentKey]
    ) -> list[Row | None]:
        rows: list[Row | None] = []
        # Candidates by what chooses them, those passed over taken out: each is looked at once in a run.
        waiting: dict[str, deque[Row]] = {}
        for assignment in assignments:
            name = assignment.target.name
            row = self._of_key.get(assignment.key)
            if assignment.key not in settled and (row is None or not self._fits(row, name, day)):
                row = self._next(name, day, waiting)
                self._give(assignment.key, row)
            rows.append(row)
        return rows

    def release(self, keys: set[AssignmentKey]) -> None:
        for key in keys & self._of_key.keys():
            del self._taken[self._of_key.pop(key).number]

    def free_replaced(self) -> None:
        for number in self._replaced:
            del self._taken[number]
        self._replaced.clear()

    def free(self) -> Iterator[Row]:
        return (row for row in self._content.rows if row.number not in self._taken)

    def _fits(self, row: Row, name: str, day: date) -> bool:
        match self._content.by:
            case By.DATE:
                return row.values[DATE].strip() == day.isoformat() and row.target in {"", name}
            case By.TARGET:
                return row.target == name
            case By.ORDER:
                return True

    def _next(self, name: str, day: date, waiting: dict[str, deque[Row]]) -> Row | None:
        for choice in _choices(self._content.by, name, day):
            rows = waiting.setdefault(choice, deque(self._of_choice.get(choice, ())))
            while rows:
                row = rows.popleft()
                if row.number not in self._taken:
                    return row
        return None

    def _give(self, key: AssignmentKey, row: Row | None) -> None:
        before = self._of_key.pop(key, None)
        if before is not None:
            # Not at once: it may be on its way to the host with it at this very moment.
            self._replaced.append(before.number)
        if row is not None:
            self._of_key[key] = row
            self._taken[row.number] = key


def _choices(by: By, name: str, day: date) -> list[str]:
    match by:
        case By.DATE:
            # A row that is for this target before one for any.
            return [f"{day.isoformat()} {name}", f"{day.isoformat()} "]
        case By.TARGET:
            return [name]
        case By.ORDER:
            return [""]


def _choice(by: By, row: Row) -> str:
    match by:
        case By.DATE:
            return f"{row.values[DATE].strip()} {row.target}"
        case By.TARGET:
            return row.target
        case By.ORDER:
            return ""


def shown_values(row: Row | None) -> Mapping[str, str]:
    """Return what a text may name of a row, by the name that stands between the braces."""
    return {} if row is None else {f"row.{column}": value for column, value in row.values.items()}
