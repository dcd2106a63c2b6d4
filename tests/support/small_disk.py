"""Disks that fill up for real: a small one of its own for root, a limit on file sizes for others."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

KINDS = ["a limit on file sizes", "a disk of its own"] if os.geteuid() == 0 else ["a limit on file sizes"]


class Disk(Protocol):
    """A folder that can be filled up and freed again."""

    def command(self, words: Sequence[str]) -> list[str]:
        """Return a command that sees the folder."""
        ...

    def copy(self, to: Path) -> None:
        """Copy what is in the folder; a database there must not be written meanwhile."""
        ...

    def fill(self, process: subprocess.Popen[bytes]) -> None:
        """Let a process find no space any more."""
        ...

    def free(self, process: subprocess.Popen[bytes]) -> None:
        """Let it find space again."""
        ...


class LimitedFiles:
    """No file may grow beyond what the largest one of the folder has now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def command(self, words: Sequence[str]) -> list[str]:
        return list(words)

    def copy(self, to: Path) -> None:
        shutil.copytree(self._folder, to)

    def fill(self, process: subprocess.Popen[bytes]) -> None:
        largest = max(file.stat().st_size for file in self._folder.iterdir())
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free(self, process: subprocess.Popen[bytes]) -> None:
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)


class MountedDisk:
    """A file system in memory, in a mount namespace that ends with its first process."""

    def __init__(self, folder: Path, *, anchor: int) -> None:
        self._folder = folder
        self._anchor = anchor
        # SQLite would follow the link `root` out of the namespace again; plain reading and writing does not.
        self._here = Path(f"/proc/{anchor}/root{folder}")
        self._ballast = self._here / "ballast"

    def command(self, words: Sequence[str]) -> list[str]:
        enter = ["nsenter", f"--target={self._anchor}", "--mount", f"--wd={self._folder.parent}", "--"]
        return [*enter, *words]

    def copy(self, to: Path) -> None:
        shutil.copytree(self._here, to, ignore=shutil.ignore_patterns("ballast"))

    def fill(self, _process: subprocess.Popen[bytes]) -> None:
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 4096)
            except OSError:
                return

    def free(self, _process: subprocess.Popen[bytes]) -> None:
        self._ballast.unlink()


@contextmanager
def disk(folder: Path, *, kind: str) -> Iterator[Disk]:
    """Put a disk of one of the kinds in a folder's place until the block ends."""
    folder.mkdir()
    if kind == KINDS[0]:
        yield LimitedFiles(folder)
    else:
        with mounted(folder, options="size=8m") as anchor:
            yield MountedDisk(folder, anchor=anchor)


@contextmanager
def read_only(folder: Path) -> Iterator[Callable[[Sequence[str]], list[str]]]:
    """Let nobody write into a new folder; yield what makes a command one that sees it so."""
    folder.mkdir()
    if os.geteuid() == 0:  # whom permissions do not stop
        with mounted(folder, options="ro") as anchor:
            yield MountedDisk(folder, anchor=anchor).command
    else:
        folder.chmod(0o555)
        yield list
        folder.chmod(0o755)


@contextmanager
def mounted(folder: Path, *, options: str) -> Iterator[int]:
    """Mount a file system in memory on a folder, which only those who enter the process returned can see."""
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && echo mounted && exec cat'
    anchor = subprocess.Popen(
        ["/usr/bin/env", "unshare", "--mount", "sh", "-c", script, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert anchor.stdin is not None
    assert anchor.stdout is not None
    try:
        assert anchor.stdout.readline() == b"mounted\n"
        yield anchor.pid
    finally:
        anchor.stdin.close()
        anchor.wait()
        anchor.stdout.close()
