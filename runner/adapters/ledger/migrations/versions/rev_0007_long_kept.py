"""What is kept when history is deleted, and what was restored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SUMMED = ("day", "campaign", "script", "script_name", "host", "state")


def upgrade() -> None:
    """Add the tables, empty: nothing was ever deleted or restored before."""
    op.create_table(
        "daily_sums",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _SUMMED),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*_SUMMED, name="pk_daily_sums"),
    )
    op.create_table(
        "used_rows",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("content_row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_used_rows"),
    )
    op.create_index("ix_used_rows_campaign", "used_rows", ["campaign"])
    op.create_table(
        "restores",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("backup_at", sa.BigInteger(), nullable=False),
        sa.Column("restored_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_restores"),
    )
