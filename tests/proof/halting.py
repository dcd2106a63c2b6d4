"""What persons halt in a life: work that is cancelled or stopped, and the file STOP that comes and goes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from runner.adapters.ledger.halts import give_halt
from runner.adapters.ledger.holds import release_holds
from runner.model.halt import Depth, Halt, HaltScope
from runner.model.record import HoldScope

if TYPE_CHECKING:
    from collections.abc import Callable

    from proof.troubles import Troubled

_QUICK_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 40_000.0
_LIKELY = (
    "SELECT a.key, r.campaign, r.script, r.day, r.window, a.host, a.target FROM assignments a"
    " JOIN runs r ON r.id = a.run_id WHERE a.state IN ('planned', 'submitting', 'submitted', 'running')"
    " ORDER BY a.state = 'planned', abs(a.due - ?), a.key LIMIT 3"
)
"""What a person would want to take back: what is under way, and what is due next."""


def halt(life: Troubled) -> None:
    """Let a person cancel or stop something: beside the runner, into one of its requests, or without it."""
    chance = life.chance
    depth = chance.choice([Depth.WITHDRAW, Depth.STOP])
    scope = chance.choice([*HaltScope, HaltScope.CAMPAIGN, HaltScope.ASSIGNMENT])
    number = len(life.world)
    _at_some_moment(life, partial(_give, life, depth, scope, number=number))
    if scope is HaltScope.ALL:
        life.go_on(chance.choice([60, 3_600, 20_000]))
        life.tell("resume", number=number)
        owner = f"person {number}"
        release_holds(_store(life), scope=HoldScope.ALL, subject="", owner=owner, now=life.engine.clock.now())


def stop_file(life: Troubled) -> None:
    """Let the file STOP appear, at one of its depths, and go away again."""
    chance = life.chance
    path = life.engine.folder / "state/STOP"

    def put(depth: Depth) -> None:
        path.write_text(chance.choice(["", "x\n"]) if depth is Depth.SUBMIT else f"{depth}\n")
        life.tell("stop_file", depth=str(depth))

    _at_some_moment(life, partial(put, chance.choice(list(Depth))))
    while chance.random() < 0.3:
        life.engine.look_for_wishes(every_seconds=_QUICK_SECONDS)
        life.go_on(chance.choice([365, 600]))
        _at_once(life, partial(put, chance.choice(list(Depth))))
        life.go_on(5)
    life.engine.look_for_wishes()
    life.go_on(chance.choice([60, 3_600, 20_000]))

    def take_away() -> None:
        path.unlink()
        life.tell("stop_file_gone")

    _at_once(life, take_away)


def _give(life: Troubled, depth: Depth, scope: HaltScope, *, number: int) -> None:
    chance, now, owner = life.chance, life.engine.clock.now(), f"person {number}"
    subject: str = {
        HaltScope.HOST: chance.choice(sorted(life.hosts)),
        HaltScope.CAMPAIGN: chance.choice(sorted(life.files)),
    }.get(scope, "")
    named: str | list[str] = subject
    if scope is HaltScope.ASSIGNMENT:
        found = _asked(life, _LIKELY, now)
        if not found:
            return
        subject, *named = chance.choice(found)
    wanted = Halt(0, now, owner, None, depth, scope, subject, keeps_planned=False)
    give_halt(_store(life), wanted, pauses=scope is HaltScope.ALL)
    life.tell("halt", number=number, depth=str(depth), scope=str(scope), subject=named, owner=owner)
    if scope is HaltScope.ALL:
        life.tell("pause", scope="all", subject="", number=number)


def _at_some_moment(life: Troubled, act: Callable[[], None]) -> None:
    """Do something most often when there is work under way, at which the runner looks as often as it does."""
    chance = life.chance
    if chance.random() < 0.8:
        _go_to_work(life)
    if chance.random() < 0.3:
        life.go_on(chance.choice([370, 400, 900]))
        _while_down(life, act)
        return
    # The runner sees at its next slow look that it has to look more often.
    life.engine.look_for_wishes(every_seconds=_QUICK_SECONDS)
    life.go_on(chance.choice([365, 366, 367, 370, 400]))
    given = False
    if chance.random() < 0.6:
        life.at_request, life.at_request_behind = act, chance.random() < 0.5
        life.go_on(chance.choice([60, 900]))
        given, life.at_request = life.at_request is None, None
    if not given:
        act()
    if chance.random() < 0.3:
        life.crash_at, life.crash_behind = life.now, chance.random() < 0.6
    life.go_on(chance.choice([3, 60, 300]))
    life.engine.look_for_wishes()


def _go_to_work(life: Troubled) -> None:
    """Let time go by until shortly before or after something is due, where that is soon enough."""
    now = life.engine.clock.now()
    ((due,),) = _asked(life, "SELECT min(due) FROM assignments WHERE state = 'planned' AND due > ?", now)
    seconds = _LONGEST_WAIT_SECONDS if due is None else (due - now) / 1e6
    seconds += life.chance.choice([-390, -372, -366, -366, -350, -300, 300])
    if 0 < seconds < _LONGEST_WAIT_SECONDS:
        life.go_on(seconds)


def _at_once(life: Troubled, act: Callable[[], None]) -> None:
    if life.chance.random() < 0.3:
        _while_down(life, act)
    else:
        act()


def _while_down(life: Troubled, act: Callable[[], None]) -> None:
    chance = life.chance
    if chance.random() < 0.5:
        life.tell("down", how="stop")
        life.engine.stop()
    else:
        life.tell("down", how="crash")
        life.engine.crash()
    life.engine.after_rest(chance.choice([0, 5, 60, 600]))
    act()
    life.engine.after_rest(chance.choice([0, 5, 60, 600, 7_200]))
    life.start()


def _store(life: Troubled) -> str:
    return f"sqlite:///{life.engine.folder / 'state/runner.db'}"


def _asked(life: Troubled, sql: str, *values: object) -> list[tuple[Any, ...]]:
    file = life.engine.folder / "state/runner.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, values).fetchall()
