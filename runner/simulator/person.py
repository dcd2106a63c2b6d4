"""What a person at the desktop program does, at any time and without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - checked at run time when acts come over HTTP
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.model.tikmatrix import TaskStatus
from runner.simulator.exchange import Refusal
from runner.simulator.history import HappeningKind

if TYPE_CHECKING:
    from runner.simulator.api import Api
    from runner.simulator.farm import Farm
    from runner.simulator.program import Program
    from runner.simulator.task import SimulatedTask


class Person:
    """The acts of a person: KeyError for a task that is not there, ValueError for what cannot be."""

    def __init__(self, farm: Farm, *, api: Api, program: Program) -> None:
        self._farm = farm
        self._api = api
        self._program = program

    def create_task(
        self,
        script_name: str,
        *,
        script_config: Mapping[str, Any],
        serials: Sequence[str] = (),
        usernames: Sequence[str] = (),
    ) -> list[int]:
        """Create tasks in the desktop program and return their ids."""
        self._farm.advance()
        body = {
            "script_name": script_name,
            "script_config": dict(script_config),
            "serials": list(serials),
            "usernames": list(usernames),
        }
        tasks = self._api.create(body, source="ui")
        match tasks:
            case Refusal(message=message):
                raise ValueError(message)
            case _:
                return [task.task_id for task in tasks]

    def delete(self, task_id: int) -> None:
        """Delete a task; a running one is stopped first."""
        self._farm.delete(self._task(task_id), by="person")

    def stop(self, task_id: int) -> None:
        """Stop a running task."""
        self._farm.stop(self._task(task_id, status=TaskStatus.RUNNING), by="person")

    def retry(self, task_id: int) -> None:
        """Retry a failed task."""
        self._farm.retry(self._task(task_id, status=TaskStatus.FAILED), by="person")

    def retry_all(self) -> None:
        """Retry every failed task."""
        self._farm.advance()
        for task in list(self._farm.by_status[TaskStatus.FAILED].values()):
            self._farm.retry(task, by="person")

    def clear_all(self) -> None:
        """Delete all tasks; ids start again at 1."""
        self._farm.advance()
        self._farm.clear()

    def change_licence(
        self, plan_name: str, *, device_limit: int | None = None, concurrency: int | None = None
    ) -> None:
        """Change the licence; a limit that is left out stays, and what runs goes on."""
        farm = self._farm
        at = farm.advance()
        plan = replace(
            farm.options.plan,
            plan_name=plan_name,
            device_limit=farm.options.plan.device_limit if device_limit is None else device_limit,
            concurrency=farm.options.plan.concurrency if concurrency is None else concurrency,
        )
        farm.history.record(
            HappeningKind.LICENCE_CHANGED,
            at=at,
            plan_name=plan_name,
            device_limit=plan.device_limit,
            concurrency=plan.running_limit,
        )
        farm.change(replace(farm.options, plan=plan))

    def restart(self, *, forgets_seconds: float = 0.0, down_seconds: float = 0.0) -> None:
        """Close the program and open it again after `down_seconds`.

        What ran has failed. With `forgets_seconds` it lost what it did last: tasks made then are gone and
        their ids are given again, results that came then look interrupted. Deletions are never forgotten.
        """
        self._program.restart(forgets_seconds=forgets_seconds, down_seconds=down_seconds)

    def close_port(self, *, seconds: float) -> None:
        """Let nothing listen for a while, as after a firewall's change; the devices go on."""
        self._program.close_port(seconds=seconds)

    def unplug(self, serial: str) -> None:
        """Take a device away: its running task fails, its others wait."""
        self._farm.advance()
        self._farm.unplug(serial)

    def plug(self, serial: str) -> None:
        """Bring a device back, or a new one."""
        self._farm.advance()
        self._farm.plug(serial)

    def _task(self, task_id: int, *, status: TaskStatus | None = None) -> SimulatedTask:
        self._farm.advance()
        task = self._farm.tasks[task_id]
        if status is not None and task.status is not status:
            raise ValueError(f"task {task_id} is {task.status.name.lower()}")
        return task
