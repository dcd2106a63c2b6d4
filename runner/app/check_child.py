"""Check files in a process of their own, which can neither slow nor stop the daemon (ADR 0011)."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from runner.app.loaded import CheckedFile
from runner.errors import FilesRejected, Problem, RunnerError, SecretMissing, Severity
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from runner.adapters.campaign_folder import FileText
    from runner.adapters.secrets import Secrets
    from runner.app.loaded import LoadedConfig
    from runner.model.settings import Config

MOST_SECONDS = 120.0
"""How long a check may take; ten thousand files need less."""
MOST_CHILDREN = 64
"""Processes that may be started for one check, so that a file that ends them is found among the others."""

_HANDED_ON = frozenset(
    {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP"}
    | {"LD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE", "VIRTUAL_ENV"}
)
"""What of the environment a child is started with."""


class FileChecker(Protocol):
    """Reads and checks files."""

    def config(self, path: Path | None) -> LoadedConfig:
        """Return the config at a path, or found in the documented order; raises FilesRejected."""
        ...

    def campaigns(self, texts: Mapping[str, FileText], *, config: LoadedConfig) -> Sequence[CheckedFile]:
        """Return what texts say, each for itself, by the names under which problems show them."""
        ...

    def get_ready(self) -> None:
        """Begin with what a check needs anyway: there may be one soon."""
        ...

    def rest(self) -> None:
        """Give up what was got ready: no check came."""
        ...


@dataclass(frozen=True, slots=True)
class CheckConfig:
    """A question to the child: what does the config say?"""

    path: Path | None
    environ: Mapping[str, str]
    working_folder: Path


@dataclass(frozen=True, slots=True)
class CheckCampaigns:
    """A question to the child: what do these campaign files say?"""

    texts: Mapping[str, FileText]
    config: Config
    secrets: Secrets
    working_folder: Path


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer of the child: what the campaign files say, and the names of all secrets in them."""

    files: tuple[CheckedFile, ...]
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An answer of the child: the config does not check."""

    problems: tuple[Problem, ...]
    calendar_files: tuple[Path, ...]


class ChildChecker:
    """Starts a process for each check, and ends with it.

    The daemon keeps none of what reading needs in its own memory, and a file that takes long, or that crashes
    the YAML library, costs the daemon nothing: its last good version stays in force.
    """

    def __init__(self, *, environ: Mapping[str, str], working_folder: Path) -> None:
        self._environ = dict(environ)
        self._working_folder = working_folder
        self._ready: subprocess.Popen[bytes] | None = None
        """A child that waits for its question."""

    def get_ready(self) -> None:
        """Start a child beforehand: it takes most of its time to start."""
        if self._ready is None:
            self._ready = _start()

    def rest(self) -> None:
        """End a child that was started beforehand and got no question."""
        child, self._ready = self._ready, None
        if child is not None:
            _end(child)

    def config(self, path: Path | None) -> LoadedConfig:
        """Return the config at a path, or found in the documented order.

        Raises:
            FilesRejected: it does not check.
            RunnerError: it could not be checked.
        """
        answer = self._ask(CheckConfig(path, self._environ, self._working_folder))
        if isinstance(answer, Rejected):
            raise FilesRejected(answer.problems, calendar_files=answer.calendar_files)
        loaded: LoadedConfig = answer
        return loaded

    def campaigns(self, texts: Mapping[str, FileText], *, config: LoadedConfig) -> Sequence[CheckedFile]:
        """Return what texts say; where they could not be checked, each of them has that for a problem.

        A file that ends the child spoils no other: the files are halved until it is alone.
        """
        files: list[CheckedFile] = []
        some = [dict(texts)] if texts else []
        children = 0
        while some:
            part = some.pop()
            children += 1
            try:
                checked = self._check(part, config=config)
            except _ChildEnded as error:
                if len(part) > 1 and children < MOST_CHILDREN:
                    names, middle = list(part), len(part) // 2
                    some += [{name: part[name] for name in half} for half in (names[:middle], names[middle:])]
                else:
                    files += not_checked(part, str(error))
            except RunnerError as error:
                files += not_checked(part, str(error))
            else:
                files += checked.files
                for name in checked.secrets:
                    # Here too: what was sent before a restart is recognized in what a host says after it.
                    with suppress(SecretMissing):
                        config.secrets.look_up(name)
        found = {one.file: one for one in files}
        return [found[file] for file in texts]

    def _check(self, texts: Mapping[str, FileText], *, config: LoadedConfig) -> Checked:
        checked: Checked = self._ask(
            CheckCampaigns(texts, config.config, config.secrets, self._working_folder)
        )
        return checked

    def _ask(self, question: CheckConfig | CheckCampaigns) -> Any:
        child, self._ready = self._ready or _start(), None
        try:
            answer, _ = child.communicate(pickle.dumps(question), timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            raise RunnerError(f"not checked: that took longer than {MOST_SECONDS:.0f} s") from None
        finally:
            _end(child)
        if child.returncode != 0:
            words = f"not checked: the process that checks files ended with {child.returncode}"
            raise _ChildEnded(words)
        return pickle.loads(answer)  # noqa: S301 - written by our own code, on a pipe of our own


class _ChildEnded(RunnerError):
    """The child ended before it answered."""


def not_checked(texts: Mapping[str, FileText], words: str) -> list[CheckedFile]:
    """Return files that are rejected because they could not be checked, for a reason."""
    return [
        CheckedFile(file, text.path, problems=(Problem(file, 1, 1, Severity.ERROR, words, Rule.NOT_CHECKED),))
        for file, text in texts.items()
    ]


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "runner.app.check_main"]
    # Secrets are in the environment: what the child needs of it is in the question. Python's own needs stay.
    environ = {name: value for name, value in os.environ.items() if _is_of_the_system(name)}
    return subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    )


def _is_of_the_system(name: str) -> bool:
    return name.upper() in _HANDED_ON or name.upper().startswith(("PYTHON", "LC_"))


def _end(child: subprocess.Popen[bytes]) -> None:
    with child:
        if child.poll() is None:
            child.kill()
