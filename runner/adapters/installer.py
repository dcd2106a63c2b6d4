"""The door through which the service is installed: users, folders, units, and systemd's commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import NotInstallable
from runner.model.installation import MakeFolder, MakeUser, RemoveUnit, Tell, WriteUnit, is_ours

if TYPE_CHECKING:
    from runner.model.installation import Step

_RUNS = Path("/run/systemd/system")
_SECONDS = 120


def is_root() -> bool:
    """Tell whether this process may do everything; never so on Windows."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_systemd() -> bool:
    """Tell whether this machine has systemd's commands, whether or not it runs."""
    return shutil.which("systemctl") is not None


def carry_out(step: Step) -> str:
    """Do one step where it is not done already, and say what was done.

    Raises NotInstallable where somebody else's unit is in the way or a command fails, OSError where a file
    cannot be written.
    """
    match step:
        case MakeUser():
            return _user(step)
        case MakeFolder():
            return _folder(step)
        case WriteUnit():
            return _unit(step)
        case RemoveUnit():
            return _removed(step)
        case Tell():
            return _told(step)


def _user(step: MakeUser) -> str:
    try:
        # A module that Windows lacks.
        import_module("pwd").getpwnam(step.name)
    except KeyError:
        home = str(step.home)
        words = ["useradd", "--system", "--user-group", "--home-dir", home, "--no-create-home"]
        _run([*words, "--shell", "/usr/sbin/nologin", step.name])
        return f"made the user {step.name}"
    return f"the user {step.name} is there"


def _folder(step: MakeFolder) -> str:
    there = step.path.is_dir()
    if not there:
        step.path.mkdir(parents=True)
        step.path.chmod(step.mode)
    if step.owner is not None:
        shutil.chown(step.path, step.owner, step.owner)
    return f"the folder {step.path} is there" if there else f"made the folder {step.path}"


def _unit(step: WriteUnit) -> str:
    if step.path.exists():
        before = _ours(step.path)
        if before == step.text:
            return f"{step.path} is as it should be"
    # Whole or not at all: systemd may read it at any moment.
    draft = step.path.with_name(f".{step.path.name}.draft")
    draft.write_text(step.text, encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(step.path)
    return f"wrote {step.path}"


def _removed(step: RemoveUnit) -> str:
    if not step.path.exists():
        return f"{step.path} is not there"
    _ours(step.path)
    step.path.unlink()
    return f"deleted {step.path}"


def _ours(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    if not is_ours(text):
        raise NotInstallable(f"{path} was not written by this program; move it away first")
    return text


def _told(step: Tell) -> str:
    said = " ".join(step.words)
    if not _RUNS.is_dir():
        return f"left out: {said} (no systemd runs here)"
    _run(step.words)
    return f"did: {said}"


def _run(words: list[str] | tuple[str, ...]) -> None:
    program = shutil.which(words[0])
    if program is None:
        raise NotInstallable(f"there is no command {words[0]}")
    done = subprocess.run(  # noqa: S603 - the words are ours
        [program, *words[1:]], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode != 0:
        raise NotInstallable(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
