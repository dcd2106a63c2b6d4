"""`cancel`: drop what is planned, and withdraw what waits on hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.cli.halts import carry_out, halt_options
from runner.model.halt import Depth

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="cancel")
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
    """Drop what is planned, and withdraw what waits on hosts.

    KEY is one assignment and may be cut short. Of a campaign, a host or everything, the work of days up to
    today is dropped. What runs goes on: `stop` ends that, too. With --all nothing is submitted any more until
    `resume --all`. Only tasks of this runner are touched.
    """
    carry_out(
        config,
        depth=Depth.WITHDRAW,
        key=key,
        campaign=campaign,
        host=host,
        everything=everything,
        reason=reason,
        form=form,
    )
