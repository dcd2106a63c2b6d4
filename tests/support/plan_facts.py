"""Facts that the tests of the plan have in common, with only what matters to a test said there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from runner.core.expand import order_of
from runner.model.campaign import Campaign, Entry, Placement, Target, TargetKind
from runner.model.plan import Assignment, Run
from runner.model.record import AssignmentRecord, BoundTask
from runner.model.state import State
from runner.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.tikmatrix import TaskStatus

DAY = date(2026, 12, 1)
SECOND = 1_000_000
MORNING = Window(opens=9 * 3600, closes=11 * 3600)
EVENING = Window(opens=18 * 3600, closes=20 * 3600)


def target(name: str, *, host: str = "studio-pc", kind: TargetKind = TargetKind.SERIAL) -> Target:
    return Target(host=host, kind=kind, name=name)


def entry(
    name: str = "clip",
    *,
    targets: Sequence[str] = ("A", "B", "C"),
    windows: Sequence[Window] = (MORNING,),
    **others,
) -> Entry:
    placements = tuple(Placement(target=target(serial), group="studio") for serial in targets)
    plain = Entry(
        name=name, script_name="post", placements=placements, windows=tuple(windows), script_config={}
    )
    return replace(plain, **others)


def campaign(*entries: Entry, **others) -> Campaign:
    plain = Campaign(
        name="spring",
        file="campaigns/spring.yaml",
        timezone="Europe/Stockholm",
        entries=entries or (entry(),),
        version="1" * 64,
    )
    return replace(plain, **others)


def record(key: str = "a" * 16, *, state: State = State.PLANNED, **others) -> AssignmentRecord:
    """Build a record; `host`, `campaign`, `script` and `script_name` go where they belong."""
    run = Run(
        campaign=others.pop("campaign", "spring"),
        script=others.pop("script", "clip"),
        day=DAY,
        window=MORNING.label,
        timezone="UTC",
        opens=0,
        closes=7200 * SECOND,
        version="1" * 64,
        order=order_of(entry(script_name=others.pop("script_name", "post"))),
    )
    assignment = Assignment(
        key=key, target=target("A", host=others.pop("host", "studio-pc")), group="studio", index=0, due=0
    )
    plain = AssignmentRecord(
        assignment=assignment,
        run=run,
        state=state,
        reason=None,
        attempts=0,
        submitted_at=None,
        finished_at=None,
        tasks=(),
    )
    return replace(plain, **others)


def bound_task(status: TaskStatus | None, *, gone: bool = False, remark: str | None = None) -> BoundTask:
    return BoundTask(
        task_id="1",
        status=status,
        gone=gone,
        remark=remark,
        retry_count=None,
        start_time=None,
        end_time=None,
        observed_at=0,
    )
