"""The one store: what was planned, asked, answered and observed; the only door to a database."""

from runner.adapters.ledger.compaction import START as COMPACTION_START
from runner.adapters.ledger.compaction import Piece
from runner.adapters.ledger.ledger import Ledger
from runner.adapters.ledger.planning import PlanStored
from runner.adapters.ledger.queries import Reader
from runner.adapters.ledger.records import AcceptedVersion, StoredEvent

__all__ = ["COMPACTION_START", "AcceptedVersion", "Ledger", "Piece", "PlanStored", "Reader", "StoredEvent"]
