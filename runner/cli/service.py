"""`service`: install the daemon as a service of systemd, or take it away again."""

from __future__ import annotations

import os
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from runner.app.install_service import check_rights, done, in_words, installing, removing
from runner.cli.files import config_of
from runner.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from runner.model.installation import Step


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--dry-run", is_flag=True, help="Show what would be done; needs no rights.")(
        command
    )
    return click.option(
        "--user", "for_user", is_flag=True, help="A service of yours instead of the machine's."
    )(command)


@click.group(name="service")
def command() -> None:
    """Install the daemon as a service of systemd, or take it away."""


@command.command(name="install")
@_which
@click.option(
    "--internet", is_flag=True, help="Let it speak with the internet, not with private networks only."
)
@click.pass_obj
def install(config: Path | None, *, for_user: bool, dry_run: bool, internet: bool) -> None:
    """Write the unit, and make user and folders.

    It is for the config that is in use, and for this very installation. What is there already stays; doing it
    again changes nothing. It is neither started nor enabled: the last lines say how.
    """
    template = "campaign-runner.user.service" if for_user else "campaign-runner.service"
    text = (files("runner.cli") / "templates" / template).read_text(encoding="utf-8")
    loaded = config_of(config)
    steps = installing(loaded, text, for_user=for_user, internet=internet, environ=os.environ)
    if _do(steps, for_user=for_user, dry_run=dry_run):
        scope = " --user" if for_user else ""
        say()
        say("Now, or whenever you like:")
        say(f"  systemctl{scope} enable --now campaign-runner")
        if for_user:
            say("  loginctl enable-linger    # so that it runs while you are not logged in")


@command.command(name="uninstall")
@_which
def uninstall(*, for_user: bool, dry_run: bool) -> None:
    """Stop the service and delete its unit; config, store, secrets and user stay."""
    _do(removing(for_user=for_user, environ=os.environ), for_user=for_user, dry_run=dry_run)


def _do(steps: Sequence[Step], *, for_user: bool, dry_run: bool) -> bool:
    if dry_run:
        for step in steps:
            for line in f"would {in_words(step)}".splitlines():
                say(line)
        return False
    check_rights(for_user=for_user)
    for line in done(steps):
        say(line)
    return True
