"""All text of a PostgreSQL store in the order of its code points, as on SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_BY_LANGUAGE = sa.text(
    "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 "
    "AND NOT a.attisdropped AND a.atttypid = 'text'::regtype AND a.attcollation <> '\"C\"'::regcollation "
    "ORDER BY c.relname, a.attname"
)


def upgrade() -> None:
    """Say the order of each column of text; SQLite has no other one."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(_BY_LANGUAGE):
        columns.setdefault(table, []).append(column)
    for table, names in columns.items():
        # In one statement: each would write the whole table anew.
        changes = ", ".join(f'ALTER COLUMN "{name}" TYPE text COLLATE "C"' for name in names)
        op.execute(f'ALTER TABLE "{table}" {changes}')
