"""`hosts`: reach every host now and check its licence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from runner.adapters.clock import SystemClock
from runner.app.hosts import probe_hosts
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, write_json
from runner.cli.tables import Column, print_table
from runner.model.record import HostState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.app.hosts import HostAnswer

_COLUMNS = (
    Column("host"),
    Column("state"),
    Column("plan"),
    Column("device limit", right=True),
    Column("tasks", folds=True),
    Column("answer", right=True),
    Column("url", folds=True),
    Column("why", folds=True),
)


@click.command(name="hosts")
@format_option
@click.pass_obj
def command(config: Path | None, *, form: str) -> None:
    """Reach every host and check its licence.

    All hosts are asked at once, each within the config's `http.timeout`. The exit code is 1 where one of them
    is not ready.
    """
    answers = asyncio.run(probe_hosts(settings_of(config), clock=SystemClock()))
    if form == JSON:
        write_json([_row(answer) for answer in answers])
    else:
        print_table(_COLUMNS, [_cells(answer) for answer in answers])
    ready = all(answer.state is HostState.READY for answer in answers)
    click.get_current_context().exit(0 if ready else 1)


def _row(answer: HostAnswer) -> dict[str, Any]:
    return {
        "host": answer.host.name,
        "url": answer.host.url,
        "state": answer.state.value,
        "detail": answer.detail,
        "plan_name": answer.licence and answer.licence.plan_name,
        "device_limit": answer.licence and answer.licence.device_limit,
        "tasks": _tasks(answer) or None,
        "latency_seconds": answer.latency_seconds and round(answer.latency_seconds, 4),
    }


def _cells(answer: HostAnswer) -> Sequence[str]:
    licence = answer.licence
    limit = licence.device_limit if licence else None
    waited = answer.latency_seconds
    counted = {name: count for name, count in _tasks(answer).items() if count and name != "total"}
    tasks = ", ".join(f"{count} {name}" for name, count in counted.items())
    return (
        answer.host.name,
        answer.state,
        licence.plan_name if licence else "",
        "" if limit is None else str(limit),
        tasks or ("none" if answer.stats else ""),
        "" if waited is None else f"{waited * 1000:.0f} ms",
        answer.host.url,
        answer.detail or "",
    )


def _tasks(answer: HostAnswer) -> dict[str, int | None]:
    stats = answer.stats
    if stats is None:
        return {}
    return {name: getattr(stats, name) for name in ("total", "pending", "running", "completed", "failed")}
