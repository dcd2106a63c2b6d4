"""Read what one host shows: whole lanes, from as few lists as can be, and whether its numbers still hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runner.app.journal import event
from runner.core.observe import in_lane, is_another
from runner.errors import HostError, HostRefused, HostUnclear, HostUnreached
from runner.model.campaign import Target, TargetKind
from runner.model.instant import SECOND
from runner.model.record import Snapshot
from runner.model.tikmatrix import Code, TaskFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, BoundTask
    from runner.model.tikmatrix import Task, TaskId

PAGE_SIZE = 100
MOST_PAGES = 1_000
"""A list that goes on for longer is not believed."""
READINGS = 4
"""So many times a list is read until it holds still."""
FEW = 2
"""So many lanes are read one by one; of more, a list of their whole script may serve them all."""
SENTINEL_HOLDS_US = 60 * SECOND
"""How long a task that was seen on the host may vouch for its list without being looked at again."""
WITNESSES = 3
"""So many of our last tasks have to be gone from a host before its list counts as cleared."""


class Lane(NamedTuple):
    """A target and a script: where one of our requests is in doubt, no other one is made."""

    target: Target
    script_name: str


def lane_of(record: AssignmentRecord) -> Lane:
    """Return the lane of an assignment."""
    return Lane(record.assignment.target, record.run.order.script_name)


class HostLists:
    """Reads one host's lists of tasks. Every method raises HostError where the host does not show them."""

    def __init__(self, session: HostSession, *, ledger: Ledger, journal: Journal, clock: Clock) -> None:
        self._session = session
        self._ledger = ledger
        self._journal = journal
        self._clock = clock

    async def snapshots(self, records: Collection[AssignmentRecord]) -> dict[AssignmentKey, Snapshot]:
        """Return what the host shows of some assignments' lanes now, before their requests."""
        # Before the lists are read: one that came after them would not tell that they were cleared since.
        sentinel = self._session.sentinel
        shown = await self.lanes({lane_of(record) for record in records})
        return {
            record.assignment.key: Snapshot(frozenset(shown[lane_of(record)]), sentinel) for record in records
        }

    async def lanes(
        self, wanted: Collection[Lane], *, failed: list[HostError] | None = None
    ) -> dict[Lane, dict[TaskId, Task]]:
        """Return all tasks of some lanes.

        Where `failed` is given it gets the errors, and the lanes that could not be read are left out.
        """
        found: dict[Lane, dict[TaskId, Task]] = {}
        for script_name in sorted({lane.script_name for lane in wanted}):
            lanes = [lane for lane in wanted if lane.script_name == script_name]
            try:
                of_script = await self._of_script(script_name, lanes=len(lanes))
            except HostError as error:
                _let_go(error, failed)
                continue
            for lane in lanes:
                try:
                    tasks = of_script(lane) if of_script is not None else await self._of_one(lane)
                except HostError as error:
                    _let_go(error, failed)
                    continue
                found[lane] = {task.task_id: task for task in _of_lane(lane, tasks)}
        return found

    async def _of_script(self, script_name: str, *, lanes: int) -> Callable[[Lane], Iterable[Task]] | None:
        """Read all tasks of a script where that costs no more than its lanes one by one, else None."""
        if lanes <= FEW:
            return None
        tasks = await self._list(_filter(script_name), most_pages=lanes)
        # A host that shows no serials leaves open whose tasks these are.
        if tasks is None or any(task.serial is None for task in tasks.values()):
            return None
        by_serial: dict[str | None, list[Task]] = {}
        for task in tasks.values():
            by_serial.setdefault(task.serial, []).append(task)
        return lambda lane: (
            by_serial.get(lane.target.name, ()) if lane.target.kind is TargetKind.SERIAL else tasks.values()
        )

    async def _of_one(self, lane: Lane) -> Iterable[Task]:
        serial = lane.target.name if lane.target.kind is TargetKind.SERIAL else None
        tasks = await self._list(_filter(lane.script_name, serial=serial))
        if tasks is None:
            raise HostUnclear(f"the list of tasks has more than {MOST_PAGES} pages", request="GET /task")
        return tasks.values()

    async def one(self, task_id: TaskId) -> Task | None:
        """Return one task, None where the host has none under that number."""
        try:
            async with self._session.reads:
                return await self._session.client.task(task_id)
        except HostRefused as error:
            if error.code == Code.NO_SUCH_RESOURCE:
                return None
            raise

    async def find_sentinel(self) -> None:
        """See to it that the session's sentinel is a task of ours that is on the host; None if there is none.

        A host of whose tasks the last ones are all gone has cleared its list, and its numbers start again:
        what ended on it gives up its numbers, so that new tasks can have them.
        """
        session = self._session
        now = self._clock.now()
        if session.sentinel is not None and now - session.sentinel_seen_at <= SENTINEL_HOLDS_US:
            return
        earlier = session.sentinel
        newest = await self._ledger.newest_tasks(session.name, limit=WITNESSES)
        found = None
        for task_id in newest:
            if await self.is_there(task_id):
                found = task_id
                break
        if session.sentinel != earlier:
            # A create was answered meanwhile: there is no better sentinel than its task.
            return
        session.sentinel, session.sentinel_seen_at = found, now
        if found is None and newest and await self._ledger.forget_numbers(session.name):
            told = event("host.cleared", at=now, host=session.name, task_ids=newest)
            await self._journal.record([told])

    async def is_there(self, task_id: TaskId) -> bool:
        """Tell whether a task of ours is on the host, and no other one under its number."""
        seen = await self.one(task_id)
        if seen is None:
            return False
        record = (await self._ledger.bound_tasks(self._session.name, [task_id])).get(task_id)
        return record is not None and not is_another(seen, bound_to(record, task_id), record=record)

    async def vouches(self, sentinel: TaskId) -> bool:
        """Tell whether a task that was on the host once, or one of ours that is older, is there still.

        Any of them tells that the list was not cleared since: one alone may have been deleted, even by us.
        """
        if await self.is_there(sentinel):
            return True
        older = await self._ledger.newest_tasks(self._session.name, limit=WITNESSES, not_after=sentinel)
        for task_id in older:
            if task_id != sentinel and await self.is_there(task_id):
                return True
        return False

    async def _list(self, wanted: TaskFilter, *, most_pages: int = MOST_PAGES) -> dict[TaskId, Task] | None:
        """Read a list until it is complete or holds still; None where it has more pages than that."""
        earlier: Mapping[TaskId, Task] | None = None
        for _ in range(READINGS):
            found: dict[TaskId, Task] = {}
            for page in range(1, most_pages + 1):
                async with self._session.reads:
                    shown = await self._session.client.tasks(wanted, page=page, page_size=PAGE_SIZE)
                if shown.total is not None and shown.total > most_pages * PAGE_SIZE:
                    return None
                fresh = {task.task_id: task for task in shown.tasks}
                ended = not fresh.keys() - found.keys()
                found |= fresh
                if shown.total is not None and len(found) == shown.total:
                    return found
                if ended:
                    break
            else:
                return None
            if earlier is not None and earlier.keys() == found.keys():
                return found
            earlier = found
        raise HostUnclear("the list of tasks does not hold still while it is read", request="GET /task")


def bound_to(record: AssignmentRecord, task_id: TaskId) -> BoundTask:
    """Return an assignment's task under a number that is known to be bound to it."""
    return next(task for task in record.tasks if task.task_id == task_id and not task.gone)


def _let_go(error: HostError, failed: list[HostError] | None) -> None:
    if failed is None or isinstance(error, HostUnreached):
        raise error
    failed.append(error)


def _filter(script_name: str, *, serial: str | None = None) -> TaskFilter:
    return TaskFilter(serial=serial, script_name=script_name, source="api")


def _of_lane(lane: Lane, tasks: Iterable[Task]) -> Iterable[Task]:
    # Again here: a host that does not know a filter shows everything.
    return (task for task in tasks if in_lane(task, lane.target, script_name=lane.script_name))
