"""The workspace: joins the steps, and alone opens files and databases for the doors.

A workspace is a folder with ``zoning.toml``, ``layers/*.parquet`` (normalised copies), the quota
book, and optionally ``rules/*.toml`` (its own rules) and ``scenarios/*.toml``.

* `folder`: make, open and save the folder     * `config`: what ``zoning.toml`` holds
* `data`: import layers, read them, measure    * `desk`: sites measured once, the law looked up once
* `decide`: run scenarios     * `rules`: the rule book     * `branches`: on a branch of the book
* `plan`: years, actions, conflicts, remedies, differences, margins    * `verify`: recomputed
* `archive`: what answers cite is kept
* `quota`: the book     * `holding`: holds for a scenario     * `papers`: balance sheets
* `duties`: deadlines, returns, book against land
"""

from zoning.workspace.answers import (
    MeasuredFeature,
    MeasuredFile,
    measure_file,
    overlap_of,
    overlay,
)
from zoning.workspace.branches import branch_of, check_on_branch
from zoning.workspace.config import Config, LayerRecord
from zoning.workspace.data import (
    ImportResult,
    health,
    import_layer,
    measured_layer,
    read_features,
    read_quarantine,
)
from zoning.workspace.decide import (
    answer_at,
    check,
    check_at,
    measure_features,
    measure_polygon,
    read_scenario,
)
from zoning.workspace.demo import init_demo
from zoning.workspace.desk import Desk, open_desk, site_from_file, surroundings
from zoning.workspace.duties import due_in, idle_clocks, linkage_loans, reconcile_book
from zoning.workspace.folder import Workspace, create_workspace, open_workspace
from zoning.workspace.holding import hold_scenario
from zoning.workspace.outside import outside_lines
from zoning.workspace.paper import check_paper, paper_document, paper_table
from zoning.workspace.papers import export_sheets, sheet_tables, write_sheet
from zoning.workspace.plan import compare_at, plan_at, sensitivity_at, why_at
from zoning.workspace.quota import (
    book,
    post_inflows,
    post_opening,
    read_inflows,
    spendable_for,
    today,
)
from zoning.workspace.rules import rule_book
from zoning.workspace.verify import cited, desk_as_cited, differences, is_answer_to, recompute

__all__ = [
    "Config",
    "Desk",
    "ImportResult",
    "LayerRecord",
    "MeasuredFeature",
    "MeasuredFile",
    "Workspace",
    "answer_at",
    "book",
    "branch_of",
    "check",
    "check_at",
    "check_on_branch",
    "check_paper",
    "cited",
    "compare_at",
    "create_workspace",
    "desk_as_cited",
    "differences",
    "due_in",
    "export_sheets",
    "health",
    "hold_scenario",
    "idle_clocks",
    "import_layer",
    "init_demo",
    "is_answer_to",
    "linkage_loans",
    "measure_features",
    "measure_file",
    "measure_polygon",
    "measured_layer",
    "open_desk",
    "open_workspace",
    "outside_lines",
    "overlap_of",
    "overlay",
    "paper_document",
    "paper_table",
    "plan_at",
    "post_inflows",
    "post_opening",
    "read_features",
    "read_inflows",
    "read_quarantine",
    "read_scenario",
    "recompute",
    "reconcile_book",
    "rule_book",
    "sensitivity_at",
    "sheet_tables",
    "site_from_file",
    "spendable_for",
    "surroundings",
    "today",
    "why_at",
    "write_sheet",
]
