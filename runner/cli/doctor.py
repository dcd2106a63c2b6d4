"""`doctor`: check everything that can be checked, and say what to do."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.doctor import findings
from runner.app.selftest import SECONDS_ON_DEVICE, client_of, refuse_busy, selftest, selftest_host
from runner.cli.files import settings_of
from runner.cli.output import JSON, complain, format_option, say, write_json
from runner.cli.tables import Column, print_table
from runner.errors import RunnerError
from runner.model.checkup import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.checkup import Finding

_COLUMNS = (
    Column("verdict"),
    Column("check"),
    Column("what", folds=True),
    Column("finding", folds=True),
    Column("what to do", folds=True),
)


@click.command(name="doctor")
@click.option("--selftest", "device", metavar="DEVICE", help="Send one harmless task to this device instead.")
@click.option("--host", metavar="HOST", help="With --selftest: the device's host, where there are several.")
@click.option("--yes", is_flag=True, help="With --selftest: send it without asking.")
@format_option
@click.pass_obj
def command(config: Path | None, *, device: str | None, host: str | None, yes: bool, form: str) -> None:
    """Check everything that can be checked, and say what to do.

    Files, folders, disk, store, daemon, service, clocks, and every host: its licence, its clock, its zone,
    and whether it shows what was sent to it. Nothing is changed. The exit code is 1 where there is a problem.

    With --selftest one task is sent to the device, once you have typed its name, and followed to its end: a
    warm-up of half a minute that likes, follows, collects and comments nothing.
    """
    if device is not None:
        found = _tested(config, device, host=host, yes=yes)
    elif host or yes:
        raise click.UsageError("--host and --yes belong to --selftest DEVICE")
    else:
        found = asyncio.run(
            findings(config, environ=os.environ, working_folder=Path.cwd(), clock=SystemClock())
        )
    if form == JSON:
        write_json([asdict(one) for one in found])
    else:
        _show(found)
    problems = any(one.verdict is Verdict.PROBLEM for one in found)
    click.get_current_context().exit(1 if problems else 0)


def _tested(config: Path | None, device: str, *, host: str | None, yes: bool) -> list[Finding]:
    settings = settings_of(config)
    chosen = selftest_host(settings, host)
    refuse_busy(settings, chosen, device)
    complain(
        f"This sends one account_warmup to {device} on {chosen.name}: it watches videos for "
        f"{SECONDS_ON_DEVICE} s, and likes, follows, collects and comments nothing. It stays listed there."
    )
    if not yes and click.prompt("Type the device's name to send it", default="", err=True) != device:
        raise RunnerError("nothing was sent")

    async def test() -> list[Finding]:
        async with client_of(chosen, settings=settings) as client:
            return await selftest(client, device, clock=SystemClock(), tell=complain)

    return asyncio.run(test())


def _show(found: Sequence[Finding]) -> None:
    print_table(
        _COLUMNS, [(one.verdict, one.check, one.subject, one.message, one.advice or "") for one in found]
    )
    counts = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
    say()
    say(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
