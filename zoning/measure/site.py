"""Measure a site against parcels, idle land and control lines.

A site is polygons of the statutory plane or a set of whole parcels; both give the same `SiteFacts`.
Areas come from the edges (`kernel` for two layers, `sweep` for three and for unions). Integers are
shared out once, so that the parts of the site sum to it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from zoning.measure.area import rounded_dm2
from zoning.measure.facts import LayerEdition, LineHit, Part, SiteFacts
from zoning.measure.flat import Flat, Floats, Indices, chosen, flatten
from zoning.measure.layer import PlaneLayer
from zoning.measure.lines import line_hits
from zoning.measure.overlay import (
    NOTHING_M2,
    TOLERANCE_M2,
    Split,
    agreed,
    integer_parts,
    local_overlaps,
)
from zoning.measure.shape import one_feature


@dataclass(frozen=True)
class Surroundings:
    """What a site is measured against. `lines` maps the role of each control line to its layer."""

    parcels: PlaneLayer
    idle_land: PlaneLayer | None = None
    lines: Mapping[str, PlaneLayer] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """Parcels of a site: their rows, the land taken of each in m² and in dm².

    `site` is one feature. `site_rows` is −1 for parcels that are taken whole, which need not be cut
    with the site again, and 0 for the others.
    """

    site: Flat
    rows: Indices
    taken_m2: Floats
    taken_dm2: Sequence[int]
    site_rows: Indices


def measure_shape(
    site_id: str, shape: shapely.Geometry, around: Surroundings, *, margins: bool = False
) -> SiteFacts:
    """Measure a polygon of the statutory plane. An empty shape gives facts of zero area."""
    return measure_shapes(site_id, [shape], around, margins=margins)


def measure_shapes(
    site_id: str, shapes: Sequence[shapely.Geometry], around: Surroundings, *,
    margins: bool = False,
) -> SiteFacts:
    """Measure polygons of the statutory plane as one site; land that two share counts once.

    With `margins` every line says how far the site keeps from it. Raises MeasureError where two
    computations of an area differ.
    """
    site = one_feature(flatten(shapes))
    total_dm2 = int(rounded_dm2(site.areas)[0])
    found = _split(site, around.parcels)
    pieces_dm2, uncovered_dm2, overlap_dm2 = integer_parts(total_dm2, found)
    cut = found.pieces_m2 < around.parcels.flat.areas[found.features] - NOTHING_M2
    taken = Taken(site, found.features, found.pieces_m2, pieces_dm2,
                  np.where(cut, np.int64(0), np.int64(-1)))
    return _facts(site_id, total_dm2, taken, uncovered_dm2, overlap_dm2, around, margins)


def measure_parcels(
    site_id: str, parcel_ids: Sequence[str], around: Surroundings, *, margins: bool = False
) -> SiteFacts:
    """Measure a site made of whole parcels, each with its own stored area.

    Land that two of the parcels share counts once in the site's area. Raises LayerError for ids
    that are not in the parcel layer.
    """
    parcels = around.parcels
    rows = np.array(parcels.rows(list(dict.fromkeys(parcel_ids))), dtype=np.int64)
    areas_dm2 = [int(area) for area in parcels.area_dm2[rows]]
    site = one_feature(chosen(parcels.flat, rows))
    surplus = float(parcels.flat.areas[rows].sum() - site.areas[0])
    overlap_dm2 = int(rounded_dm2(np.array([surplus]))[0]) if surplus > 0.005 else 0
    taken = Taken(site, rows, parcels.flat.areas[rows], areas_dm2,
                  np.full(len(rows), -1, dtype=np.int64))
    return _facts(site_id, sum(areas_dm2) - overlap_dm2, taken, 0, overlap_dm2, around, margins)


def _facts(
    site_id: str, total_dm2: int, taken: Taken, uncovered_dm2: int, overlap_dm2: int,
    around: Surroundings, margins: bool,
) -> SiteFacts:
    lines = line_hits(taken, total_dm2, around.parcels, around.lines, margins=margins)
    return SiteFacts(site_id, total_dm2, _parts(around, taken), uncovered_dm2, overlap_dm2, lines,
                     _editions(around))


def _split(site: Flat, layer: PlaneLayer) -> Split:
    """Divide a site by a layer; land in several features counts once in `inside_m2`."""
    from zoning.measure import index, kernel

    rows = index.near(layer.grid, site.boxes[0])
    pieces = kernel.pair_areas(site, np.zeros(len(rows), dtype=np.int64), layer.flat, rows)
    rows, pieces = rows[pieces > NOTHING_M2], pieces[pieces > NOTHING_M2]
    whole = float(site.areas[0])
    inside = float(pieces.sum()) - _twice(site, layer, rows, TOLERANCE_M2)
    if inside > whole + TOLERANCE_M2:  # overlaps too small to be named have added up
        inside = float(pieces.sum()) - _twice(site, layer, rows, NOTHING_M2)
        agreed(np.minimum(inside, site.areas), np.array([inside]))
    return Split(rows, pieces, min(inside, whole), max(whole - inside, 0.0))


def _twice(site: Flat, layer: PlaneLayer, rows: Indices, least_m2: float) -> float:
    """Land of a site that features share with earlier ones; m²."""
    from zoning.measure import sweep

    again, offsets, before = local_overlaps(layer.flat, rows, least_m2=least_m2)
    land = sweep.covered(site, layer.flat, layer.flat, sweep.Task(
        np.zeros(len(again), dtype=np.int64), again, offsets, before))
    return float(land.first.sum())


def _parts(around: Surroundings, taken: Taken) -> tuple[Part, ...]:
    """The parts of a site by parcel, each divided by the idle land it lies in."""
    kept = [(row, at, area) for at, (row, area) in
            enumerate(zip(taken.rows.tolist(), taken.taken_dm2, strict=True)) if area > 0]
    stock = _in_stock(around, taken)
    return tuple(part for row, at, area in kept
                 for part in _by_stock(around, _part(around.parcels, row, area),
                                       stock.get(at, ()), float(taken.taken_m2[at])))


def _in_stock(around: Surroundings, taken: Taken) -> dict[int, tuple[tuple[int, float], ...]]:
    """Idle land in the parcels of a site: feature and m², by position of the parcel.

    Where idle-land features overlap, the first in the layer's order has the land.
    """
    from zoning.measure import index, sweep

    stock, parcels = around.idle_land, around.parcels.flat
    if stock is None or not taken.rows.size:
        return {}
    asked, candidates = index.meeting(stock.grid, parcels.boxes[taken.rows])
    offsets = np.searchsorted(asked, np.arange(len(taken.rows) + 1))
    land = sweep.covered(taken.site, parcels, stock.flat, sweep.Task(
        taken.site_rows, taken.rows, offsets, candidates))
    found: dict[int, tuple[tuple[int, float], ...]] = {}
    for at, feature, area in zip(asked.tolist(), candidates.tolist(), land.first.tolist(),
                                 strict=True):
        if area > NOTHING_M2:
            found[at] = (*found.get(at, ()), (feature, area))
    return found


def _by_stock(
    around: Surroundings, base: Part, owners: Sequence[tuple[int, float]], area_m2: float
) -> list[Part]:
    from zoning.measure.sharing import share_one

    stock = around.idle_land
    if stock is None or not owners:
        return [base]
    owned_m2 = [area for _, area in owners]
    shares = share_one(base.area_dm2, [*owned_m2, max(area_m2 - sum(owned_m2), 0.0)])
    owned = [_owned(base, stock, feature, share)
             for (feature, _), share in zip(owners, shares[:-1], strict=True) if share > 0]
    rest = [_with_area(base, shares[-1])] if shares[-1] > 0 else []
    return owned + rest


def _part(parcels: PlaneLayer, row: int, area_dm2: int) -> Part:
    return Part(
        parcel_id=parcels.ids[row],
        class_code=_text(_value(parcels, "class_code", row)),
        area_dm2=area_dm2,
        deduct_1e4=_integer(_value(parcels, "deduct_1e4", row)) or 0,
        grade_tenths=_integer(_value(parcels, "grade_tenths", row)),
    )


def _with_area(part: Part, area_dm2: int) -> Part:
    return Part(part.parcel_id, part.class_code, area_dm2, part.deduct_1e4, part.grade_tenths)


def _owned(part: Part, stock: PlaneLayer, feature: int, area_dm2: int) -> Part:
    return Part(part.parcel_id, part.class_code, area_dm2, part.deduct_1e4, part.grade_tenths,
                stock_id=stock.ids[feature],
                converted=bool(_value(stock, "converted", feature) or False))


def _editions(around: Surroundings) -> tuple[LayerEdition, ...]:
    stock = [around.idle_land] if around.idle_land is not None else []
    layers = [around.parcels, *stock, *around.lines.values()]
    return tuple(layer.edition for layer in sorted(layers, key=lambda each: each.edition.role))


def _value(layer: PlaneLayer, name: str, row: int) -> Any:
    column = layer.column(name)
    return None if column is None else column[row]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


__all__ = ["LineHit", "Surroundings", "Taken", "measure_parcels", "measure_shape",
           "measure_shapes"]
