"""The tables of what is kept when history is deleted, and of what was restored."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from runner.adapters.ledger.schema import Key, Serial, Text, metadata

__all__ = ["daily_sums", "metadata", "restores", "used_rows"]

daily_sums = Table(
    "daily_sums",
    metadata,
    Column("day", Text, primary_key=True),
    Column("campaign", Text, primary_key=True),
    Column("script", Text, primary_key=True),
    Column("script_name", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How many assignments of a day were deleted in each state."""

used_rows = Table(
    "used_rows",
    metadata,
    Column("key", Key, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("script", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("content_row", Text, nullable=False),
)
"""The rows of content files that deleted assignments had used: each is used once, for ever."""
Index("ix_used_rows_campaign", used_rows.c.campaign)

restores = Table(
    "restores",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("backup_at", BigInteger, nullable=False),
    Column("restored_at", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("applied_at", BigInteger),
)
"""Which backup this store was restored from, and when; the daemon sees to what may have been submitted in
between, and notes that here."""
