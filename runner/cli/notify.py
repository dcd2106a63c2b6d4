"""`notify`: try the channels by which alarms reach people."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from runner.adapters.notifications import AppriseProcess
from runner.app.try_channels import try_channels
from runner.cli.files import config_of
from runner.cli.output import JSON, format_option, write_json
from runner.cli.tables import Column, print_table

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = (Column("channel"), Column("result", folds=True))


@click.group(name="notify")
def command() -> None:
    """Try the channels by which alarms reach people."""


@command.command(name="test")
@click.option("--channel", metavar="NAME", help="This one only. Default: all.")
@format_option
@click.pass_obj
def test(config: Path | None, *, channel: str | None, form: str) -> None:
    """Send a test message, and say of each channel whether it took it.

    Works without a daemon. The exit code is 1 where a channel has not taken it.
    """
    sender = AppriseProcess(environ=os.environ)
    tried = asyncio.run(try_channels(config_of(config), only=channel, sender=sender))
    if form == JSON:
        write_json([asdict(one) for one in tried])
    else:
        print_table(_COLUMNS, [(one.channel, one.reason or "taken") for one in tried])
    click.get_current_context().exit(0 if all(one.taken for one in tried) else 1)
