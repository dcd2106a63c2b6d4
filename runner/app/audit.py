"""Check the audit trail of a store against its chain; works beside the daemon and without it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from runner.core.audit import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.adapters.ledger import Reader

MOST_BREAKS = 20
"""Places that are told; whoever rewrites the trail from one event on breaks it at each one after it."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the audit trail has found."""

    breaks: tuple[str, ...]
    """A sentence each, the first ones."""
    checked: int
    """Events that were compared with their hashes."""
    unchained: int
    """Events from before there was a chain."""
    head: str | None
    """The newest event's number and hash, to be kept elsewhere; None where the chain is gone."""


def verify(reader: Reader, *, expected: Mapping[int, bytes]) -> Verified:
    """Walk along the chain; `expected` are hashes that were kept elsewhere, by the events' numbers.

    Raises LedgerUnavailable where the store cannot be read.
    """
    with reader.audit_trail() as (chain, events):
        if chain is None:
            return Verified(("the row that says where the chain begins and ends was deleted",), 0, 0, None)
        check = Check(chain, expected=expected)
        breaks = tuple(islice(check.breaks(events), MOST_BREAKS))
        return Verified(breaks, check.checked, check.unchained, chain.head)
