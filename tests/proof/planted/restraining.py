"""Wrong ways to hold work back."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proof.planted.grafting import grafted
from runner.adapters.ledger import Ledger, schema
from runner.app.restraints import Restraints
from runner.model.record import Outcome

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def counted_at_answer() -> AbstractContextManager[None]:
    """Count a submission once it was answered."""
    answered = schema.is_one_of(schema.intents.c.outcome, {Outcome.ACCEPTED})
    return grafted((schema, "is_use", answered))


def counted_in_memory() -> AbstractContextManager[None]:
    """Count what was submitted since the runner started."""
    reservations = Restraints.reservations

    def forgetful(self: Any, record: Any, *, now: int) -> Any:
        born = self.__dict__.setdefault("born", now - 1)
        return tuple(
            replace(each, after=max(each.after, born)) for each in reservations(self, record, now=now)
        )

    return grafted((Restraints, "reservations", forgetful))


def pause_in_memory() -> AbstractContextManager[None]:
    """Forget every pause at the next start."""
    opened = Ledger.open

    def forgetting(url: str, **others: Any) -> Ledger:
        ledger = opened(url, **others)
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE holds SET released_at = 1 WHERE released_at IS NULL")
        connection.close()
        return ledger

    return grafted((Ledger, "open", staticmethod(forgetting)))
