"""A lot or hold names the entry that opens it; one that no entry opens can no longer be written."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from zoning.ledger.migrations.guards_0001 import sqlite_trigger
from zoning.ledger.migrations.guards_0002 import append_only_rule
from zoning.ledger.migrations.guards_0003 import guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPENED = {
    "lot": "e.event = 'inflow' AND p.lot_id = lot.lot_id",
    "hold": "e.event = 'hold' AND p.hold_id = hold.hold_id",
}
"""Table → the postings of the entry that opened a row of it."""


def upgrade() -> None:
    """Add the column and an index of what is free, fill it from the journal, set the new guards.

    A row that no entry opened keeps none: `verify` names it, and its id is not given again.
    """
    connection = op.get_bind()
    for table, condition in OPENED.items():
        for statement in _statements(connection.dialect.name, table, condition):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql("""
        CREATE INDEX balance_free ON balance (lot_id, component, amount)
        WHERE state = 'free' AND amount > 0""")
    schema = connection.dialect.identifier_preparer.quote(
        sa.inspect(connection).default_schema_name or "")
    for statement in guards(connection.dialect.name, schema=schema):
        connection.exec_driver_sql(statement)


def _statements(dialect: str, table: str, condition: str) -> Iterator[str]:
    is_file = dialect == "sqlite"
    yield f"""ALTER TABLE {table} ADD COLUMN entry_id INTEGER
        REFERENCES entry (entry_id) DEFERRABLE INITIALLY DEFERRED"""
    yield (f"DROP TRIGGER {table}_update_guard" if is_file
           else f"ALTER TABLE {table} DISABLE TRIGGER {table}_change_guard")
    yield f"""UPDATE {table} SET entry_id = (
        SELECT min(p.entry_id) FROM posting AS p JOIN entry AS e ON e.entry_id = p.entry_id
        WHERE {condition})"""
    if not is_file:
        yield "SET CONSTRAINTS ALL IMMEDIATE"
    yield (sqlite_trigger(table, "UPDATE", append_only_rule(table)) if is_file
           else f"ALTER TABLE {table} ENABLE TRIGGER {table}_change_guard")
    yield f"CREATE UNIQUE INDEX {table}_opened_by ON {table} (entry_id)"
