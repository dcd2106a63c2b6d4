"""Install the daemon as a service of systemd, or take it away again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.installer import carry_out, has_systemd, is_root
from runner.adapters.stop_file import stop_file_path
from runner.core.installation import Wanted, removal_steps, system_steps, user_steps
from runner.errors import NotInstallable
from runner.model.installation import MakeFolder, MakeUser, RemoveUnit, WriteUnit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.app.loaded import LoadedConfig
    from runner.model.installation import Step


def installing(
    config: LoadedConfig, template: str, *, for_user: bool, internet: bool, environ: Mapping[str, str]
) -> list[Step]:
    """Return the steps that install the service of a config, in their order; raises NotInstallable."""
    settings = config.config.settings
    # Of a store on a server, too: the file STOP and the API's token are there.
    written = [stop_file_path(settings.store, config_folder=config.folder).parent]
    if settings.log.file is not None:
        written.append(settings.log.file.parent)
    wanted = Wanted(_program(), config.folder / Path(settings.file).name, tuple(written))
    if for_user:
        return list(user_steps(template, wanted, units=user_units(environ)))
    return list(system_steps(template, wanted, internet=internet))


def removing(*, for_user: bool, environ: Mapping[str, str]) -> list[Step]:
    """Return the steps that take the service away; config, store and user stay."""
    return list(removal_steps(units=user_units(environ) if for_user else None))


def user_units(environ: Mapping[str, str]) -> Path:
    """Return the folder of a user's own units."""
    config = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "systemd/user"


def check_rights(*, for_user: bool) -> None:
    """Raise NotInstallable where the steps cannot be done here, or not by this user."""
    if not has_systemd():
        raise NotInstallable("this machine has no systemd; on Windows see docs/windows.md")
    if not for_user and not is_root():
        raise NotInstallable(
            "a service of the machine needs root: use sudo, or --user for a service of yours; "
            "--dry-run shows what would be done"
        )


def done(steps: Sequence[Step]) -> Iterator[str]:
    """Do the steps one after the other, and yield a line about each; raises NotInstallable, OSError."""
    for step in steps:
        yield carry_out(step)


def in_words(step: Step) -> str:
    """Return what a step would do."""
    match step:
        case MakeUser():
            return f"make the user {step.name}, without a shell, at home in {step.home}"
        case MakeFolder():
            owner = "" if step.owner is None else f", of {step.owner}"
            return f"make the folder {step.path} (mode {step.mode:o}{owner})"
        case WriteUnit():
            return f"write {step.path}:\n\n{step.text}"
        case RemoveUnit():
            return f"delete {step.path}"
        case _:
            return f"do: {' '.join(step.words)}"


def _program() -> tuple[str, ...]:
    """Return how this very installation is started."""
    beside = Path(sys.executable).with_name("campaign-runner")
    found = str(beside) if beside.is_file() else shutil.which("campaign-runner")
    return (sys.executable, "-m", "runner") if found is None else (found,)
