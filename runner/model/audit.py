"""The chain of the audit trail: each event's hash is made of the hash before it and of all that it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.instant import Instant

HASH_BYTES = 32

GENESIS = bytes(HASH_BYTES)
"""What stands before the first event of a chain."""

# ASCII without spaces: the same bytes whatever wrote the row, and no two rows make the same.
_canonical = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """An event as it is stored."""

    id: int
    at: Instant
    name: str
    campaign: str | None
    key: str | None
    host: str | None
    fields: str
    """JSON, as text: each character of it counts."""
    hash: bytes | None
    """None: it was written before there was a chain."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the chain begins and ends."""

    began_id: int
    """The newest event that was there before there was a chain; 0 for none."""
    anchor_id: int
    """The newest of the events in front of the chain: from before it, or deleted since."""
    anchor_hash: bytes
    head_id: int
    """The newest event."""
    head_hash: bytes

    @property
    def head(self) -> str:
        """Its end in words, to be kept elsewhere: `ID:HASH`."""
        return head_in_words(self.head_id, self.head_hash)


def head_in_words(event_id: int, event_hash: bytes) -> str:
    """Return an event's number and hash as one word."""
    return f"{event_id}:{event_hash.hex()}"


def link(
    before: bytes,
    event_id: int,
    at: Instant,
    name: str,
    *,
    campaign: str | None,
    key: str | None,
    host: str | None,
    fields: str,
) -> bytes:
    """Return the hash of an event that comes after the one with the hash `before`."""
    said = _canonical((event_id, at, name, campaign, key, host, fields))
    return sha256(before + said.encode("ascii")).digest()
