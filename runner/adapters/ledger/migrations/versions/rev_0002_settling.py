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
    _uses()
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


def _uses() -> None:
    for name in ("campaign", "script", "script_name", "kind", "target"):
        op.add_column("intents", sa.Column(name, sa.Text()))
    # What was submitted on the day of the upgrade counts, too.
    of_run = "(SELECT r.{0} FROM assignments a JOIN runs r ON r.id = a.run_id WHERE a.key = intents.key)"
    of_assignment = "(SELECT a.{0} FROM assignments a WHERE a.key = intents.key)"
    values = [f"{name} = {of_run.format(name)}" for name in ("campaign", "script", "script_name")]
    values += [f"{name} = {of_assignment.format(name)}" for name in ("kind", "target")]
    op.execute(sa.text(f"UPDATE intents SET {', '.join(values)} WHERE act IN ('create', 'retry')"))  # noqa: S608
    is_use = sa.text(
        "act IN ('create', 'retry') AND "
        "outcome IN ('accepted', 'adopted', 'given_up', 'open', 'partial', 'unsettled')"
    )
    columns = {"target": ["target", "at"], "at": ["at", "campaign", "script", "host", "script_name"]}
    for name, indexed in columns.items():
        op.create_index(
            f"ix_intents_use_{name}", "intents", indexed, sqlite_where=is_use, postgresql_where=is_use
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
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("end_told_at", sa.BigInteger()),
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
    is_held = sa.text("end_told_at IS NULL")
    op.create_index("ix_holds_open", "holds", ["id"], sqlite_where=is_held, postgresql_where=is_held)
    is_open = sa.text("applied_at IS NULL")
    op.create_index("ix_decisions_open", "decisions", ["id"], sqlite_where=is_open, postgresql_where=is_open)
