"""The parts of a site: its land by parcel, and within a parcel by the idle land it lies in."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from zoning.measure.area import rounded_dm2
from zoning.measure.facts import Part
from zoning.measure.flat import Flat, Floats, Indices
from zoning.measure.layer import PlaneLayer
from zoning.measure.lines import inside_any
from zoning.measure.overlay import NOTHING_M2, summed
from zoning.measure.taken import Taken


def parts(taken: Taken, parcels: PlaneLayer, stock: PlaneLayer | None) -> tuple[Part, ...]:
    """One record per parcel taken, and one per idle-land feature in it.

    Where idle-land features overlap, the first by id has the land (see `conflict_dm2`). The records
    of a parcel sum to what is taken of it.
    """
    from zoning.measure.sharing import share_rows

    owned = _owned(taken, parcels, stock)
    sums = summed(np.repeat(np.arange(len(taken.rows)), np.diff(owned.offsets)), owned.areas_m2,
                  len(taken.rows))
    shares, rests = share_rows(np.asarray(taken.taken_dm2, dtype=np.int64), owned.offsets,
                               owned.areas_m2, np.maximum(taken.taken_m2 - sums, 0.0))
    found: list[Part] = []
    for at, row in enumerate(taken.rows.tolist()):
        base = _part(parcels, row, int(rests[at]))
        if stock is not None:
            run = slice(owned.offsets[at], owned.offsets[at + 1])
            found += [_in_stock(base, stock, feature, share) for feature, share in zip(
                owned.features[run].tolist(), shares[run].tolist(), strict=True) if share > 0]
        if base.area_dm2 > 0:
            found.append(base)
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


class _Owned(NamedTuple):
    """Idle land in the parcels of a site: features and m², those of a parcel one after another."""

    offsets: Indices
    features: Indices
    areas_m2: Floats


def _owned(taken: Taken, parcels: PlaneLayer, stock: PlaneLayer | None) -> _Owned:
    from zoning.measure import index, sweep

    if stock is None:
        none = np.zeros(0, dtype=np.int64)
        return _Owned(np.zeros(len(taken.rows) + 1, dtype=np.int64), none, np.zeros(0))
    asked, candidates = index.meeting(stock.grid, parcels.flat.boxes[taken.rows])
    order = np.lexsort((stock.rank[candidates], asked))
    asked, candidates = asked[order], candidates[order]
    every = np.arange(len(taken.rows) + 1)
    land = sweep.covered(taken.site, parcels.flat, stock.flat, sweep.Task(
        taken.site_rows, taken.rows, np.searchsorted(asked, every), candidates)).first
    real = land > NOTHING_M2
    return _Owned(np.searchsorted(asked[real], every), candidates[real], land[real])


def _part(parcels: PlaneLayer, row: int, area_dm2: int) -> Part:
    return Part(
        parcel_id=parcels.ids[row],
        class_code=_text(_value(parcels, "class_code", row)),
        area_dm2=area_dm2,
        deduct_1e4=_integer(_value(parcels, "deduct_1e4", row)) or 0,
        grade_tenths=_integer(_value(parcels, "grade_tenths", row)),
    )


def _in_stock(part: Part, stock: PlaneLayer, feature: int, area_dm2: int) -> Part:
    return Part(
        part.parcel_id, part.class_code, area_dm2, part.deduct_1e4, part.grade_tenths,
        stock_id=stock.ids[feature], converted=bool(_value(stock, "converted", feature) or False),
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
