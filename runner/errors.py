"""Everything that this program raises on purpose, on one page.

| error                | means                                                                            |
| -------------------- | -------------------------------------------------------------------------------- |
| RunnerError          | base of them all                                                                 |
| · FilesRejected      | a config or campaign file does not check; carries every problem                  |
| · SecretMissing      | a `${env:...}` or `${file:...}` value is not there when it is needed             |
| · DaysUnknown        | the holidays of a place, or the events of a calendar's file, cannot be told      |
| · HostError          | a request to a host did not end in an answer that we may act on                  |
| ·· HostUnreached     | no byte of the request left this machine: it may be sent again                   |
| ·· HostRefused       | a valid envelope said no, with one of the documented codes                       |
| ·· HostUnclear       | anything else: what the request did is not known                                 |
| · LedgerError        | the store could not do what was asked; nothing of the batch was written          |
| ·· LedgerUnavailable | the store cannot be opened, read or written now                                  |
| ··· StoreUnusable    | it never will, until a person has looked: not writable, damaged, not ours        |
| ·· LedgerTooNew      | the store was written by a newer version of this program                         |
| ·· StoreInUse        | another daemon works on the store                                                |
| ·· LedgerConflict    | a row was not in the state that the change expected                              |
| ··· LimitReached     | an intent found no place under a limit; carries every limit that is used up      |
| ··· WorkHeld         | an intent was for work that a person has paused; carries the pause                |
| ··· WorkWaits        | an intent was for work that waits for other work to be completed                 |
| · NotFound           | no such assignment, campaign or host                                             |
| · NotInstallable     | the service cannot be installed here, or not so                                  |
| · TokenUnusable      | the file of the HTTP API's token cannot be used                                  |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any


class Severity(StrEnum):
    """How bad a problem is: an error keeps the file out, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at one place of one file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str
    rule: Rule = Rule.WRONG_VALUE

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}"


class RunnerError(Exception):
    """Base of all errors that this program raises on purpose."""


class FilesRejected(RunnerError):
    """A config or campaign file does not check."""

    def __init__(self, problems: Sequence[Problem], *, calendar_files: Sequence[Path] = ()) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.calendar_files = tuple(calendar_files)
        """The other files that the config reads: one of them may be what has to be mended."""


class SecretMissing(RunnerError):
    """A secret that a submission needs is not there."""


class DaysUnknown(RunnerError):
    """The holidays of a place, or the events of a calendar's file, cannot be told."""


class RowMissing(RunnerError):
    """A submission needs a row of a content file, and none was left for it."""


class HostError(RunnerError):
    """A request to a host did not end in an answer that we may act on."""

    def __init__(self, message: str, *, request: str) -> None:
        super().__init__(message)
        self.request = request
        """What was asked, e.g. `POST /task`, without its body."""


class HostUnreached(HostError):
    """No byte of the request left this machine, so it may be sent again."""


class HostRefused(HostError):
    """A valid envelope carried a documented code other than 0."""

    def __init__(self, message: str, *, request: str, code: int) -> None:
        super().__init__(message, request=request)
        self.code = code


class HostUnclear(HostError):
    """What the request did on the host is not known."""


class LedgerError(RunnerError):
    """The store could not do what was asked; nothing of the batch was written."""


class LedgerUnavailable(LedgerError):
    """The store cannot be opened, read or written now."""


class StoreUnusable(LedgerUnavailable):
    """The store cannot be used until a person has looked: it is not writable, damaged or not ours."""


class LedgerTooNew(LedgerError):
    """The store was written by a newer version of this program."""


class StoreInUse(LedgerError):
    """Another daemon works on the store, or has taken it over."""


class LedgerConflict(LedgerError):
    """A row was not in the state that the change expected."""


class LimitReached(LedgerConflict):
    """An intent found no place under a limit."""

    def __init__(self, full: Sequence[Any]) -> None:
        super().__init__("an intent found no place under a limit")
        self.full = tuple(full)
        """A `Taken` for each limit that is used up."""


class WorkHeld(LedgerConflict):
    """An intent was for work that a person has paused."""

    def __init__(self, hold: Any) -> None:
        super().__init__(f"the work is paused by {hold.owner}")
        self.hold = hold
        """The `Hold` that is in force."""


class WorkHalted(LedgerConflict):
    """An intent was for work that a person has cancelled while an earlier request for it was under way."""


class WorkWaits(LedgerConflict):
    """An intent was for work that needs other work to be completed first."""


class NotFound(RunnerError):
    """No such assignment, campaign, host or channel."""


class NotInstallable(RunnerError):
    """The service cannot be installed here, or not so."""


class TokenUnusable(RunnerError):
    """The file of the HTTP API's token cannot be read or made, or others may have read it."""
