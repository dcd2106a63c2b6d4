"""What content files need, the rows and the texts that were accepted; and an index of what was given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and indices."""
    op.add_column("campaign_versions", sa.Column("contents", sa.Text()))
    op.add_column("assignments", sa.Column("content_row", sa.Text()))
    has_row = sa.text("content_row IS NOT NULL")
    op.create_index(
        "ix_assignments_content_row",
        "assignments",
        ["run_id"],
        sqlite_where=has_row,
        postgresql_where=has_row,
    )
    is_given_up = sa.text("outcome = 'given_up'")
    op.create_index(
        "ix_intents_given_up",
        "intents",
        ["host", "closed_at"],
        sqlite_where=is_given_up,
        postgresql_where=is_given_up,
    )
