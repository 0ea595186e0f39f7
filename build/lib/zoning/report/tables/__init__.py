"""Tables of everything the program answers with, as plain data; `record` says what a table is."""

from zoning.report.tables.areas import AreaRow, area_table, coverage_table, overlay_table
from zoning.report.tables.duties import (
    deadlines_table,
    events_table,
    idle_clocks_table,
    loans_table,
    reconcile_table,
)
from zoning.report.tables.layers import (
    StoredLayer,
    WorkspaceFacts,
    layers_table,
    problems_table,
)
from zoning.report.tables.ledger import (
    balance_table,
    holds_table,
    journal_table,
    journal_tables,
    lots_table,
    stock_table,
)
from zoning.report.tables.money import money_table, plan_money_table
from zoning.report.tables.official import details_table, usage_table
from zoning.report.tables.plan import (
    changes_table,
    conflicts_table,
    margins_table,
    odds_table,
    openings_table,
    plan_tables,
    remedies_table,
    repair_table,
)
from zoning.report.tables.provenance import Provenance, provenance_table
from zoning.report.tables.record import (
    Block,
    Cell,
    Column,
    Derived,
    Table,
    Words,
    blocks,
    build,
    column,
)
from zoning.report.tables.registers import (
    idle_land_table,
    linkage_balance_table,
    linkage_table,
    offset_table,
)
from zoning.report.tables.scenario import (
    classes_table,
    clauses,
    findings_table,
    lines_table,
    needs_table,
    pools_table,
    scenario_tables,
    verdicts_table,
)
from zoning.report.tables.statement import credit_table, statement_table

__all__ = [
    "AreaRow",
    "Block",
    "Cell",
    "Column",
    "Derived",
    "Provenance",
    "StoredLayer",
    "Table",
    "Words",
    "WorkspaceFacts",
    "area_table",
    "balance_table",
    "blocks",
    "build",
    "changes_table",
    "classes_table",
    "clauses",
    "column",
    "conflicts_table",
    "coverage_table",
    "credit_table",
    "deadlines_table",
    "details_table",
    "events_table",
    "findings_table",
    "holds_table",
    "idle_clocks_table",
    "idle_land_table",
    "journal_table",
    "journal_tables",
    "layers_table",
    "lines_table",
    "linkage_balance_table",
    "linkage_table",
    "loans_table",
    "lots_table",
    "margins_table",
    "money_table",
    "needs_table",
    "odds_table",
    "offset_table",
    "openings_table",
    "overlay_table",
    "plan_money_table",
    "plan_tables",
    "pools_table",
    "problems_table",
    "provenance_table",
    "reconcile_table",
    "remedies_table",
    "repair_table",
    "scenario_tables",
    "statement_table",
    "stock_table",
    "usage_table",
    "verdicts_table",
]
