"""The one store: what was planned, asked, answered and observed; the only door to a database.

Each name is imported when it is used first: a command that only reads does without all that writes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.adapters.ledger.compaction import COMPACTION_START, Piece
    from runner.adapters.ledger.ledger import Ledger
    from runner.adapters.ledger.planning import PlanStored
    from runner.adapters.ledger.queries import Reader
    from runner.adapters.ledger.records import AcceptedVersion, StoredEvent

__all__ = ["COMPACTION_START", "AcceptedVersion", "Ledger", "Piece", "PlanStored", "Reader", "StoredEvent"]

_HOMES = {
    "COMPACTION_START": "compaction",
    "AcceptedVersion": "records",
    "Ledger": "ledger",
    "Piece": "compaction",
    "PlanStored": "planning",
    "Reader": "queries",
    "StoredEvent": "records",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
