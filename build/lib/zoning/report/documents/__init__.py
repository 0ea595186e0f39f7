"""One JSON document per command, as plain dicts; their schemas are in ``docs/json``."""

from zoning.report.documents.duties import (
    deadlines_document,
    events_document,
    linkage_document,
    reconcile_document,
)
from zoning.report.documents.layers import (
    Overlay,
    area_document,
    error_document,
    files_document,
    health_document,
    import_document,
    layers_document,
    overlay_document,
    written_document,
)
from zoning.report.documents.ledger import (
    balance_document,
    entries_document,
    holds_document,
    journal_document,
    lots_document,
)
from zoning.report.documents.plan import (
    actions_text,
    compare_document,
    plan_document,
    sensitivity_document,
    verify_document,
    why_document,
)
from zoning.report.documents.scenario import check_document, overall
from zoning.report.documents.seals import periods_document, verification_document
from zoning.report.documents.values import Json

__all__ = [
    "Json",
    "Overlay",
    "actions_text",
    "area_document",
    "balance_document",
    "check_document",
    "compare_document",
    "deadlines_document",
    "entries_document",
    "error_document",
    "events_document",
    "files_document",
    "health_document",
    "holds_document",
    "import_document",
    "journal_document",
    "layers_document",
    "linkage_document",
    "lots_document",
    "overall",
    "overlay_document",
    "periods_document",
    "plan_document",
    "reconcile_document",
    "sensitivity_document",
    "verification_document",
    "verify_document",
    "why_document",
    "written_document",
]
