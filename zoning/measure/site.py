"""Measure a site against parcels, idle land and control lines.

A site is either a shape in the statutory plane or a set of whole parcels; both give the same
`SiteFacts`. Integers are shared out once, so that the parts of the site sum to it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import shapely

from zoning.measure.area import rounded_dm2
from zoning.measure.facts import FeatureHit, LineHit, Part, SiteFacts, UsePart
from zoning.measure.layer import PlaneLayer
from zoning.measure.overlay import Split, integer_parts, split
from zoning.measure.shape import width_dm
from zoning.units import share_out


@dataclass(frozen=True)
class Surroundings:
    """What a site is measured against.

    `lines` maps the role of each control line to its layer; `planned_use` has a column `use_code`.
    """

    parcels: PlaneLayer
    idle_land: PlaneLayer | None = None
    lines: Mapping[str, PlaneLayer] = field(default_factory=dict)
    planned_use: PlaneLayer | None = None


def measure_shape(
    site_id: str, shape: shapely.Geometry, around: Surroundings
) -> SiteFacts:
    """Measure a polygon of the statutory plane. An empty shape gives facts of zero area."""
    total_dm2 = int(rounded_dm2(np.array([shape.area]))[0])
    found = split(shape, around.parcels.shapes, around.parcels.tree)
    taken_dm2, uncovered_dm2, overlap_dm2 = integer_parts(total_dm2, found)
    pieces = shapely.intersection(shape, around.parcels.shapes[found.features])
    parts = _parts(around, found.features.tolist(), pieces, taken_dm2)
    return SiteFacts(site_id, total_dm2, parts, uncovered_dm2, overlap_dm2,
                     _line_hits(shape, total_dm2, around), _editions(around),
                     _stock_conflict(shape, around), _planned_use(shape, total_dm2, around),
                     width_dm(shape))


def measure_parcels(
    site_id: str, parcel_ids: Sequence[str], around: Surroundings
) -> SiteFacts:
    """Measure a site made of whole parcels, each with its own stored area.

    Land that two of the parcels share counts once in the site's area. Raises LayerError for ids
    that are not in the parcel layer.
    """
    parcels = around.parcels
    rows = parcels.rows(list(dict.fromkeys(parcel_ids)))
    shapes = parcels.shapes[rows]
    areas_dm2 = [int(area) for area in parcels.area_dm2[rows]]
    shape = shapely.union_all(shapes)
    surplus = float(shapely.area(shapes).sum()) - shape.area
    overlap_dm2 = int(rounded_dm2(np.array([surplus]))[0]) if surplus > 0.005 else 0
    total_dm2 = sum(areas_dm2) - overlap_dm2
    return SiteFacts(site_id, total_dm2, _parts(around, rows, shapes, areas_dm2), 0, overlap_dm2,
                     _line_hits(shape, total_dm2, around), _editions(around),
                     _stock_conflict(shape, around), _planned_use(shape, total_dm2, around),
                     width_dm(shape))


def site_shape(layer: PlaneLayer, feature_ids: Sequence[str]) -> shapely.Geometry:
    """The union of features of a layer, as one shape of the statutory plane."""
    return shapely.union_all(layer.shapes[layer.rows(feature_ids)])


def _parts(
    around: Surroundings, rows: Sequence[int], pieces: Any, areas_dm2: Sequence[int]
) -> tuple[Part, ...]:
    taken = [(row, piece, area) for row, piece, area in zip(rows, pieces, areas_dm2, strict=True)
             if area > 0]
    split_parts = (_by_stock(around, row, piece, area) for row, piece, area in taken)
    return tuple(chain.from_iterable(split_parts))


def _by_stock(
    around: Surroundings, row: int, piece: shapely.Geometry, area_dm2: int
) -> list[Part]:
    """One parcel's share of a site, divided by the idle-land features it lies in.

    Where idle-land features overlap, the first by id has the land (see `_stock_conflict`).
    """
    base = _part(around.parcels.attributes.iloc[row], area_dm2)
    stock = around.idle_land
    if stock is None:
        return [base]
    owners, areas = _first_come(piece, split(piece, stock.shapes, stock.tree), stock)
    shares = share_out(area_dm2, [*areas, max(piece.area - sum(areas), 0.0)])
    owned = [
        _in_stock(base, stock.attributes.iloc[owner], share)
        for owner, share in zip(owners, shares[:-1], strict=True) if share > 0
    ]
    rest = [_part(around.parcels.attributes.iloc[row], shares[-1])] if shares[-1] > 0 else []
    return owned + rest


def _first_come(
    piece: shapely.Geometry, found: Split, stock: PlaneLayer
) -> tuple[list[int], list[float]]:
    owners: list[int] = []
    areas: list[float] = []
    left = piece
    for feature in sorted(found.features.tolist(), key=stock.ids.__getitem__):
        area = shapely.intersection(left, stock.shapes[feature]).area
        if area > 0:
            owners.append(feature)
            areas.append(float(area))
            left = shapely.difference(left, stock.shapes[feature])
    return owners, areas


def _stock_conflict(shape: shapely.Geometry, around: Surroundings) -> int:
    """Land that one idle-land feature says is converted and another says is not, dm²."""
    stock = around.idle_land
    if stock is None or "converted" not in stock.attributes:
        return 0
    near = stock.tree.query(shape, predicate="intersects")
    converted = stock.attributes["converted"].to_numpy(dtype=bool)[near]
    if converted.all() or not converted.any():
        return 0
    said, denied = (shapely.union_all(stock.shapes[near[which]])
                    for which in (converted, ~converted))
    shared = shapely.intersection(shapely.intersection(said, denied), shape).area
    return int(rounded_dm2(np.array([shared]))[0])


def _part(parcel: pd.Series[Any], area_dm2: int) -> Part:
    return Part(
        parcel_id=str(parcel["feature_id"]),
        class_code=_text(parcel.get("class_code")),
        area_dm2=area_dm2,
        deduct_1e4=_integer(parcel.get("deduct_1e4")) or 0,
        grade_tenths=_integer(parcel.get("grade_tenths")),
    )


def _in_stock(part: Part, feature: pd.Series[Any], area_dm2: int) -> Part:
    return Part(part.parcel_id, part.class_code, area_dm2, part.deduct_1e4, part.grade_tenths,
                stock_id=str(feature["feature_id"]),
                converted=bool(feature.get("converted", False)),
                converted_on=_day(feature.get("approved_on")))


def _line_hits(
    shape: shapely.Geometry, total_dm2: int, around: Surroundings
) -> tuple[LineHit, ...]:
    return tuple(
        replace(_line_hit(role, layer, split(shape, layer.shapes, layer.tree), total_dm2),
                faulty=_faulty_near(shape, layer))
        for role, layer in sorted(around.lines.items())
    )


def _faulty_near(shape: shapely.Geometry, layer: PlaneLayer) -> tuple[str, ...]:
    return tuple(name for name, box in layer.faulty.items()
                 if box is None or shapely.intersects(box, shape))


def _line_hit(role: str, layer: PlaneLayer, found: Split, total_dm2: int) -> LineHit:
    inside_dm2, _ = share_out(total_dm2, [found.inside_m2, found.outside_m2])
    overlap_dm2 = int(rounded_dm2(np.array([found.overlap_m2]))[0])
    sum_dm2 = inside_dm2 + overlap_dm2
    pieces = share_out(sum_dm2, found.pieces_m2.tolist()) if sum_dm2 else []
    hits = tuple(
        FeatureHit(str(layer.ids[feature]), piece)
        for feature, piece in zip(found.features.tolist(), pieces, strict=False) if piece > 0
    )
    return LineHit(role, inside_dm2, sum_dm2, hits)


def _planned_use(
    shape: shapely.Geometry, total_dm2: int, around: Surroundings
) -> tuple[UsePart, ...] | None:
    """The site's land by planned use, by code; land whose use has no code is left out."""
    layer = around.planned_use
    if layer is None:
        return None
    hit = _line_hit("planned_use", layer, split(shape, layer.shapes, layer.tree), total_dm2)
    codes = dict(zip(layer.ids, layer.attributes["use_code"], strict=True))
    sums: dict[str, int] = {}
    for piece in hit.features:
        code = _text(codes[piece.feature_id])
        if code is not None:
            sums[code] = sums.get(code, 0) + piece.area_dm2
    return tuple(UsePart(code, sums[code]) for code in sorted(sums))


def _editions(around: Surroundings) -> tuple[Any, ...]:
    stock = [around.idle_land] if around.idle_land is not None else []
    planned = [around.planned_use] if around.planned_use is not None else []
    layers = [around.parcels, *stock, *around.lines.values(), *planned]
    return tuple(layer.edition for layer in sorted(layers, key=lambda each: each.edition.role))


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _integer(value: object) -> int | None:
    return None if value is None or pd.isna(value) else int(value)  # type: ignore[call-overload]


def _day(value: object) -> date | None:
    try:
        return None if _text(value) is None else date.fromisoformat(str(value))
    except ValueError:
        return None
