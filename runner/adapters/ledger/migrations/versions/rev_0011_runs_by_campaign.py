"""Runs are found by their campaign: an edit asked all runs of all years."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_runs_campaign", "runs", ["campaign", "closes"])
