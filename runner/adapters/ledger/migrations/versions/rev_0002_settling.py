"""What settling, limits and pauses need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns and tables."""
    _assignments()
    op.add_column("intents", sa.Column("snapshot", sa.Text()))
    op.create_index("ix_tasks_bound_at", "tasks", ["host", "bound_at"])
    _heartbeat()
    _tables()


def _assignments() -> None:
    op.add_column("assignments", sa.Column("ready_at", sa.BigInteger()))
    op.execute(sa.text("UPDATE assignments SET ready_at = due"))
    op.drop_index("ix_assignments_due", "assignments")
    is_planned = sa.text("state = 'planned'")
    op.create_index(
        "ix_assignments_ready",
        "assignments",
        ["host", "ready_at", "key"],
        sqlite_where=is_planned,
        postgresql_where=is_planned,
    )


def _heartbeat() -> None:
    # Made anew: a column that must no longer be there in every row, which SQLite cannot change.
    beats = op.get_bind().execute(sa.text("SELECT id, at FROM heartbeat")).all()
    op.drop_table("heartbeat")
    heartbeat = op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger()),
        sa.Column("generation", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
    )
    for number, at in beats:
        op.execute(heartbeat.insert().values(id=number, at=at))


def _tables() -> None:
    op.create_table(
        "echoes",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("script_name", sa.Text(), nullable=False),
        sa.Column("faithful", sa.Integer(), nullable=False),
        sa.Column("altered", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", "script_name", name="pk_echoes"),
    )
    op.create_table(
        "holds",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("released_at", sa.BigInteger()),
        sa.Column("released_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("applied_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    is_open = sa.text("applied_at IS NULL")
    op.create_index("ix_decisions_open", "decisions", ["id"], sqlite_where=is_open, postgresql_where=is_open)
