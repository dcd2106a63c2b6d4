"""Read content files: CSV (RFC 4180, with a header) and YAML (a list of mappings), each row with its line."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import FileText, file_stamp, read_file, shown_path
from runner.adapters.yaml_documents import read_document
from runner.adapters.yaml_documents.decoding import Lines, decode
from runner.errors import Problem, Severity
from runner.model.content import MOST_COLUMNS, MOST_ROWS, ContentText, Row, Sheet
from runner.model.document import MOST_BYTES, is_null, one_line, spot_of
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_YAML = (".yaml", ".yml")


class ContentFiles:
    """The content files of one campaign file, each read once; `read` lists them."""

    def __init__(self, campaign: FileText, *, working_folder: Path) -> None:
        self._folder = campaign.path.parent
        self._kept: Mapping[str, str] | None = campaign.contents
        self._working_folder = working_folder
        self._sheets: dict[str, Sheet] = {}
        self.read: list[ContentText] = []

    def sheet(self, name: str) -> Sheet:
        """Return what a file holds that a campaign names; its problems say what could not be read."""
        known = self._sheets.get(name)
        if known is None:
            known = self._sheets[name] = self._read(name)
        return known

    def _read(self, name: str) -> Sheet:
        path = Path(os.path.normpath(self._folder / name))
        file = shown_path(path, working_folder=self._working_folder)
        stamp = file_stamp(path)
        if self._kept is None:
            read = read_file(path, most_bytes=MOST_BYTES)
        elif name in self._kept:
            read = FileText(path, self._kept[name].encode())
        else:
            read = FileText(path, unread="is not among the texts that were accepted")
        sheet, text = _sheet(read, name=name, file=file)
        self.read.append(ContentText(name, path, text, stamp))
        return sheet


def _sheet(read: FileText, *, name: str, file: str) -> tuple[Sheet, str | None]:
    if read.unread is not None:
        return Sheet(file, problems=(_problem(file, read.unread),)), None
    text, unreadable = decode(read.content)
    if unreadable is not None:
        line, column = Lines(text).spot(unreadable.index)
        return Sheet(file, problems=(_problem(file, unreadable.message, line, column),)), None
    reader = _yaml_rows if Path(name).suffix.lower() in _YAML else _csv_rows
    return reader(text, name=name, file=file), read.content.decode()


def _csv_rows(text: str, *, name: str, file: str) -> Sheet:
    # RFC 4180 has lines end with CRLF; editors write LF. Line ends within quotes belong to the cell, and what
    # else Unicode counts as one belongs to it anyway.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[Problem] = []
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = tuple(cell.strip() for cell in cells)
                problems += [_problem(file, fault, begins) for fault in _header_faults(columns)]
            elif len(cells) != len(columns):
                fault = f"{len(cells)} cells, but {len(columns)} in the header; text with commas needs quotes"
                problems.append(_problem(file, fault, begins))
            elif len(rows) == MOST_ROWS:
                problems.append(_problem(file, f"more than {MOST_ROWS} rows; split the file", begins))
                break
            else:
                rows.append(Row(name, len(rows) + 1, begins, dict(zip(columns, cells, strict=True))))
    except csv.Error as error:
        problems.append(_problem(file, f"this is no CSV: {error}; text with quotes needs them doubled", line))
    return _checked(Sheet(file, columns, tuple(rows), tuple(problems)))


def _yaml_rows(text: str, *, name: str, file: str) -> Sheet:
    document = read_document(text, file=file)
    problems = list(document.problems)
    columns: dict[str, None] = {}
    rows: list[Row] = []
    found = document.value
    if found is not None and not isinstance(found, list):
        found = []
        problems.append(_problem(file, "write a list of rows here, e.g. `- {date: 2026-12-01, caption: Hi}`"))
    for position, row in enumerate((found or [])[:MOST_ROWS]):
        line, column = spot_of(document.place, (position,))
        if not isinstance(row, dict):
            problems.append(_problem(file, "write a row here, e.g. `caption: Hi`", line, column))
            continue
        for key, value in row.items():
            if not isinstance(value, str):
                spot = spot_of(document.place, (position, key))
                problems.append(_problem(file, f"{key}: write one text here, not a list or mapping", *spot))
        columns |= dict.fromkeys(row)
        values = {key: "" if is_null(value) else str(value) for key, value in row.items()}
        rows.append(Row(name, len(rows) + 1, line, values))
    if isinstance(found, list) and len(found) > MOST_ROWS:
        problems.append(_problem(file, f"more than {MOST_ROWS} rows; split the file"))
    # What a row leaves out is empty there, as it would be in a table.
    whole = [
        Row(row.file, row.number, row.line, {**dict.fromkeys(columns, ""), **row.values}) for row in rows
    ]
    problems += [_problem(file, fault) for fault in _header_faults(tuple(columns))] if columns else []
    return _checked(Sheet(file, tuple(columns), tuple(whole), tuple(problems)))


def _checked(sheet: Sheet) -> Sheet:
    if sheet.problems or sheet.rows:
        return sheet
    empty = _problem(sheet.file, "holds no row; write a header, and below it a row for each assignment")
    return Sheet(sheet.file, sheet.columns, (), (empty,))


def _header_faults(columns: tuple[str, ...]) -> list[str]:
    faults = []
    if len(columns) == 1 and ";" in columns[0]:
        faults.append("the cells are separated by semicolons; save the file with commas")
    if len(columns) > MOST_COLUMNS:
        faults.append(f"more than {MOST_COLUMNS} columns; keep those that are used")
    for position, column in enumerate(columns):
        if not column:
            faults.append(f"column {position + 1} has no name; give it one, or delete the column")
        elif any(letter in "{}" for letter in column):
            faults.append(f"the column `{column}` cannot be named in a text; rename it without braces")
        elif column in columns[:position]:
            faults.append(f"the column `{column}` is there twice; rename one")
    return faults


def _problem(file: str, message: str, line: int = 1, column: int = 1) -> Problem:
    return Problem(file, line, column, Severity.ERROR, one_line(message), Rule.CONTENT_BROKEN)
