"""The tables of what is to be told to people, and how far the events were looked at for that."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from runner.adapters.ledger.long_kept import metadata
from runner.adapters.ledger.schema import Serial, Text

__all__ = ["alarms", "messages", "metadata"]

messages = Table(
    "messages",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
)
"""What channels have not taken yet; deleted once they have, or once it is given up."""

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, nullable=False),
    Column("memory", Text, nullable=False),
)
"""One row: the newest event that was looked at, and what is remembered of those before it, as JSON."""
