"""What persons decide of assignments that are unknown, or ask a daemon for, written beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.holds import transaction
from runner.adapters.ledger.records import pieces
from runner.adapters.ledger.statements import storable
from runner.errors import NotFound
from runner.model.instant import SECOND
from runner.model.reload import RELOAD
from runner.model.state import State
from runner.model.trigger import TRIGGER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import Resolution
    from runner.model.trigger import TriggerWish

TWICE_US = 5 * SECOND
"""Whoever asks for the same work twice in so short a time has done so by accident."""
_decision = schema.decisions.c
_assigned = schema.assignments.c


def decide(
    url: str, *, key: AssignmentKey, act: Resolution, owner: str, reason: str | None, now: Instant
) -> int:
    """Write a decision for the daemon to carry out, and return its number.

    Raises NotFound where the assignment is not unknown, or was decided of already; LedgerUnavailable, or
    LedgerTooNew where a newer version of this program wrote the store.
    """
    with transaction(url) as connection:
        state = connection.execute(select(_assigned.state).where(_assigned.key == key)).scalar()
        if state != State.UNKNOWN.value:
            raise NotFound(f"{key} is {state}: only what is unknown can be resolved")
        waiting = select(_decision.act).where(_decision.key == key, _decision.applied_at.is_(None))
        earlier = connection.execute(waiting).scalar()
        if earlier is not None:
            raise NotFound(f"{key} is to be resolved already (--{earlier}), as soon as the daemon runs")
        decided = {
            "at": now,
            "owner": storable(owner),
            "act": act.value,
            "key": key,
            "reason": storable(reason),
        }
        return int(
            connection.execute(insert(schema.decisions).values(decided).returning(_decision.id)).scalar_one()
        )


def decide_all(
    url: str,
    *,
    keys: Sequence[AssignmentKey],
    act: Resolution,
    owner: str,
    reason: str | None,
    now: Instant,
) -> list[int]:
    """Write a decision for each assignment that is unknown and not decided of, and return their numbers.

    Raises LedgerUnavailable, or LedgerTooNew where a newer version of this program wrote the store.
    """
    row = {"at": now, "owner": storable(owner), "act": act.value, "reason": storable(reason)}
    numbers: list[int] = []
    with transaction(url) as connection:
        for some in pieces(keys):
            waiting = select(_decision.key).where(_decision.applied_at.is_(None))
            undecided = select(_assigned.key).where(
                _assigned.key.in_(some),
                _assigned.state == State.UNKNOWN.value,
                _assigned.key.not_in(waiting),
            )
            rows = [row | {"key": key} for key in connection.execute(undecided).scalars()]
            if rows:
                written = connection.execute(insert(schema.decisions).returning(_decision.id), rows)
                numbers += written.scalars()
    return numbers


def ask_to_trigger(url: str, wish: TriggerWish) -> TriggerWish:
    """Write a wish for work now, and return it with its number.

    Raises NotFound where the same was asked for less than TWICE_US ago; LedgerUnavailable, or LedgerTooNew
    where a newer version of this program wrote the store.
    """
    wanted = {"campaign": wish.campaign, "script": wish.script, "target": wish.target}
    row = {"at": wish.at, "owner": storable(wish.owner), "act": TRIGGER, "key": ""}
    row["reason"] = storable(json.dumps(wanted))
    with transaction(url) as connection:
        earlier = select(_decision.at).where(
            _decision.act == TRIGGER, _decision.reason == row["reason"], _decision.at > wish.at - TWICE_US
        )
        if connection.execute(earlier.limit(1)).first() is not None:
            seconds = TWICE_US // SECOND
            raise NotFound(f"the same was triggered less than {seconds} s ago; it is not done twice")
        number = connection.execute(insert(schema.decisions).values(row).returning(_decision.id)).scalar_one()
    return replace(wish, id=number)


def ask_to_reload(url: str, *, owner: str, now: Instant) -> int:
    """Write a wish that the daemon looks at all files now, and return its number.

    Raises LedgerUnavailable, or LedgerTooNew where a newer version of this program wrote the store.
    """
    # It is of no assignment, and no key is empty.
    wish = {"at": now, "owner": storable(owner), "act": RELOAD, "key": "", "reason": None}
    with transaction(url) as connection:
        return int(
            connection.execute(insert(schema.decisions).values(wish).returning(_decision.id)).scalar_one()
        )
