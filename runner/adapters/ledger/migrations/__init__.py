"""Every change of the schema, for alembic."""
