"""The one store: what was planned, asked, answered and observed; the only door to a database."""

from runner.adapters.ledger.ledger import Ledger
from runner.adapters.ledger.planning import PlanStored
from runner.adapters.ledger.queries import Reader
from runner.adapters.ledger.records import AcceptedVersion, StoredEvent

__all__ = ["AcceptedVersion", "Ledger", "PlanStored", "Reader", "StoredEvent"]
