"""The door to what the operating system says of folders, clocks and services; asks, and changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from runner.model.checkup import FolderFacts

_ASK_SECONDS = 10
_MOUNTS = Path("/proc/self/mounts")


def folder_facts(path: Path) -> FolderFacts:
    """Return what is known of a folder; of one that is not there, what is known of the nearest one above."""
    # Unlike Path's, this takes a folder that may not be looked into for one that is not there.
    nearest = path
    while not os.path.exists(nearest) and nearest != nearest.parent:  # noqa: PTH110
        nearest = nearest.parent
    try:
        free = shutil.disk_usage(nearest).free
        mode = nearest.stat().st_mode
    except OSError:
        free, mode = None, 0
    # On Windows the bit says nothing. A sticky folder, e.g. /tmp, guards its files.
    all_may_write = sys.platform != "win32" and mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH
    return FolderFacts(
        path=str(path),
        there=nearest == path,
        readable=os.access(path, os.R_OK | os.X_OK),
        writable=os.access(nearest, os.W_OK | os.X_OK),
        open_to_all=nearest == path and all_may_write,
        free_bytes=free,
        file_system=_file_system(nearest),
    )


def clock_is_synchronized() -> bool | None:
    """Return whether the system sets its clock from the network; None where it does not say."""
    said = _said("timedatectl", "show", "--property=NTPSynchronized", "--value")
    return {"yes": True, "no": False}.get(said.strip())


def service_shown(name: str) -> dict[str, str]:
    """Return what systemd says of a service of the machine, or of this user; nothing where there is none."""
    wanted = "LoadState,ActiveState,SubState,Result,ExecMainStatus,NRestarts,StatusText,UnitFileState"
    for scope in ([], ["--user"]):
        said = _said("systemctl", *scope, "show", name, f"--property={wanted}")
        shown = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        if shown.get("LoadState", "not-found") != "not-found":
            return shown
    return {}


def _file_system(path: Path) -> str | None:
    """Return the kind of file system on which a path is, where the system tells (Linux)."""
    try:
        mounts = [line.split() for line in _MOUNTS.read_text(encoding="utf-8").splitlines()]
        here = path.resolve()
    except OSError:
        return None
    above = [
        (len(point), kind)
        for _, point, kind, *_ in mounts
        # A space is written as \040 there.
        if here.is_relative_to(point.replace("\\040", " "))
    ]
    return max(above)[1] if above else None


def _said(program: str, *words: str) -> str:
    found = shutil.which(program)
    if found is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - the words are ours
            [found, *words], capture_output=True, text=True, timeout=_ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
