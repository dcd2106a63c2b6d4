"""The chain of events, which begins behind those that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_GENESIS = bytes(32)


def upgrade() -> None:
    """Add the hashes and the row that says where the chain begins and ends."""
    op.add_column("events", sa.Column("hash", sa.LargeBinary()))
    chain = op.create_table(
        "chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_id", sa.BigInteger(), nullable=False),
        sa.Column("anchor_id", sa.BigInteger(), nullable=False),
        sa.Column("anchor_hash", sa.LargeBinary(), nullable=False),
        sa.Column("head_id", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chain"),
    )
    newest = op.get_bind().execute(sa.text("SELECT coalesce(max(id), 0) FROM events")).scalar_one()
    op.execute(
        chain.insert().values(
            id=1,
            began_id=newest,
            anchor_id=newest,
            anchor_hash=_GENESIS,
            head_id=newest,
            head_hash=_GENESIS,
        )
    )
