"""Find and read the campaign files below a folder."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from runner.model.document import one_line
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Stamp = tuple[int, int, int, int]
NO_FILE: Stamp = (0, 0, 0, 0)
"""The stamp of what is not there."""

ENDINGS = (".yaml", ".yml")
MOST_FILES = 10_000

_NOT_REGULAR = "not a regular file; put a file with the text here, or take it away"
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)  # Windows has no such flag, nor named pipes in folders


@dataclass(frozen=True, slots=True)
class FileText:
    """A file as read; `unread` says why it could not be, and is None where it could."""

    path: Path
    content: bytes = b""
    unread: str | None = None
    rule: Rule = Rule.FILE_UNREAD
    """Which one is broken where it could not be read."""
    contents: Mapping[str, str] | None = None
    """The texts of its content files as they were accepted; None: those on disk count."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hex."""
        return sha256(self.content).hexdigest()


def read_folder(
    folder: Path, *, most_bytes: int, only: Collection[str] | None = None
) -> tuple[FileText, ...]:
    """Read every campaign file below a folder, or those of `only`, in the order of their paths.

    Names that begin with a dot are passed over. What is no regular file, lies outside the folder (through a
    link), or has more than `most_bytes` is not read; its text says so. Raises OSError where it, or a folder
    in it, cannot be listed: nobody can tell then which files it holds.
    """
    root = folder.resolve(strict=True)
    paths = campaign_files(folder) if only is None else sorted(map(Path, only))
    return tuple(_read_below(path, root, most_bytes) for path in paths)


def campaign_files(folder: Path) -> list[Path]:
    """Return the paths of all campaign files below a folder, in order; raises OSError like `read_folder`."""
    return sorted(map(Path, _names(folder)))


def folder_stamps(folder: Path) -> dict[str, Stamp]:
    """Return the stamp of each campaign file below a folder; raises OSError like `read_folder`."""
    return {name: file_stamp(name) for name in _names(folder)}


def file_stamp(path: str | Path) -> Stamp:
    """Return what changes when a file does.

    That is its number, size, and when its content and anything of it changed. The last cannot be set by
    anybody: it tells also what has another content of one size and is said to be of the same time.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - as below
    except OSError:  # a link to nowhere; reading it says so
        return NO_FILE
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read_file(path: Path, *, most_bytes: int) -> FileText:
    """Read one file that was named by a person, wherever it lies."""
    try:
        with open(path, "rb", opener=_never_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return FileText(path, unread=_NOT_REGULAR)
            content = file.read(most_bytes + 1)
    except IsADirectoryError:
        return FileText(path, unread=_NOT_REGULAR)
    except (OSError, ValueError) as error:
        return FileText(path, unread=f"cannot be read: {_reason(error)}")
    if len(content) > most_bytes:
        words = f"the file has more than {most_bytes // 1024} KiB; split it into several"
        return FileText(path, unread=words, rule=Rule.TOO_LARGE)
    return FileText(path, content)


def shown_path(path: Path, *, working_folder: Path) -> str:
    """Return a path as people see it: relative to the working folder where it lies below it."""
    whole = path if path.is_absolute() else working_folder / path
    shown = whole.relative_to(working_folder) if whole.is_relative_to(working_folder) else whole
    # A name on disk may be no valid text; what cannot be shown becomes a replacement character.
    return one_line(shown.as_posix().encode(errors="surrogateescape").decode(errors="replace"))


def _names(folder: Path) -> list[str]:
    # Not os.walk, nor a Path for each of thousands: this is done every second, also where nothing is to do.
    found: list[str] = []
    folders = [os.fspath(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                # A folder that is called like a campaign file is one that cannot be read: none that ended.
                if entry.name.endswith(ENDINGS):
                    found.append(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
        if len(found) > MOST_FILES:
            raise OSError(f"more than {MOST_FILES} campaign files")
    return found


def _never_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | _NEVER_WAIT)


def _read_below(path: Path, root: Path, most_bytes: int) -> FileText:
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError) as error:
        return FileText(path, unread=f"cannot be read: {_reason(error)}")
    if not inside:
        return FileText(path, unread="a link out of the folder; copy the file here instead")
    return read_file(path, most_bytes=most_bytes)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
