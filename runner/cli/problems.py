"""Show the problems of files: to people with a caret under the place, to programs in their formats."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner import __version__
from runner.adapters.campaign_folder import read_file
from runner.cli.cells import cell_len, chop_cells
from runner.cli.output import say, write_json
from runner.errors import Severity
from runner.model.document import MOST_BYTES, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.errors import Problem
    from runner.rules import Rule

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_CUT = "..."
_LEAST = 20
"""Narrower than this no terminal is."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_GITHUB_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_GITHUB_PROPERTY = _GITHUB_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def show_problems(problems: Iterable[Problem]) -> None:
    """Write a line for each problem; in a terminal the line of the file below it, with a caret."""
    terminal = sys.stdout.isatty()
    sources: dict[str, Sequence[str]] = {}
    for problem in problems:
        say(str(problem))
        if not terminal:
            continue
        if problem.file not in sources:
            sources[problem.file] = _lines(problem.file)
        lines = sources[problem.file]
        if problem.line <= len(lines):
            for shown in caret_lines(problem, lines[problem.line - 1], width=get_terminal_size().columns):
                say(shown)


def caret_lines(problem: Problem, line: str, *, width: int) -> tuple[str, str]:
    """Return a line of the file as far as it fits, and a caret with the rule's id under the problem's place.

    `width` is in cells, those of the line's number and of the rule's id included.
    """
    margin = f"{problem.line:>5} | "
    column = problem.column - 1
    # A tab is as wide as the terminal likes; what a terminal would obey is shown as an escape.
    before, after = (printable(part.replace("\t", " ")) for part in (line[:column], line[column:]))
    room = max(width - len(margin), _LEAST)
    most = room - len(problem.rule) - 2
    if cell_len(before) > max(most, _LEAST):
        before = _CUT + _beginning(before[::-1], room // 3)[::-1]
    rest = room - cell_len(before)
    if cell_len(after) > rest:
        after = _beginning(after, max(rest - len(_CUT), 1)) + _CUT
    empty = " " * (len(margin) - 2)
    return f"{margin}{before}{after}", f"{empty}| {' ' * cell_len(before)}^ {problem.rule}"


def show_for_github(problems: Iterable[Problem]) -> None:
    """Write each problem as a workflow command, which GitHub shows beside the line of a change.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    for problem in problems:
        file = problem.file.translate(_GITHUB_PROPERTY)
        place = f"file={file},line={problem.line},col={problem.column},title={problem.rule}"
        say(f"::{problem.severity} {place}::{problem.message.translate(_GITHUB_MESSAGE)}")


def show_as_sarif(problems: Sequence[Problem]) -> None:
    """Write all problems as one SARIF log, which code hosts and editors take.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    rules = list(dict.fromkeys(problem.rule for problem in problems))
    numbers = {rule: number for number, rule in enumerate(rules)}
    driver = {
        "name": "campaign-runner",
        "version": __version__,
        "rules": [_sarif_rule(rule) for rule in rules],
    }
    results = [_sarif_result(problem, number=numbers[problem.rule]) for problem in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    write_json({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _beginning(text: str, cells: int) -> str:
    # A line may be a MiB long. What has no width of its own, e.g. accents, is kept within reason.
    return chop_cells(text[: 4 * cells], cells)[0]


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    paragraph = {"text": rule.paragraph}
    short = {"text": rule.replace("-", " ")}
    return {"id": rule.value, "shortDescription": short, "fullDescription": paragraph, "help": paragraph}


def _sarif_result(problem: Problem, *, number: int) -> dict[str, Any]:
    path = Path(problem.file)
    place = {
        "artifactLocation": {"uri": path.as_uri() if path.is_absolute() else quote(problem.file)},
        "region": {"startLine": problem.line, "startColumn": problem.column},
    }
    return {
        "ruleId": problem.rule.value,
        "ruleIndex": number,
        "level": "error" if problem.severity is Severity.ERROR else "warning",
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": place}],
    }


def _lines(file: str) -> Sequence[str]:
    """Return the lines of a file as problems count them; none where it cannot be read (any more)."""
    content = read_file(Path.cwd() / file, most_bytes=MOST_BYTES).content
    return _LINE_END.split(content.decode(errors="replace").removeprefix("\ufeff"))
