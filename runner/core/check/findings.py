"""Collect what is wrong in one document, each problem at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import Problem, Severity
from runner.model.document import (
    MOST_PROBLEMS,
    TOO_MANY_PROBLEMS,
    existing,
    one_line,
    path_in_words,
    spot_of,
    spot_of_key,
)
from runner.rules import Rule

if TYPE_CHECKING:
    from runner.model.document import Document, Path, Spot


class EnoughFoundError(Exception):
    """A document has so many problems that the rest of it is not looked at."""


class Findings:
    """The problems of one document, those of its reading included."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems = dict.fromkeys(document.problems)
        self._touched: set[Path] = set()
        self._inherited: dict[Path, Path] = {}
        self._shared: dict[Spot, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems in the order of the file, then those of files that it names."""
        own = self._document.file
        in_order = sorted(
            self._problems,
            key=lambda problem: (problem.file != own, problem.file, problem.line, problem.column),
        )
        return tuple(in_order)

    @property
    def broken(self) -> bool:
        """Is any of them an error?"""
        return any(problem.severity is Severity.ERROR for problem in self._problems)

    def has_under(self, path: Path) -> bool:
        """Tell whether something at `path`, or below it, was found wrong already."""
        return path in self._touched

    def inherit(self, path: Path, source: Path) -> None:
        """Tell what is wrong at `path`, or below it, at `source`, from which it was taken, and only once.

        What is wrong for several who share one value is told in the words of the first, and an error rather
        than a warning.
        """
        self._inherited[path] = source

    def error(self, path: Path, message: str, *, rule: Rule = Rule.WRONG_VALUE, at_key: bool = False) -> None:
        """Note an error at the value at `path`, or at its key; `rule` is the rule that it breaks."""
        self._add(path, message, Severity.ERROR, rule=rule, at_key=at_key)

    def warning(
        self, path: Path, message: str, *, rule: Rule = Rule.WRONG_VALUE, at_key: bool = False
    ) -> None:
        """Note a warning at the value at `path`, or at its key; `rule` is the rule that it breaks."""
        self._add(path, message, Severity.WARNING, rule=rule, at_key=at_key)

    def note(self, problem: Problem) -> None:
        """Note a problem of another file, which this one names."""
        if len(self._problems) < MOST_PROBLEMS:
            self._problems[problem] = None

    def _add(self, path: Path, message: str, severity: Severity, *, rule: Rule, at_key: bool) -> None:
        source = self._source(path)
        shown = path if source is None else source
        find = spot_of_key if at_key else spot_of
        line, column = find(self._document.place, shown)
        self._touched.update(way[:length] for way in (path, shown) for length in range(len(way) + 1))
        words = path_in_words(existing(self._document.place, shown))
        text = f"{words}: {message}" if words else message
        problem = Problem(self._document.file, line, column, severity, one_line(text), rule)
        if source is not None:
            before = self._shared.setdefault((line, column), problem)
            if before != problem and (before.severity is Severity.ERROR or severity is not Severity.ERROR):
                return
            self._shared[line, column] = problem
            if before != problem:
                self._problems.pop(before, None)
        # A dict keeps the order and drops what an alias would report twice at the same place.
        enough = len(self._problems) >= MOST_PROBLEMS
        if enough:
            words, rule = TOO_MANY_PROBLEMS, Rule.TOO_MANY_PROBLEMS
            problem = Problem(self._document.file, line, column, Severity.ERROR, words, rule)
        self._problems[problem] = None
        if enough:
            raise EnoughFoundError

    def _source(self, path: Path) -> Path | None:
        for length in range(len(path), 0, -1):
            source = self._inherited.get(path[:length])
            if source is not None:
                return (*source, *path[length:])
        return None
