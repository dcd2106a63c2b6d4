"""What a create whose effect is not known has done, by what its host shows (ADR 0013).

Once its tasks are found they are ours. That it made none is believed only when two complete looks at its
lane, at least LOOKS_APART_US apart and both begun after the settle time, show nothing that could be its
work, while a task of ours that was there before still is: otherwise the list may have been cleared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.core.likeness import Likeness, likeness, own_target, sent_targets
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.model.instant import Instant
    from runner.model.tikmatrix import Task, TaskId

LOOKS_APART_US = 5 * SECOND
ENOUGH_ECHOES = 3
"""So many tasks whose arguments were shown as sent earn a host its belief, for one script."""

CLEARED = "the host's list was cleared meanwhile, so that nothing can be told from it"
NO_SENTINEL = (
    "nothing of it is on the host, but neither was anything of ours before: its list may have been cleared"
)
CONTESTED = "the host shows new work that may be its own or another's, of which it is not known either"
OTHER_WORK = "the host shows new work for its target and script, and not whether it is ours"


class Sentinel(Enum):
    """Whether the task that was to vouch for the host's list is still there."""

    ALIVE = auto()
    GONE = auto()
    NONE = auto()
    """There was none when the request was made."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A create whose effect is not known."""

    sent: Mapping[str, Any]
    """Its body, with the names of secrets in their place."""
    expected: int | None
    """How many tasks it makes; None where only the host knows."""
    ended_at: Instant
    """When the request ended, or when it was found open after a stop."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One complete look at the lane of a create."""

    begun_at: Instant
    candidates: tuple[Task, ...]
    """Tasks of its target and script that were not there before and belong to no other assignment."""
    sentinel: Sentinel
    contested: frozenset[TaskId] = frozenset()
    """Candidates that another create may have made, of which it is not known either."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """These tasks are what it made."""

    task_ids: tuple[TaskId, ...]
    surplus: tuple[TaskId, ...] = ()
    """As like ours as those, but more than were asked for: left alone, and told."""
    probable: bool = False
    """By target and script alone, since the host does not show arguments."""


@dataclass(frozen=True, slots=True)
class AdoptSome:
    """It made these tasks and no others."""

    task_ids: tuple[TaskId, ...]
    rest: tuple[str, ...]
    """Targets for which it surely made none; empty where that cannot be told, or not be asked for."""


@dataclass(frozen=True, slots=True)
class Absent:
    """It made nothing."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Looking cannot tell, and never will."""

    reason: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Not yet to be told."""


Verdict: TypeAlias = Adopt | AdoptSome | Absent | GiveUp | LookAgain


def is_earned(*, faithful: int, altered: int) -> bool:
    """Tell whether a host shows a script's arguments as they were sent: often enough, and never otherwise."""
    return faithful >= ENOUGH_ECHOES and altered == 0


def settle(
    doubt: Doubt, reading: Reading, *, proving_since: Instant | None, earned: bool, settle_us: int
) -> Verdict:
    """Decide what a create has done.

    Args:
        doubt: the create.
        reading: the latest look at its lane.
        proving_since: when the first of a row of looks began that came after the settle time and saw the
            same candidates; None before the first.
        earned: the host shows this script's arguments as they were sent, see `is_earned`.
        settle_us: how long after the request's end absence may be believed, in microseconds.
    """
    same, maybe = _sorted(doubt, reading, earned=earned)
    if doubt.expected is not None and len(same) >= doubt.expected:
        found = _adopted(doubt.sent, same, expected=doubt.expected)
        if found is not None:
            return found
    if reading.sentinel is Sentinel.GONE:
        return GiveUp(CLEARED)
    proved = (
        reading.begun_at >= doubt.ended_at + settle_us
        and proving_since is not None
        and reading.begun_at - proving_since >= LOOKS_APART_US
    )
    if not proved:
        return LookAgain()
    return _after_proof(doubt, same, maybe, reading=reading)


def _after_proof(doubt: Doubt, same: Sequence[Task], maybe: Sequence[Task], *, reading: Reading) -> Verdict:
    sentinel = reading.sentinel
    if same and doubt.expected is None:
        return Adopt(_ids(same))
    if same:
        return _some(doubt, same, maybe, sentinel=sentinel)
    if not maybe:
        return Absent() if sentinel is Sentinel.ALIVE else GiveUp(NO_SENTINEL)
    if not reading.contested.isdisjoint(_ids(maybe)):
        return GiveUp(CONTESTED)
    if doubt.expected in {None, len(maybe)} and all(_is_in_place(doubt.sent, task) for task in maybe):
        return Adopt(_ids(maybe), probable=True)
    return GiveUp(OTHER_WORK)


def _is_in_place(sent: Mapping[str, Any], task: Task) -> bool:
    """Tell whether a task without arguments at least shows whose it is."""
    return task.script_args is None and _shows_target(sent, task)


def _shows_target(sent: Mapping[str, Any], task: Task) -> bool:
    return (task.username if sent.get("usernames") else task.serial) is not None


def _sorted(doubt: Doubt, reading: Reading, *, earned: bool) -> tuple[list[Task], list[Task]]:
    """Return the candidates that are ours by their arguments, and those that may be ours."""
    same, maybe = [], []
    for task in sorted(reading.candidates, key=_by_number):
        sure = _shows_target(doubt.sent, task) and task.task_id not in reading.contested
        match likeness(doubt.sent, task):
            case Likeness.SAME if sure:
                same.append(task)
            case Likeness.DIFFERENT if earned:
                continue
            case _:
                maybe.append(task)
    return same, maybe


def _adopted(sent: Mapping[str, Any], same: Sequence[Task], *, expected: int) -> Adopt | None:
    """Choose as many tasks as were asked for, one of each target where shown; None where some are missing."""
    chosen = _one_each(sent, same)
    if chosen is None:
        chosen = list(same[:expected])
    elif len(chosen) < expected:
        return None
    surplus = [task for task in same if task not in chosen]
    return Adopt(_ids(chosen), surplus=_ids(surplus))


def _some(doubt: Doubt, same: Sequence[Task], maybe: Sequence[Task], *, sentinel: Sentinel) -> AdoptSome:
    chosen = _one_each(doubt.sent, same)
    if chosen is None or maybe or sentinel is not Sentinel.ALIVE:
        return AdoptSome(_ids(chosen or same), rest=())
    made = {own_target(doubt.sent, task) for task in chosen}
    return AdoptSome(_ids(chosen), rest=tuple(each for each in sent_targets(doubt.sent) if each not in made))


def _one_each(sent: Mapping[str, Any], tasks: Sequence[Task]) -> list[Task] | None:
    """Return the first task of each target; None where not every task shows a target of its own."""
    wanted = sent_targets(sent)
    if len(wanted) < 2:  # noqa: PLR2004 - one target needs no telling apart
        return None
    by_target: dict[str, Task] = {}
    for task in tasks:
        target = own_target(sent, task)
        if target is None:
            return None
        by_target.setdefault(target, task)
    return list(by_target.values())


def _by_number(task: Task) -> tuple[int, str]:
    return (int(task.task_id) if task.task_id.isdecimal() else 0, task.task_id)


def _ids(tasks: Sequence[Task]) -> tuple[TaskId, ...]:
    return tuple(task.task_id for task in tasks)
