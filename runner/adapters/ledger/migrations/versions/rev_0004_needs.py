"""Which assignment needs which other to be completed first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table of needs; nothing that was planned before has any."""
    op.create_table(
        "needs",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("needed_key", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", "needed_key", name="pk_needs"),
    )
