"""A file notes which entries are applied; the guards ask the same with less work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zoning.ledger.migrations.guards_0004 import guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the note of what is applied, which in a file all entries are; set the new guards."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.create_table("applied", sa.Column("entry_id", sa.Integer(), primary_key=True),
                        sqlite_strict=True)
        connection.exec_driver_sql("INSERT INTO applied SELECT entry_id FROM entry")
    schema = connection.dialect.identifier_preparer.quote(
        sa.inspect(connection).default_schema_name or "")
    for statement in guards(connection.dialect.name, schema=schema):
        connection.exec_driver_sql(statement)
