"""`completion`: print the completion script of a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

_NAME = "campaign-runner"
_VARIABLE = "_CAMPAIGN_RUNNER_COMPLETE"
_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(name="completion")
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def command(context: click.Context, *, shell: str) -> None:
    """Print the completion script of a shell.

    For bash, put this into ~/.bashrc: eval "$(campaign-runner completion bash)"
    """
    click.echo(_SHELLS[shell](context.find_root().command, {}, _NAME, _VARIABLE).source())
