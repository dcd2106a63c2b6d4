"""`stop`: drop what is planned, withdraw what waits on hosts, and stop what runs there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.cli.halts import carry_out, halt_options
from runner.model.halt import Depth

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="stop")
@halt_options
@click.pass_obj
def command(
    config: Path | None,
    *,
    key: str | None,
    campaign: str | None,
    host: str | None,
    everything: bool,
    reason: str | None,
    form: str,
) -> None:
    """As `cancel`, and stop what runs on hosts.

    What is planned is dropped, our pending tasks are deleted, our running ones stopped. The daemon goes on.
    """
    carry_out(
        config,
        depth=Depth.STOP,
        key=key,
        campaign=campaign,
        host=host,
        everything=everything,
        reason=reason,
        form=form,
    )
