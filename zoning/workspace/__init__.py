"""The workspace: joins the steps, and alone opens files and databases for the doors.

A workspace is a folder with ``zoning.toml``, ``layers/*.parquet`` (normalised copies), the quota
book, and optionally ``rules/*.toml`` (its own rules) and ``scenarios/*.toml``.

* `folder`: make, open and save the folder     * `config`: what ``zoning.toml`` holds
* `data`: import layers, read them, measure    * `decide`: measure sites, run scenarios
* `quota`: the book, holds for a scenario      * `papers`: balance sheets
"""

from zoning.workspace.answers import (
    MeasuredFeature,
    MeasuredFile,
    measure_file,
    overlap_of,
    overlay,
)
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
    check,
    measure_features,
    measure_polygon,
    read_scenario,
    rule_book,
    site_from_file,
    surroundings,
)
from zoning.workspace.demo import init_demo
from zoning.workspace.folder import Workspace, create_workspace, open_workspace
from zoning.workspace.holding import hold_scenario
from zoning.workspace.papers import sheet_tables, write_sheet
from zoning.workspace.quota import book, post_opening, spendable_for, today

__all__ = [
    "Config", "ImportResult", "LayerRecord", "MeasuredFeature", "MeasuredFile", "Workspace",
    "book", "check", "create_workspace", "health", "hold_scenario", "import_layer", "init_demo",
    "measure_features", "measure_file", "measure_polygon", "measured_layer", "open_workspace",
    "overlap_of", "overlay", "post_opening", "read_features", "read_quarantine",
    "read_scenario", "rule_book", "sheet_tables", "site_from_file", "spendable_for",
    "surroundings", "today", "write_sheet",
]
