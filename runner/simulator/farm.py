"""The devices at work: which task waits, runs and ends when, moved on from event to event up to now."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

from runner.model.tikmatrix import TaskStatus
from runner.simulator.chance import between, draws
from runner.simulator.history import HappeningKind, History
from runner.simulator.task import SimulatedTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.simulator.creation import Draft
    from runner.simulator.devices import Devices
    from runner.simulator.options import HostOptions

SCHEDULE_SLACK_SECONDS = 10.0
"""A scheduled task starts within so many seconds of its start time (the vendor's user guide)."""

OWN_RETRY_SECONDS = (5.0, 60.0)
"""After how long the host itself retries a failed task (the vendor's user guide)."""

REMARKS = (
    "Device disconnected during the task",
    "App did not open in time",
    "Element not found: publish button",
    "Account is logged out",
    "Network error, please check the connection of the phone",
    "Upload timed out",
)
"""Why tasks fail, in the manner of the vendor's interface; their real wording is not documented."""


_INTERRUPTED = "Interrupted: the program was closed"


class Farm:
    """All tasks of a host: one at a time on a device, as many at once as the licence allows."""

    def __init__(
        self, options: HostOptions, *, devices: Devices, history: History, now: Callable[[], float]
    ) -> None:
        self.options = options
        self.devices = devices
        self.history = history
        self.at = now()
        """How far the farm has moved on, in Unix seconds; never back."""
        self.tasks: dict[int, SimulatedTask] = {}
        """By id, oldest first."""
        self.by_status: dict[TaskStatus, dict[int, SimulatedTask]] = {status: {} for status in TaskStatus}
        self.by_serial: dict[str, dict[int, SimulatedTask]] = {}
        self._now = now
        self._next_id = options.first_task_id
        self._made = 0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._queues: defaultdict[str, dict[int, SimulatedTask]] = defaultdict(dict)
        """Pending tasks whose time has come, by device, longest waiting first."""
        self._offers: OrderedDict[str, None] = OrderedDict()
        """Devices that may have something to start, longest waiting first; some are out of date."""
        self._busy: dict[str, SimulatedTask] = {}
        self._halted_until = 0.0
        self._seed = f"{options.name}:{options.seed}"

    def advance(self) -> float:
        """Let everything happen that is due by now, in order, and return now."""
        now = max(self.at, self._now())
        while self._agenda and self._agenda[0][0] <= now:
            self.at, _, action = heappop(self._agenda)
            action()
        self.at = now
        return now

    def later(self, action: Callable[[], None], *, seconds: float) -> None:
        """Do something so many seconds from now."""
        heappush(self._agenda, (self.at + seconds, next(self._order), action))

    def create(
        self, drafts: Iterable[Draft], *, script_name: str, source: str, planned_at: float | None = None
    ) -> list[SimulatedTask]:
        """Make a pending task of each draft."""
        made = [
            self._made_of(draft, script_name=script_name, source=source, planned_at=planned_at)
            for draft in drafts
        ]
        for task in made:
            self._settle_in(task)
        return made

    def stop(self, task: SimulatedTask, *, by: str) -> None:
        """Stop a running task: it counts as failed, and the host does not retry it by itself."""
        self._end(task, status=TaskStatus.FAILED, remark="Task stopped by user")
        self.record(HappeningKind.STOPPED, task, by=by)
        self._dispatch()

    def retry(self, task: SimulatedTask, *, by: str) -> None:
        """Put a failed task back among the pending."""
        self._put_back(task)
        self.record(HappeningKind.RETRIED, task, by=by)

    def delete(self, task: SimulatedTask, *, by: str) -> None:
        """Delete a task; a running one is stopped first."""
        if task.status is TaskStatus.RUNNING:
            self.stop(task, by=by)
        self.drop(task)
        self.record(HappeningKind.DELETED, task, by=by)

    def drop(self, task: SimulatedTask) -> None:
        """Take a task that does not run out of everything, without a word in the history."""
        task.turn += 1
        del self.tasks[task.task_id]
        del self.by_status[task.status][task.task_id]
        del self.by_serial[task.serial][task.task_id]
        self._queues[task.serial].pop(task.number, None)

    def delete_all(self, tasks: Iterable[SimulatedTask], *, by: str) -> None:
        """Delete tasks, the running ones last, so that none of the others starts in their place."""
        for task in sorted(tasks, key=lambda task: task.status is TaskStatus.RUNNING):
            self.delete(task, by=by)

    def clear(self) -> None:
        """Delete all tasks and let ids start again at 1."""
        self.delete_all(list(self.tasks.values()), by="person")
        self._next_id = 1
        self.history.record(HappeningKind.CLEARED, at=self.at)

    def unplug(self, serial: str) -> None:
        """Take a device away: its running task fails, its others wait."""
        self.devices.unplugged.add(serial)
        task = self._busy.get(serial)
        if task is not None:
            self.fail(task, remark=REMARKS[0])
        self.history.record(HappeningKind.UNPLUGGED, at=self.at, serial=serial)

    def plug(self, serial: str) -> None:
        """Bring a device back, or a new one."""
        self.devices.plug(serial)
        self.history.record(HappeningKind.PLUGGED, at=self.at, serial=serial)
        self._offer(serial)
        self._dispatch()

    def change(self, options: HostOptions) -> None:
        """Go on under other options; what runs goes on as it was begun."""
        self.options = options
        self._dispatch()

    def restart(self, *, forgets_seconds: float, down_seconds: float) -> None:
        """Close and open the program: what ran has failed, and what happened last may be forgotten."""
        self._halted_until = max(self._halted_until, self.at + down_seconds)
        self.later(self._dispatch, seconds=down_seconds)
        since = self.at - forgets_seconds
        self.history.record(
            HappeningKind.RESTARTED, at=self.at, forgets_seconds=forgets_seconds, down_seconds=down_seconds
        )
        self._forget_tasks(since)
        self._forget_results(since)
        for task in list(self._busy.values()):
            self.fail(task, remark=_INTERRUPTED)

    def fail(self, task: SimulatedTask, *, remark: str) -> None:
        """End a running task as failed; the host may retry it by itself."""
        self._end(task, status=TaskStatus.FAILED, remark=remark)
        self.record(HappeningKind.FAILED, task, remark=remark, attempt=task.runs)
        if task.own_retries < self.options.own_retries:
            seconds = between(OWN_RETRY_SECONDS, self._draws(task)[3])
            self.later(partial(self._return, task, task.turn), seconds=seconds)
        self._dispatch()

    def record(self, kind: HappeningKind, task: SimulatedTask, **details: Any) -> None:
        """Append what happened to a task to the history."""
        self.history.record(kind, at=self.at, **task.named(), **details)

    def _made_of(
        self, draft: Draft, *, script_name: str, source: str, planned_at: float | None
    ) -> SimulatedTask:
        self._made += 1
        serial, username = draft.place
        task = SimulatedTask(
            task_id=self._next_id,
            number=self._made,
            serial=serial,
            username=username,
            target=draft.target,
            script_name=script_name,
            script_args=draft.script_args,
            source=source,
            created_at=self.at,
            planned_at=planned_at,
        )
        self._next_id += 1
        self.tasks[task.task_id] = self.by_status[task.status][task.task_id] = task
        self.by_serial.setdefault(serial, {})[task.task_id] = task
        return task

    def _settle_in(self, task: SimulatedTask) -> None:
        chance = self._draws(task)[2]
        if task.planned_at is not None and task.planned_at > self.at:
            seconds = task.planned_at - self.at + SCHEDULE_SLACK_SECONDS * chance
        else:
            seconds = between(self.options.pickup_seconds, chance)
        self.later(partial(self._enqueue, task, task.turn), seconds=seconds)

    def _enqueue(self, task: SimulatedTask, turn: int) -> None:
        if task.turn == turn:
            self._queues[task.serial][task.number] = task
            self._offer(task.serial)
            self._dispatch()

    def _offer(self, serial: str) -> None:
        if serial not in self._busy and self._queues[serial]:
            self._offers[serial] = None

    def _dispatch(self) -> None:
        limit = self.options.plan.running_limit
        while self._offers and len(self._busy) < limit and self.at >= self._halted_until:
            serial, _ = self._offers.popitem(last=False)
            queue = self._queues[serial]
            if queue and serial not in self._busy and serial not in self.devices.unplugged:
                self._start(queue.pop(next(iter(queue))))

    def _start(self, task: SimulatedTask) -> None:
        task.runs += 1
        task.started_at = self.at
        self._busy[task.serial] = task
        self._move(task, TaskStatus.RUNNING)
        self.record(HappeningKind.STARTED, task, attempt=task.runs)
        chances = self._draws(task)
        if chances[4] >= self.options.stuck_rate:
            seconds = between(self.options.duration_seconds, chances[1])
            self.later(partial(self._finish, task, task.turn), seconds=seconds)

    def _finish(self, task: SimulatedTask, turn: int) -> None:
        if task.turn != turn:
            return
        chances = self._draws(task)
        if chances[0] < self.options.failure_rate:
            self.fail(task, remark=REMARKS[int(chances[5] * len(REMARKS))])
            return
        self._end(task, status=TaskStatus.COMPLETED, remark=None)
        self.record(HappeningKind.COMPLETED, task, attempt=task.runs)
        self._dispatch()

    def _end(self, task: SimulatedTask, *, status: TaskStatus, remark: str | None) -> None:
        task.ended_at, task.remark = self.at, remark
        del self._busy[task.serial]
        self._move(task, status)
        self._offer(task.serial)

    def _return(self, task: SimulatedTask, turn: int) -> None:
        if task.turn == turn:
            task.own_retries += 1
            self._put_back(task)
            self.record(HappeningKind.RETURNED, task)

    def _put_back(self, task: SimulatedTask) -> None:
        task.retry_count += 1
        task.started_at = task.ended_at = task.planned_at = task.remark = None
        self._move(task, TaskStatus.PENDING)
        self._settle_in(task)

    def _move(self, task: SimulatedTask, status: TaskStatus) -> None:
        del self.by_status[task.status][task.task_id]
        self.by_status[status][task.task_id] = task
        task.status, task.shown = status, None
        task.turn += 1

    def _forget_tasks(self, since: float) -> None:
        """Lose the tasks that were made after an instant; their ids will be given again."""
        lost = [task for task in self.tasks.values() if task.created_at > since]
        for task in lost:
            if task.status is TaskStatus.RUNNING:
                self._end(task, status=TaskStatus.FAILED, remark=None)
            self.drop(task)
            self.record(HappeningKind.FORGOTTEN, task)
        if lost:
            self._next_id = lost[0].task_id

    def _forget_results(self, since: float) -> None:
        """Lose the results that came after an instant: those tasks look interrupted."""
        for task in self.tasks.values():
            if task.ended_at is not None and task.ended_at > since:
                self.record(HappeningKind.FORGOTTEN, task, status=int(task.status))
                task.remark = _INTERRUPTED
                self._move(task, TaskStatus.FAILED)

    def _draws(self, task: SimulatedTask) -> tuple[float, ...]:
        """Return this run's luck: fails, duration, pick-up, own retry, stuck, remark."""
        return draws(self._seed, task.number, task.runs)
