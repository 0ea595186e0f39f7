"""Links over the journal, closed periods, totals per pool; every entry there is gets its link.

In PostgreSQL, which joined with this migration, all guards are made here.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from zoning.ledger.migrations.guards_0002 import guards, opened
from zoning.ledger.seals import (
    ENTRY_FIELDS,
    GENESIS,
    HOLD_FIELDS,
    LINE_FIELDS,
    LOT_FIELDS,
    EntryRecord,
    Row,
    body,
    link,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AMOUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the column and tables, fill them from the journal, and set the guards."""
    connection = op.get_bind()
    for statement in opened(connection.dialect.name):
        connection.exec_driver_sql(statement)
    op.add_column("entry", sa.Column("digest", TEXT, nullable=False, server_default=""))
    _period()
    _total()
    _link_entries(connection)
    _fill_totals(connection)
    schema = connection.dialect.identifier_preparer.quote(_schema(connection))
    for statement in guards(connection.dialect.name, schema=schema):
        connection.exec_driver_sql(statement)


def _schema(connection: sa.Connection) -> str:
    return sa.inspect(connection).default_schema_name or ""


def _period() -> None:
    op.create_table(
        "period",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("first_day", TEXT),
        sa.Column("last_day", TEXT, nullable=False),
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.entry_id"), nullable=False),
        sa.Column("recorded", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("head", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.CheckConstraint("length(last_day) = 10", name="period_last_day"),
        sqlite_strict=True,
    )


def _total() -> None:
    op.create_table(
        "total",
        *(sa.Column(name, TEXT, primary_key=True)
          for name in ("grain", "span", "kind", "place", "pool", "component", "state")),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.entry_id"), nullable=False),
        sa.CheckConstraint("grain IN ('day', 'month')", name="total_grain"),
        sqlite_strict=True, sqlite_with_rowid=False,
    )


def _link_entries(connection: sa.Connection) -> None:
    previous = GENESIS
    for record in _records(connection):
        previous = link(previous, body(record))
        connection.execute(
            sa.text("UPDATE entry SET digest = :digest WHERE entry_id = :entry_id"),
            {"digest": previous, "entry_id": record.fields[0]})


def _records(connection: sa.Connection) -> Iterator[EntryRecord]:
    lots = {row[0]: row for row in _rows(connection, "lot", LOT_FIELDS)}
    holds = {row[0]: row for row in _rows(connection, "hold", HOLD_FIELDS)}
    lines: dict[object, list[Row]] = {}
    for entry_id, *line in _rows(connection, "posting", ("entry_id", *LINE_FIELDS)):
        lines.setdefault(entry_id, []).append(tuple(line))
    for fields in _rows(connection, "entry", ENTRY_FIELDS):
        mine = lines[fields[0]]
        lot = lots[mine[0][1]] if fields[1] == "inflow" else None
        hold = next((holds[line[5]] for line in mine if line[5] is not None), None)
        yield EntryRecord(fields, mine, lot, hold if fields[1] == "hold" else None)


def _rows(
    connection: sa.Connection, table: str, names: tuple[str, ...]
) -> list[tuple[object, ...]]:
    columns = ", ".join(names)
    found = connection.exec_driver_sql(f'SELECT {columns} FROM "{table}" ORDER BY 1, 2')
    return [tuple(row) for row in found]


def _fill_totals(connection: sa.Connection) -> None:
    for grain, span in (("day", "e.effective"), ("month", "substr(e.effective, 1, 7)")):
        connection.exec_driver_sql(f"""
            INSERT INTO total
            SELECT '{grain}', {span}, l.kind, l.place, l.pool, p.component, p.state,
                   sum(p.amount), max(p.entry_id)
            FROM posting AS p JOIN lot AS l ON l.lot_id = p.lot_id
            JOIN entry AS e ON e.entry_id = p.entry_id WHERE p.state <> 'source'
            GROUP BY 1, 2, 3, 4, 5, 6, 7""")
