"""Assignments have numbers that grow with time, by which their requests and tasks are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS = (
    "key, run_id, host, kind, target, grp, idx, due, state, reason, attempts, submitted_at, finished_at, "
    "ready_at, content_row"
)
_PARTIAL = {
    "ready": (("host", "ready_at", "due", "key"), "state = 'planned'"),
    "on_host": (("host",), "state IN ('running', 'submitted')"),
    "under_way": (("host", "target", "kind"), "state IN ('running', 'submitted', 'submitting')"),
    "failed": (("host", "finished_at"), "state = 'failed'"),
    "content_row": (("run_id",), "content_row IS NOT NULL"),
}


def upgrade() -> None:
    """Number what is there in the order in which it was planned."""
    if op.get_bind().dialect.name == "sqlite":
        _number_by_copying()
    else:
        op.drop_constraint("pk_assignments", "assignments", type_="primary")
        op.execute("ALTER TABLE assignments ADD COLUMN number BIGSERIAL")
        op.create_primary_key("pk_assignments", "assignments", ["number"])
        op.create_index("ix_assignments_key", "assignments", ["key"], unique=True)
    for table in ("intents", "tasks"):
        op.add_column(table, sa.Column("number", sa.BigInteger()))
        op.execute(
            f"UPDATE {table} SET number = "  # noqa: S608 - names of ours
            f"(SELECT assignments.number FROM assignments WHERE assignments.key = {table}.key)"
        )
        op.drop_index(f"ix_{table}_key", table)
        op.create_index(f"ix_{table}_number", table, ["number"])
    op.drop_index("ix_events_key", "events")
    has_key = sa.text('"key" IS NOT NULL')
    op.create_index(
        "ix_events_key",
        "events",
        [sa.text("(id / 16384)"), "key", "id"],
        sqlite_where=has_key,
        postgresql_where=has_key,
    )
    op.create_index("ix_halted_key", "halted", ["key"])


def _number_by_copying() -> None:
    # SQLite adds no such column to a table that is there.
    op.rename_table("assignments", "unnumbered")
    for name in ("run", *_PARTIAL):
        op.drop_index(f"ix_assignments_{name}", "unnumbered")
    op.create_table(
        "assignments",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("ready_at", sa.BigInteger()),
        sa.Column("content_row", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_assignments"),
    )
    op.execute(
        f"INSERT INTO assignments (number, {_COLUMNS}) "  # noqa: S608 - names of ours
        f"SELECT rowid, {_COLUMNS} FROM unnumbered ORDER BY rowid"
    )
    op.drop_table("unnumbered")
    op.create_index("ix_assignments_key", "assignments", ["key"], unique=True)
    op.create_index("ix_assignments_run", "assignments", ["run_id", "state"])
    for name, (columns, condition) in _PARTIAL.items():
        op.create_index(
            f"ix_assignments_{name}", "assignments", list(columns), sqlite_where=sa.text(condition)
        )
