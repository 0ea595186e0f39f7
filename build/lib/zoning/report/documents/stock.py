"""The documents of stock land and of linkage project areas on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from zoning.report.documents.values import Json, amount, area, day, known_area
from zoning.report.tables.stock import StockRow
from zoning.scenario.linkage import LinkageBalance


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


def linkage_areas_document(
    areas: Iterable[LinkageBalance], *, on: date, place: str
) -> Json:
    """Every linkage project area: what is left and may be drawn, the return clock, the tests."""
    return {"document": "linkage_areas", "at": on.isoformat(), "place": place,
            "areas": [_area(each) for each in areas]}


def _area(found: LinkageBalance) -> Json:
    return {
        "id": found.area_id, "left": _vector(found.left), "drawable": _vector(found.drawable),
        "return_by": day(found.return_by), "is_overdue": found.is_overdue,
        "owed": known_area(found.owed_dm2),
        "tests": [{"id": test.id, "status": test.status.value,
                   "have": amount(test.have, test.unit), "need": amount(test.need, test.unit),
                   "margin": amount(test.margin, test.unit), "missing": list(test.missing)}
                  for test in found.tests],
    }


def _vector(vector: Mapping[str, int]) -> Json:
    return {code: amount(value, "kg" if code == "capacity" else "dm2")
            for code, value in vector.items()}
