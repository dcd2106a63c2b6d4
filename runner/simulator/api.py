"""The endpoints of a simulated host: what each does to the tasks, and what it says in `data`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.model.tikmatrix import Code, TaskStatus
from runner.simulator.creation import parsed, read_creation
from runner.simulator.exchange import Refusal
from runner.simulator.history import HappeningKind
from runner.simulator.listing import found, page_of, read_listing
from runner.simulator.schedule import planned_start
from runner.simulator.task import shown, shown_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.simulator.creation import Creation
    from runner.simulator.exchange import Request
    from runner.simulator.farm import Farm
    from runner.simulator.options import HostOptions
    from runner.simulator.task import SimulatedTask

PREFIX = "/api/v1"

_ID_DIGITS = 20
_NO_ENDPOINT = Refusal(Code.NO_SUCH_RESOURCE, "no such endpoint")


class Api:
    """Requests become changes of a farm; every answer is `data` as JSON text, or a refusal."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._zone = ZoneInfo(farm.options.timezone)

    @property
    def _options(self) -> HostOptions:
        return self._farm.options

    def carry_out(self, request: Request, *, number: int, limit: int | None = None) -> str | Refusal:
        """Do what a request asks for.

        Args:
            request: what was asked.
            number: of the request on its host, for the history.
            limit: make only so many of a create's tasks.
        """
        if not request.path.startswith(f"{PREFIX}/"):
            return _NO_ENDPOINT
        asked = (request.method, *request.path.removeprefix(PREFIX).strip("/").split("/"))
        if asked == ("GET", "license", "check"):
            return self._licence()
        if not self._options.plan.api_enabled:
            return self._no_access()
        match asked:
            case ("POST", "task"):
                return self._create(request, number, limit)
            case ("GET", "task", *rest):
                return self._read(request, rest)
            case _:
                return self._change(request, asked)

    def _read(self, request: Request, rest: list[str]) -> str | Refusal:
        match rest:
            case []:
                return self._list(request)
            case ["stats"]:
                return self._stats()
            case [task_id]:
                return self._with_task("show", task_id)
            case _:
                return _NO_ENDPOINT

    def _change(self, request: Request, asked: tuple[str, ...]) -> str | Refusal:
        match asked:
            case ("DELETE", "task", "batch"):
                return self._delete_batch(request)
            case ("POST", "task", "retry-all"):
                return self._retry_all()
            case ("DELETE", "task", task_id):
                return self._with_task("delete", task_id)
            case ("POST", "task", task_id, ("stop" | "retry") as verb):
                return self._with_task(verb, task_id)
            case _:
                return _NO_ENDPOINT

    def create(
        self, body: Mapping[str, object], *, source: str, request: int | None = None, limit: int | None = None
    ) -> list[SimulatedTask] | Refusal:
        """Make the tasks of a body, or the first few of them."""
        creation = read_creation(body, options=self._options, devices=self._farm.devices)
        if isinstance(creation, Refusal):
            return creation
        tasks = self._farm.create(
            creation.drafts[:limit],
            script_name=creation.script_name,
            source=source,
            planned_at=self._planned_at(creation),
        )
        rows = [{**task.named(), "username": task.username, "target": task.target} for task in tasks]
        self._farm.history.record(
            HappeningKind.COMMITTED, at=self._farm.at, request=request, source=source, body=body, tasks=rows
        )
        return tasks

    def _planned_at(self, creation: Creation) -> float | None:
        if creation.start_time is None:
            return None
        return planned_start(
            self._farm.at, start_time=creation.start_time, zone=self._zone, past=self._options.past_start
        )

    def _licence(self) -> str | Refusal:
        plan = self._options.plan
        if not plan.api_enabled and self._options.shape.licence_check_refuses:
            return self._no_access()
        message = (
            "API access is enabled" if plan.api_enabled else "Upgrade to Pro, Team or Business to use the API"
        )
        return json.dumps(
            {
                "plan_name": plan.plan_name,
                "api_enabled": plan.api_enabled,
                "device_limit": plan.device_limit,
                "message": message,
            }
        )

    def _no_access(self) -> Refusal:
        return Refusal(
            Code.NO_API_ACCESS, f"the {self._options.plan.plan_name} plan has no access to the API"
        )

    def _create(self, request: Request, number: int, limit: int | None) -> str | Refusal:
        body = parsed(request.body)
        tasks = (
            body
            if isinstance(body, Refusal)
            else self.create(body, source="api", request=number, limit=limit)
        )
        if isinstance(tasks, Refusal):
            return tasks
        ids = [shown_id(task, shape=self._options.shape) for task in tasks]
        return json.dumps({"task_ids": ids, "created_count": len(ids)})

    def _list(self, request: Request) -> str | Refusal:
        listing = read_listing(request.query)
        if isinstance(listing, Refusal):
            return listing
        shape = self._options.shape
        tasks = found(listing, farm=self._farm)
        page = page_of(tasks, listing=listing, newest_first=shape.newest_first)
        rows = ",".join(self._shown(task) for task in page)
        numbers = f'"total":{len(tasks)},"page":{listing.page},"page_size":{listing.page_size}'
        return f"{{{json.dumps(shape.row_key)}:[{rows}],{numbers}}}"

    def _stats(self) -> str:
        counts = {status.name.lower(): len(tasks) for status, tasks in self._farm.by_status.items()}
        return json.dumps({"total": len(self._farm.tasks), **counts})

    def _delete_batch(self, request: Request) -> str | Refusal:
        """Delete what is there of a list; ids that are not are passed over (the API does not say)."""
        body = parsed(request.body)
        if isinstance(body, Refusal):
            return body
        ids = body.get("task_ids")
        if not isinstance(ids, list) or not ids:
            return Refusal(Code.INVALID_PARAMETERS, "task_ids is required")
        tasks = {task.task_id: task for name in ids if (task := self._task(str(name))) is not None}
        self._farm.delete_all(tasks.values(), by="api")
        return json.dumps({"deleted_count": len(tasks)})

    def _retry_all(self) -> str:
        tasks = list(self._farm.by_status[TaskStatus.FAILED].values())
        for task in tasks:
            self._farm.retry(task, by="api")
        return json.dumps({"retried_count": len(tasks)})

    def _with_task(self, verb: str, task_id: str) -> str | Refusal:
        """Show, delete, stop or retry one task; stopping what does not run, and the like, gets 40001."""
        task = self._task(task_id)
        if task is None:
            return Refusal(Code.NO_SUCH_RESOURCE, f"no task {task_id}")
        match verb:
            case "show":
                return self._shown(task)
            case "delete":
                self._farm.delete(task, by="api")
            case "stop" if task.status is TaskStatus.RUNNING:
                self._farm.stop(task, by="api")
            case "retry" if task.status is TaskStatus.FAILED:
                self._farm.retry(task, by="api")
            case _:
                return Refusal(Code.INVALID_PARAMETERS, f"task {task_id} is {task.status.name.lower()}")
        return "null"

    def _task(self, task_id: str) -> SimulatedTask | None:
        if not (task_id.isascii() and task_id.isdecimal() and len(task_id) < _ID_DIGITS):
            return None
        return self._farm.tasks.get(int(task_id))

    def _shown(self, task: SimulatedTask) -> str:
        return shown(task, shape=self._options.shape, zone=self._zone)
