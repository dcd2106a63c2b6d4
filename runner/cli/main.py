"""Gather the commands of `campaign-runner` under one name, and end each of them with an honest exit code."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
from click.shell_completion import CompletionItem

from runner import __version__
from runner.app.collection import hardly_collect
from runner.cli.output import complain
from runner.errors import FilesRejected, RunnerError

COMMANDS = MappingProxyType(
    {
        "demo": "Show everything at once on simulated hosts.",
        "init": "Write a config and a first campaign to edit.",
        "validate": "Check the config and the campaign files.",
        "import": "Make a campaign file of request bodies.",
        "schema": "Print the JSON Schema of a kind of file, for editors.",
        "plan": "Show what will be submitted, where and when.",
        "run": "Run the daemon.",
        "reload": "Let the daemon look at all files now.",
        "trigger": "Do a campaign's work now, beside the schedule.",
        "pause": "Hold back a campaign, a host or everything.",
        "resume": "End a pause.",
        "cancel": "Drop what is planned, and withdraw what waits on hosts.",
        "stop": "As `cancel`, and stop what runs on hosts.",
        "resolve": "Decide what becomes of an assignment that is unknown.",
        "status": "Show hosts, what is running, what is next and what failed today.",
        "runs": "Show the runs of a day: how many assignments are in which state.",
        "results": "Show the assignments of a day and what became of them.",
        "why": "Account for every occurrence of a campaign or a target on a day.",
        "show": "Show one assignment with its whole life.",
        "events": "Show the audit log.",
        "audit": "Check the audit log, or write it out.",
        "backup": "Copy the store while the daemon runs.",
        "restore": "Put a backup in the place of the store.",
        "hosts": "Reach every host and check its licence.",
        "doctor": "Check everything that can be checked, and say what to do.",
        "notify": "Try the channels by which alarms reach people.",
        "service": "Install the daemon as a service of systemd, or take it away.",
        "simulator": "Serve simulated TikMatrix hosts to try things on.",
        "completion": "Print the completion script of a shell.",
    }
)
"""What can be asked, with one line about each. The module of each is named like it, and imported on use."""
_OTHER_MODULES = MappingProxyType({"import": "import_bodies"})
"""Where a command's name is a word of Python."""

_LIVE_LONG = frozenset({"audit", "demo", "run", "simulator"})
"""Those whose memory is worth being tidied."""

EXIT_INTERRUPTED = 130
"""What shells report of a program that was ended by Ctrl-C."""


class LazyGroup(click.Group):
    """Commands whose modules are imported when they are used: start-up time is felt at every call."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands, in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a command by its name, None where there is no such."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"runner.cli.{_OTHER_MODULES.get(cmd_name, cmd_name)}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for, with its name and what follows."""
        # Pydantic would look through all packages that are installed for plugins of its own; none is wanted.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        if not _LIVE_LONG.intersection(args[:1]):
            hardly_collect()  # before the command's module is imported
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands into the help, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may follow on the command line, without importing the commands."""
        options = click.Command.shell_complete(self, ctx, incomplete)
        names = (name for name in COMMANDS if name.startswith(incomplete))
        return [*(CompletionItem(name, help=COMMANDS[name]) for name in names), *options]

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises on purpose becomes a line on standard error and exit code 1."""
        try:
            return super().invoke(ctx)
        except FilesRejected as rejected:
            for problem in rejected.problems:
                complain(str(problem))
        except RunnerError as error:
            complain(f"error: {error}")
        except OSError as error:
            if error.errno == errno.EPIPE:  # who read our output has seen enough; click leaves quietly
                raise
            where = f"{error.filename}: " if error.filename else ""
            complain(f"error: {where}{error.strerror or error}")
        except KeyboardInterrupt:
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
        raise click.exceptions.Exit(1)


@click.group(name="campaign-runner", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="campaign-runner")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The config. Default: $CAMPAIGN_RUNNER_CONFIG, ./config.yaml, /etc/campaign-runner/config.yaml.",
)
@click.pass_context
def main(context: click.Context, *, config: Path | None) -> None:
    """Run campaigns of device tasks from plain files."""
    context.obj = config
