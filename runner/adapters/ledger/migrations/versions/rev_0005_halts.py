"""What persons want to be dropped, withdrawn and stopped, and which assignments each halt is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the two tables, empty."""
    op.create_table(
        "halts",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("depth", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("keeps_planned", sa.Boolean, nullable=False),
        sa.Column("told_at", sa.BigInteger),
        sa.Column("done_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_halts"),
    )
    to_do = sa.text("done_at IS NULL")
    op.create_index("ix_halts_open", "halts", ["id"], sqlite_where=to_do, postgresql_where=to_do)
    op.create_table(
        "halted",
        sa.Column("halt_id", sa.BigInteger, nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("fate", sa.Text),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("halt_id", "key", name="pk_halted"),
    )
    left = sa.text("closed_at IS NULL")
    op.create_index("ix_halted_open", "halted", ["fate", "key"], sqlite_where=left, postgresql_where=left)
