"""Which assignment needs which other to be completed first; and what of the ready work is due first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table of needs, empty since nothing planned before has any; index ready work anew."""
    op.create_table(
        "needs",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("needed_key", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", "needed_key", name="pk_needs"),
    )
    # What is handed over as its window opens goes in the order in which it is due.
    op.drop_index("ix_assignments_ready", "assignments")
    is_planned = sa.text("state = 'planned'")
    op.create_index(
        "ix_assignments_ready",
        "assignments",
        ["host", "ready_at", "due", "key"],
        sqlite_where=is_planned,
        postgresql_where=is_planned,
    )
