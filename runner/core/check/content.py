"""Check the content file of an entry: its columns, and whether its rows and the assignments are as many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.calendar import runs_on
from runner.core.check.reading import read_model
from runner.core.content import Rows
from runner.core.expand import expand
from runner.errors import Problem, Severity
from runner.model.campaign_file import ContentFile
from runner.model.content import DATE, ID, TARGET_COLUMNS, By, Content
from runner.model.document import one_line
from runner.model.suggest import did_you_mean
from runner.model.texts import read_date
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import date

    from runner.core.check.findings import Findings
    from runner.model.campaign import Campaign, Entry
    from runner.model.content import Row, Sheet
    from runner.model.document import Path

MOST_EXAMPLES = 3
MOST_TOLD = 20
"""Rows of one kind that are told of one by one; the last one says how many more there are."""
MOST_COUNTED = 50_000
"""Assignments beyond these are not counted: a check is to be quick."""
MOST_DAYS = 800


def read_content(
    value: object,
    *,
    path: Path,
    sheet: Callable[[str], Sheet],
    findings: Findings,
) -> tuple[Sheet | None, Content | None]:
    """Return the file that an entry's `content` names, and its rows where all is well with them."""
    if value is None:
        return None, None
    file = read_model(ContentFile, value, path=path, findings=findings)
    if file.file is None:
        return None, None
    read = sheet(file.file)
    for problem in read.problems:
        findings.note(problem)
    if read.problems:
        findings.error((*path, "file"), f"cannot be used: {read.problems[0]}", rule=Rule.CONTENT_BROKEN)
        return read, None
    if file.by is None:
        return read, None
    by = By(file.by)
    faults = list(_faults(read, by))
    for row, message in faults:
        findings.note(_problem(read, row, Severity.ERROR, message, rule=Rule.CONTENT_ROW))
    missing = _missing_column(read, by)
    if missing is not None:
        findings.error((*path, "by"), missing, rule=Rule.CONTENT_COLUMN)
    elif faults:
        message = f"cannot be used: {read.file}:{faults[0][0].line}: {faults[0][1]}"
        findings.error((*path, "file"), message, rule=Rule.CONTENT_BROKEN)
    if missing is not None or faults:
        return read, None
    return read, Content(file.file, by, read.rows)


def check_rows(campaign: Campaign, *, sheet: Callable[[str], Sheet], findings: Findings) -> None:
    """Warn of assignments for which there is no row, and of rows that no assignment uses.

    Counted is from the campaign's first day to its last; by date, as far as the dates of the rows go. Where
    the campaign has no end, only targets and rows that do not belong together can be told.
    """
    unused: dict[str, list[dict[int, Row]]] = {}
    for place, entry in enumerate(campaign.entries):
        if entry.content is None:
            continue
        days = _days(campaign, entry, entry.content)
        lacking, free = _of_targets(entry, entry.content) if days is None else _counted(campaign, entry, days)
        if lacking:
            count = len(lacking) - MOST_EXAMPLES
            more = f" and {count} more" if count > 0 else ""
            message = f"no row for {'; '.join(lacking[:MOST_EXAMPLES])}{more}; without one nothing is sent"
            at: Path = ("scripts", place, "content", "file")
            findings.warning(at, message, rule=Rule.CONTENT_ROW_MISSING)
        unused.setdefault(entry.content.file, []).append({row.number: row for row in free})
    targets = {placement.target.name for entry in campaign.entries for placement in entry.placements}
    for name, of_entries in unused.items():
        # Of entries that share a file each uses its own part of it.
        numbers = set.intersection(*(set(rows) for rows in of_entries))
        _tell_unused(sheet(name), [of_entries[0][number] for number in sorted(numbers)], targets, findings)


def _counted(campaign: Campaign, entry: Entry, days: Collection[date]) -> tuple[list[str], list[Row]]:
    one = replace(campaign, entries=(entry,), enabled=True)
    rows = Rows(one)
    lacking = [
        f"{assignment.target.name} on {planned.run.day}, {planned.run.window}"
        for day in days
        for planned in rows.bound(expand(one, day=day))
        for assignment in planned.assignments
        if assignment.row is None
    ]
    return lacking, [row for _, row in rows.free()]


def _of_targets(entry: Entry, content: Content) -> tuple[list[str], list[Row]]:
    names = {placement.target.name for placement in entry.placements}
    free = [row for row in content.rows if content.by is not By.ORDER and row.target not in {"", *names}]
    given = {row.target for row in content.rows}
    return (sorted(names - given) if content.by is By.TARGET else []), free


def _days(campaign: Campaign, entry: Entry, content: Content) -> list[date] | None:
    """Return the days on which rows are used, None where that cannot be known or are too many."""
    first, last = campaign.first_day, campaign.last_day
    if content.by is By.DATE:
        dates = [read_date(row.values[DATE].strip()) for row in content.rows]
        first, last = max(first or min(dates), min(dates)), min(last or max(dates), max(dates))
    if first is None or last is None or (last - first).days > MOST_DAYS:
        return None
    enabled = replace(campaign, enabled=True)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    days = [day for day in days if runs_on(enabled, day=day)]
    return days if len(days) * len(entry.placements) * len(entry.windows) <= MOST_COUNTED else None


def _tell_unused(sheet: Sheet, rows: list[Row], targets: Collection[str], findings: Findings) -> None:
    for row in rows[:MOST_TOLD]:
        name = row.target
        why = ""
        if name and name not in targets:
            why = f": `{name}` is no target of its entry{did_you_mean(name, targets)}"
        message = f"no assignment uses this row{why}"
        findings.note(_problem(sheet, row, Severity.WARNING, message, rule=Rule.CONTENT_ROW_UNUSED))
    if len(rows) > MOST_TOLD:
        message = f"nor {len(rows) - MOST_TOLD} more rows below"
        last = rows[MOST_TOLD]
        findings.note(_problem(sheet, last, Severity.WARNING, message, rule=Rule.CONTENT_ROW_UNUSED))


def _missing_column(sheet: Sheet, by: By) -> str | None:
    wanted: tuple[str, ...] = ()
    match by:
        case By.DATE:
            wanted = (DATE,)
        case By.TARGET:
            wanted = TARGET_COLUMNS
        case By.ORDER:
            pass
    if not wanted or any(name in sheet.columns for name in wanted):
        return None
    names = " or ".join(f"`{name}`" for name in wanted)
    return f"{sheet.file} has no column {names}; add one (it has {', '.join(sheet.columns)})"


def _faults(sheet: Sheet, by: By) -> Iterator[tuple[Row, str]]:
    for row in sheet.rows:
        if by is By.DATE and DATE in sheet.columns:
            try:
                read_date(row.values[DATE].strip())
            except ValueError as error:
                yield row, f"{DATE}: {error}"
        if by is By.TARGET and not row.target and _missing_column(sheet, by) is None:
            yield row, "names no target; write one, or delete the row"
    seen: dict[str, Row] = {}
    for row in sheet.rows:
        name = row.values.get(ID)
        if name and seen.setdefault(name, row) is not row:
            yield row, f"{ID}: `{name}` is in line {seen[name].line}, too; rename one"


def _problem(sheet: Sheet, row: Row, severity: Severity, message: str, *, rule: Rule) -> Problem:
    return Problem(sheet.file, row.line, 1, severity, one_line(message), rule)
