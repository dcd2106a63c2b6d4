"""Send one harmless task to a device that a person names, and follow it to its end (ADR 0031)."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.tikmatrix.client import TikMatrix
from runner.adapters.tikmatrix.transport import AiohttpTransport
from runner.app.report import has_store
from runner.core.likeness import Likeness, likeness
from runner.errors import HostError, HostRefused, HostUnclear, NotFound, RunnerError
from runner.model.checkup import Finding, Verdict
from runner.model.tikmatrix import TaskStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from typing import Any

    from runner.adapters.clock import Clock
    from runner.model.settings import Host, Settings
    from runner.model.tikmatrix import Task, TaskId

SECONDS_ON_DEVICE = 30
LOOK_SECONDS = 2.0
MOST_SECONDS = 600.0
"""A device that is busy with other work lets it wait; after so long it is withdrawn."""
_SCRIPT = "account_warmup"
_CONFIG: Mapping[str, Any] = {
    "task_duration": SECONDS_ON_DEVICE,
    "min_duration": 15,
    "max_duration": 30,
    "like_probable": 0,
    "floow_probable": 0,
    "collect_probable": 0,
    "comment_probable": 0,
}
_ENDS = {TaskStatus.COMPLETED: Verdict.OK, TaskStatus.FAILED: Verdict.PROBLEM}


def selftest_host(settings: Settings, name: str | None) -> Host:
    """Return the host that is meant; raises NotFound where there is no such, or none was named of several."""
    if name is None and len(settings.hosts) == 1:
        return next(iter(settings.hosts.values()))
    if name is None or name not in settings.hosts:
        raise NotFound(f"name one with --host: {', '.join(settings.hosts)}")
    return settings.hosts[name]


def refuse_busy(settings: Settings, host: Host, device: str) -> None:
    """Raise RunnerError where work of ours is on the device: the two could not be told apart."""
    if not has_store(settings):
        return
    reader = Reader.open(settings.store)
    try:
        busy = [one for one in reader.on_host(host.name) if one.assignment.target.name == device]
        busy += [one for one in reader.submitting(host.name) if one.assignment.target.name == device]
    finally:
        reader.close()
    if busy:
        raise RunnerError(f"{device} has work of the runner on it: {busy[0].assignment.key}; try again later")


@asynccontextmanager
async def client_of(host: Host, *, settings: Settings) -> AsyncIterator[TikMatrix]:
    """Yield a client of a host, closed at the end of the block."""
    timeout_seconds = settings.timeout.total_seconds()
    transport = AiohttpTransport(in_flight=1)
    client = TikMatrix(host.url, transport=transport, timeout_seconds=timeout_seconds, in_flight=1)
    try:
        yield client
    finally:
        await client.aclose()


async def selftest(
    client: TikMatrix, device: str, *, clock: Clock, tell: Callable[[str], None]
) -> list[Finding]:
    """Send one short warm-up that touches nothing, follow it, and return what that has shown.

    It is asked for once, whatever happens. If it has not begun in ten minutes it is deleted; nothing else is.
    `tell` is called with a line about each step.
    """
    sent = {"serials": [device], "script_name": _SCRIPT, "script_config": dict(_CONFIG)}
    try:
        created = await client.create(json.dumps(sent).encode())
    except HostUnclear as error:
        advice = "Look in TikMatrix whether it was made; it is not asked for again."
        return [_problem(f"what it did is not known: {error}", advice)]
    except HostError as error:
        return [_problem(f"it was not made: {error}", None)]
    if len(created.task_ids) != 1:
        advice = "Look in TikMatrix: a device without an account, or unknown, may be why."
        return [_problem(f"one task was asked for, {len(created.task_ids)} were made", advice)]
    (task_id,) = created.task_ids
    tell(f"task {task_id} was made")
    found = [Finding("selftest", device, Verdict.OK, f"the host has made task {task_id}")]
    try:
        return [*found, *await _followed(client, task_id, sent, clock=clock, tell=tell)]
    except HostError as error:
        return [*found, _problem(f"task {task_id} cannot be followed: {error}", "Look for it in TikMatrix.")]


async def _followed(
    client: TikMatrix,
    task_id: TaskId,
    sent: Mapping[str, Any],
    *,
    clock: Clock,
    tell: Callable[[str], None],
) -> list[Finding]:
    until = clock.monotonic_seconds() + MOST_SECONDS
    task = await client.task(task_id)
    found = [_echo(sent, task)]
    status = None
    while True:
        if task.status is not status:
            status = task.status
            tell(f"task {task_id} is {'in no known state' if status is None else status.name.lower()}")
        if status in _ENDS:
            remark = f": {task.remark}" if task.remark else ""
            message = f"the host says: {status.name.lower()}{remark}"
            return [*found, Finding("selftest", _device(sent), _ENDS[status], message)]
        if clock.monotonic_seconds() >= until:
            return [*found, await _withdrawn(client, task, sent)]
        await asyncio.sleep(LOOK_SECONDS)
        task = await client.task(task_id)


def _echo(sent: Mapping[str, Any], task: Task) -> Finding:
    device = _device(sent)
    match likeness(sent, task):
        case Likeness.SAME:
            message = "the host shows the arguments as they were sent, on which settling rests"
            return Finding("echo", device, Verdict.OK, message)
        case Likeness.DIFFERENT:
            message = "the host shows other arguments than were sent"
        case _:
            message = "the host shows no arguments"
    advice = "What becomes of a lost answer there is `unknown` rather than settled; nothing is doubled."
    return Finding("echo", device, Verdict.WARNING, message, advice)


async def _withdrawn(client: TikMatrix, task: Task, sent: Mapping[str, Any]) -> Finding:
    message = f"it has not ended in {MOST_SECONDS / 60:.0f} min"
    ours = task.serial in {None, _device(sent)} and task.script_name in {None, _SCRIPT}
    if task.status is not TaskStatus.PENDING or not ours:
        return _problem(f"{message} and was left alone", "Look in TikMatrix what the device does.")
    try:
        await client.delete(task.task_id)
    except HostRefused as error:
        return _problem(f"{message}, and could not be withdrawn: {error}", "Delete it in TikMatrix.")
    return _problem(f"{message}, had not begun, and was withdrawn", "Is the device connected and free?")


def _device(sent: Mapping[str, Any]) -> str:
    (device,) = sent["serials"]
    return str(device)


def _problem(message: str, advice: str | None) -> Finding:
    return Finding("selftest", "", Verdict.PROBLEM, message, advice)
