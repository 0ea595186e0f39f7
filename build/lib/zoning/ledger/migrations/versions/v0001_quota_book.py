"""Tables of the quota book, and the guards by which the database itself refuses bad writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zoning.ledger.migrations.guards_0001 import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AMOUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
STATES = "'source', 'free', 'held', 'used', 'lapsed'"
EVENTS = "'inflow', 'hold', 'settle', 'void', 'expire', 'reverse'"


def upgrade() -> None:
    """Make the five tables and their guards."""
    _lot()
    _hold()
    _entry()
    _posting()
    _balance()
    connection = op.get_bind()
    for statement in guards(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _lot() -> None:
    op.create_table(
        "lot",
        sa.Column("lot_id", TEXT, primary_key=True),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("pool", TEXT, nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("document_date", TEXT),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("expires", TEXT),
        sa.Column("unit_cost_yuan", AMOUNT),
        sa.Column("uses", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("lot_account", "lot", ["kind", "place", "pool"])


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("hold_id", TEXT, primary_key=True),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("scenario_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("due", TEXT),
        sqlite_strict=True,
    )
    op.create_index("hold_project", "hold", ["project_id", "scenario_id", "kind"])


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("entry_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("effective", TEXT, nullable=False),
        sa.Column("recorded", TEXT, nullable=False),
        sa.Column("official_type", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("reverses", sa.Integer(), sa.ForeignKey("entry.entry_id"), unique=True),
        sa.Column("key", TEXT, unique=True),
        sa.Column("request", TEXT, nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"event IN ({EVENTS})", name="entry_event"),
        sa.CheckConstraint("(event = 'reverse') = (reverses IS NOT NULL)", name="entry_reverses"),
        sa.CheckConstraint("length(effective) = 10", name="entry_effective"),
        sa.CheckConstraint("length(recorded) = 27", name="entry_recorded"),
        sqlite_strict=True,
    )
    op.create_index("entry_effective_order", "entry", ["effective"])


def _posting() -> None:
    op.create_table(
        "posting",
        sa.Column("entry_id", sa.Integer(),
                  sa.ForeignKey("entry.entry_id", deferrable=True, initially="DEFERRED"),
                  primary_key=True, autoincrement=False),
        sa.Column("line", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("lot_id", TEXT, sa.ForeignKey("lot.lot_id"), nullable=False),
        sa.Column("component", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("hold_id", TEXT, sa.ForeignKey("hold.hold_id")),
        sa.CheckConstraint(f"state IN ({STATES})", name="posting_state"),
        sa.CheckConstraint("amount <> 0 AND abs(amount) <= 1000000000000000",
                           name="posting_amount"),
        sa.CheckConstraint("(hold_id IS NOT NULL) = (state IN ('held', 'used'))",
                           name="posting_hold"),
        sqlite_strict=True, sqlite_with_rowid=False,
    )
    op.create_index("posting_cell", "posting", ["lot_id", "component", "state", "hold_id"])
    op.create_index("posting_of_hold", "posting", ["hold_id"])


def _balance() -> None:
    op.create_table(
        "balance",
        sa.Column("lot_id", TEXT, sa.ForeignKey("lot.lot_id"), primary_key=True),
        sa.Column("component", TEXT, primary_key=True),
        sa.Column("state", TEXT, primary_key=True),
        sa.Column("hold_id", TEXT, primary_key=True),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.entry_id"), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN state = 'source' THEN amount <= 0 ELSE amount >= 0 END",
            name="balance_not_overdrawn"),
        sqlite_strict=True, sqlite_with_rowid=False,
    )
