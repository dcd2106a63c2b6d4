"""Wrong ways to cancel and stop."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import false

from proof.planted.grafting import grafted
from runner.adapters.ledger import Ledger, schema
from runner.adapters.ledger import halts as ledger_halts
from runner.app import close, halts, persons
from runner.model.halt import Fate
from runner.model.state import State

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def only_what_is_planned() -> AbstractContextManager[None]:
    """Leave what is under way as it is."""
    return grafted((schema, "is_under_way", false()))


def doubt_is_left() -> AbstractContextManager[None]:
    """Have done with what is still on its way: nothing is withdrawn of what is found later."""
    fate_of = halts.fate_of

    def hasty(halt: Any, record: Any, **others: Any) -> Any:
        if record.state is State.SUBMITTING:
            return Fate.ENDED
        return fate_of(halt, record, **others)

    return grafted((halts, "fate_of", hasty))


def forgotten_by_a_restart() -> AbstractContextManager[None]:
    """Forget at the next start what is still to be taken back."""
    opened = Ledger.open

    def forgetting(url: str, **others: Any) -> Ledger:
        ledger = opened(url, **others)
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE halts SET told_at = 1, done_at = 1 WHERE done_at IS NULL")
        connection.close()
        return ledger

    return grafted((Ledger, "open", staticmethod(forgetting)))


def dropped_at_a_look() -> AbstractContextManager[None]:
    """Leave what is planned in the plan until the daemon has noticed."""
    return grafted((ledger_halts, "drop_planned", lambda *_, **__: 1))


def tomorrow_too() -> AbstractContextManager[None]:
    """Drop all that is planned, of whatever day."""
    return grafted((ledger_halts, "_today", lambda run, _halt: run.day))


def stops_what_runs() -> AbstractContextManager[None]:
    """Stop what runs where it was to be cancelled only."""
    return grafted((close.Closer, "_has_to_stop", lambda *_: True))


def file_seen_at_the_start() -> AbstractContextManager[None]:
    """Look for the file STOP as the daemon starts, and never again."""

    async def never(_self: Any) -> None:
        await asyncio.Event().wait()

    return grafted((persons.Persons, "watch_file", never))
