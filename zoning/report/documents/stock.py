"""The document of stock land on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from zoning.report.documents.values import Json, area, day, known_area
from zoning.report.tables.stock import StockRow


def idle_document(rows: Iterable[StockRow], *, on: date, place: str) -> Json:
    """Every plot of stock land: where it stands, the days that matter, what it earns."""
    return {"document": "idle", "at": on.isoformat(), "place": place,
            "plots": [_plot(row) for row in rows]}


def _plot(row: StockRow) -> Json:
    clock, earned, disposal = row.clock, row.earned, row.disposal
    return {
        "feature_id": row.plot_id, "stock_kind": row.stock_kind, "area": area(row.area_dm2),
        "state": clock.state.value if clock else None,
        "base_date": day(clock.base if clock else None),
        "idle_on": day(clock.idle_on if clock else None),
        "recover_on": day(clock.recover_on if clock else None),
        "investigate_by": day(clock.investigate_by if clock else None),
        "answer_by": day(clock.answer_by if clock else None),
        "definition": clock.definition if clock else None,
        "ways": list(disposal.ways) if disposal else [],
        "fee_yuan": disposal.fee_yuan if disposal else None,
        "latest_start": day(disposal.latest_start if disposal else None),
        "temporary_until": day(disposal.temporary_until if disposal else None),
        "earns": known_area(earned.plan_dm2 if earned else None),
        "frees": known_area(earned.frees_dm2 if earned else None), "missing": list(row.missing),
    }
