"""The parts of a site: its land by parcel, and within a parcel by the idle land it lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from zoning.measure.area import rounded_dm2
from zoning.measure.facts import Part
from zoning.measure.flat import Flat, Indices
from zoning.measure.layer import PlaneLayer
from zoning.measure.lines import inside_any
from zoning.measure.overlay import NOTHING_M2
from zoning.measure.taken import Taken


def parts(taken: Taken, parcels: PlaneLayer, stock: PlaneLayer | None) -> tuple[Part, ...]:
    """One record per parcel taken, and one per idle-land feature in it.

    Where idle-land features overlap, the first by id has the land (see `conflict_dm2`). The records
    of a parcel sum to what is taken of it.
    """
    owners = {} if stock is None else _owners(taken, parcels, stock)
    found: list[Part] = []
    for at, (row, area_dm2) in enumerate(zip(taken.rows.tolist(), taken.taken_dm2, strict=True)):
        if area_dm2 > 0:
            base = _part(parcels, row, area_dm2)
            mine = owners.get(at)
            found += [base] if stock is None or mine is None else _divided(
                base, stock, mine, float(taken.taken_m2[at]))
    return tuple(found)


def conflict_dm2(site: Flat, stock: PlaneLayer | None) -> int:
    """Land of a site that one idle-land feature says is converted and another says is not.

    With C the land said to be converted and D the land said not to be: C + D − (C or D).
    """
    from zoning.measure import index

    said = None if stock is None else stock.column("converted")
    if stock is None or said is None:
        return 0
    near = index.near(stock.grid, site.boxes[0])
    converted = np.array([bool(said[row]) for row in near.tolist()], dtype=np.bool_)
    if converted.all() or not converted.any():
        return 0
    shared_m2 = (inside_any(site, stock, near[converted])
                 + inside_any(site, stock, near[~converted]) - inside_any(site, stock, near))
    return int(rounded_dm2(np.array([max(shared_m2, 0.0)]))[0])


def _owners(
    taken: Taken, parcels: PlaneLayer, stock: PlaneLayer
) -> dict[int, list[tuple[int, float]]]:
    """Idle land in the parcels of a site: feature and m², by position of the parcel."""
    from zoning.measure import index, sweep

    asked, candidates = index.meeting(stock.grid, parcels.flat.boxes[taken.rows])
    order = np.lexsort((stock.rank[candidates], asked))
    asked, candidates = asked[order], candidates[order]
    offsets = np.searchsorted(asked, np.arange(len(taken.rows) + 1))
    land = sweep.covered(taken.site, parcels.flat, stock.flat, sweep.Task(
        taken.site_rows, taken.rows, offsets, candidates))
    found: dict[int, list[tuple[int, float]]] = {}
    for at, feature, area in _real(asked, candidates, land.first):
        found.setdefault(at, []).append((feature, area))
    return found


def _real(asked: Indices, candidates: Indices, areas: Any) -> list[tuple[int, int, float]]:
    kept = areas > NOTHING_M2
    return list(zip(asked[kept].tolist(), candidates[kept].tolist(), areas[kept].tolist(),
                    strict=True))


def _divided(
    base: Part, stock: PlaneLayer, owners: Sequence[tuple[int, float]], area_m2: float
) -> list[Part]:
    from zoning.measure.sharing import share_one

    owned_m2 = [area for _, area in owners]
    *shares, rest = share_one(base.area_dm2, [*owned_m2, max(area_m2 - sum(owned_m2), 0.0)])
    owned = [_in_stock(base, stock, feature, share)
             for (feature, _), share in zip(owners, shares, strict=True) if share > 0]
    return owned + ([replace(base, area_dm2=rest)] if rest > 0 else [])


def _part(parcels: PlaneLayer, row: int, area_dm2: int) -> Part:
    return Part(
        parcel_id=parcels.ids[row],
        class_code=_text(_value(parcels, "class_code", row)),
        area_dm2=area_dm2,
        deduct_1e4=_integer(_value(parcels, "deduct_1e4", row)) or 0,
        grade_tenths=_integer(_value(parcels, "grade_tenths", row)),
    )


def _in_stock(part: Part, stock: PlaneLayer, feature: int, area_dm2: int) -> Part:
    return replace(part, area_dm2=area_dm2, stock_id=stock.ids[feature],
                   converted=bool(_value(stock, "converted", feature) or False),
                   converted_on=_day(_value(stock, "approved_on", feature)))


def _value(layer: PlaneLayer, name: str, row: int) -> Any:
    column = layer.column(name)
    return None if column is None else column[row]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _integer(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _day(value: Any) -> date | None:
    try:
        return None if value is None else date.fromisoformat(str(value))
    except ValueError:
        return None


__all__ = ["conflict_dm2", "parts"]
