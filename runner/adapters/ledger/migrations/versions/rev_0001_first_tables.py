"""The first tables.

Written out and not taken from the schema: a revision must do the same for ever, whatever the schema becomes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _plans()
    _assignments()
    _requests()
    _audit()


def _plans() -> None:
    op.create_table(
        "campaign_versions",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_versions"),
    )
    op.create_index("ix_campaign_versions_campaign", "campaign_versions", ["campaign", "id"])
    op.create_table(
        "plans",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "day", name="pk_plans"),
    )
    op.create_table(
        "runs",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("script_name", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("opens", sa.BigInteger(), nullable=False),
        sa.Column("closes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("order_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_day", "runs", ["day", "campaign"])
    op.create_index("ix_runs_closes", "runs", ["closes"])


def _assignments() -> None:
    op.create_table(
        "assignments",
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
        sa.PrimaryKeyConstraint("key", name="pk_assignments"),
    )
    op.create_index("ix_assignments_run", "assignments", ["run_id", "state"])
    for name, columns, condition in (
        ("due", ["host", "due", "key"], "state = 'planned'"),
        ("on_host", ["host"], "state IN ('running', 'submitted')"),
        ("under_way", ["host", "target", "kind"], "state IN ('running', 'submitted', 'submitting')"),
        ("failed", ["host", "finished_at"], "state = 'failed'"),
    ):
        _partial_index(f"ix_assignments_{name}", "assignments", columns, where=condition)


def _requests() -> None:
    op.create_table(
        "intents",
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("intent_id", name="pk_intents"),
    )
    op.create_index("ix_intents_key", "intents", ["key"])
    _partial_index("ix_intents_not_settled", "intents", ["outcome"], where="outcome IN ('open', 'unsettled')")
    op.create_table(
        "tasks",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("bound_at", sa.BigInteger(), nullable=False),
        *_shown_by_the_host(),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", "task_id", "epoch", name="pk_tasks"),
    )
    op.create_index("ix_tasks_key", "tasks", ["key"])
    op.create_table(
        "observations",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        *_shown_by_the_host(),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
    )


def _audit() -> None:
    op.create_table(
        "events",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text()),
        sa.Column("key", _KEY),
        sa.Column("host", sa.Text()),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    _partial_index("ix_events_key", "events", ["key", "id"], where='"key" IS NOT NULL')
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("plan_name", sa.Text()),
        sa.Column("device_limit", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
    )


def _shown_by_the_host() -> list[sa.Column[object]]:
    return [
        sa.Column("status", sa.Integer()),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text()),
        sa.Column("retry_count", sa.Integer()),
        sa.Column("start_time", sa.Text()),
        sa.Column("end_time", sa.Text()),
    ]


def _partial_index(name: str, table: str, columns: list[str], *, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
