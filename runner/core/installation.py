"""Decide what has to be done so that systemd runs the daemon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner.core.unit_file import command_line, rewritten
from runner.errors import NotInstallable
from runner.model.installation import MakeFolder, MakeUser, RemoveUnit, Tell, WriteUnit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.installation import Step

USER = "campaign-runner"
UNIT = f"{USER}.service"
STATE = Path("/var/lib") / USER
CREDENTIALS = Path("/etc") / USER / "credentials"
SYSTEM_UNITS = Path("/etc/systemd/system")
_SHUT = (Path("/home"), Path("/root"), Path("/run/user"))
"""What the service cannot look into (`ProtectHome`)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be run."""

    program: tuple[str, ...]
    """The command's first words, e.g. `/opt/campaign-runner/bin/campaign-runner`."""
    config: Path
    written: tuple[Path, ...]
    """Folders to which the daemon writes: the store's, and the log file's."""

    @property
    def command(self) -> str:
        """The line of `ExecStart`."""
        return command_line([*self.program, "--config", str(self.config), "run"])


def system_steps(template: str, wanted: Wanted, *, internet: bool) -> Iterator[Step]:
    """Yield the steps that make it a service of the machine.

    Raises NotInstallable where the service could not read its program or its config.
    """
    for path in (Path(wanted.program[0]), wanted.config):
        if any(path.is_relative_to(shut) for shut in _SHUT):
            raise NotInstallable(
                f"{path} is in a home folder, into which the service cannot look: put the program into "
                f"/opt/{USER} and the config into /etc/{USER}, or use --user"
            )
    elsewhere = sorted({folder for folder in wanted.written if not folder.is_relative_to(STATE)})
    yield MakeUser(USER, STATE)
    yield MakeFolder(CREDENTIALS, 0o700)
    yield MakeFolder(STATE, 0o750, USER)
    for folder in elsewhere:
        yield MakeFolder(folder, 0o750, USER)
    values = {"ExecStart": wanted.command}
    values["ReadWritePaths"] = command_line([str(folder) for folder in elsewhere])
    if internet:
        values["IPAddressAllow"] = "any"
    yield WriteUnit(SYSTEM_UNITS / UNIT, rewritten(template, values))
    yield Tell(("systemctl", "daemon-reload"))


def user_steps(template: str, wanted: Wanted, *, units: Path) -> Iterator[Step]:
    """Yield the steps that make it a service of one user, whose units are in a folder."""
    yield MakeFolder(units, 0o755)
    yield WriteUnit(units / UNIT, rewritten(template, {"ExecStart": wanted.command}))
    yield Tell(("systemctl", "--user", "daemon-reload"))


def removal_steps(*, units: Path | None = None) -> Iterator[Step]:
    """Yield the steps that take the unit away: a user's, whose units are in a folder, or the machine's."""
    systemctl = ("systemctl",) if units is None else ("systemctl", "--user")
    yield Tell((*systemctl, "disable", "--now", UNIT))
    yield RemoveUnit((units or SYSTEM_UNITS) / UNIT)
    yield Tell((*systemctl, "daemon-reload"))
