"""A site against control lines: land inside, class by class, and the metres kept from the line."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import shapely

from zoning.measure.area import rounded_dm2
from zoning.measure.facts import ClassInLine, FeatureHit, LineHit, UsePart
from zoning.measure.flat import Flat, Floats, Indices, shapes_of
from zoning.measure.layer import PlaneLayer
from zoning.measure.overlay import NOTHING_M2, TOLERANCE_M2, Split, agreed, local_overlaps, summed
from zoning.measure.shape import dissolved, drawn_outside
from zoning.measure.taken import Taken


def line_hits(
    taken: Taken, total_dm2: int, parcels: PlaneLayer, lines: Mapping[str, PlaneLayer], *,
    margins: bool,
) -> tuple[LineHit, ...]:
    """One record per control line, in the order of their roles."""
    return tuple(_line_hit(role, layer, taken, total_dm2, parcels, margins)
                 for role, layer in sorted(lines.items()))


def planned_use(
    site: Flat, total_dm2: int, layer: PlaneLayer | None
) -> tuple[UsePart, ...] | None:
    """The site's land by planned use, by code; land whose use has no code is left out."""
    if layer is None:
        return None
    codes = layer.column("use_code")
    _, _, hits = _counted(total_dm2, line_split(site, layer))
    sums: dict[str, int] = {}
    for row, area_dm2 in hits:
        code = None if codes is None else codes[row]
        if code is not None:
            sums[str(code)] = sums.get(str(code), 0) + area_dm2
    return tuple(UsePart(code, sums[code]) for code in sorted(sums))


def line_split(site: Flat, layer: PlaneLayer) -> Split:
    """Land of a site in each feature of a line, and in any of them."""
    from zoning.measure import index, kernel

    rows = index.near(layer.grid, site.boxes[0])
    none = np.zeros(len(rows), dtype=np.int64)
    pieces = kernel.pair_areas(site, none, layer.flat, rows)
    real = pieces > NOTHING_M2
    rows, pieces, whole = rows[real], pieces[real], float(site.areas[0])
    inside = float(pieces.sum())
    if len(rows) > 1 and (inside > whole + TOLERANCE_M2
                          or local_overlaps(layer.flat, rows)[0].size):
        inside = _union(site, layer, rows, pieces)
    if inside > whole:
        agreed(np.array([inside]), site.areas)
    return Split(rows, pieces, min(inside, whole), max(whole - inside, 0.0))


def outside_shape(site: Flat, layer: PlaneLayer) -> shapely.Geometry:
    """The land of a site outside a line, a shape of the statutory plane; empty where there is none.

    GEOS draws it; it is shown only with the area that the kernel leaves outside: the site's less
    what lies inside. Raises MeasureError where no precision grid gives that.
    """
    found = line_split(site, layer)
    if found.outside_m2 <= TOLERANCE_M2:
        return shapely.Polygon()
    return drawn_outside(dissolved(site), list(shapes_of(layer.flat, found.features)),
                         found.outside_m2)


def inside_any(site: Flat, layer: PlaneLayer, rows: Indices) -> float:
    """Land of a site inside any of some features of a layer, counted once; m²."""
    from zoning.measure import kernel

    pieces = kernel.pair_areas(site, np.zeros(len(rows), dtype=np.int64), layer.flat, rows)
    return _union(site, layer, rows, pieces)


def _union(site: Flat, layer: PlaneLayer, rows: Indices, pieces: Floats) -> float:
    from zoning.measure import sweep

    one = np.zeros(1, dtype=np.int64)
    land = sweep.covered(site, site, layer.flat, sweep.Task(
        one - 1, one, np.array([0, len(rows)]), rows))
    agreed(land.total, pieces)
    return float(land.first.sum())


def _line_hit(
    role: str, layer: PlaneLayer, taken: Taken, total_dm2: int, parcels: PlaneLayer, margins: bool
) -> LineHit:
    found = line_split(taken.site, layer)
    inside_dm2, sum_dm2, pieces = _counted(total_dm2, found)
    hits = tuple(FeatureHit(layer.ids[row], area_dm2) for row, area_dm2 in pieces)
    classes = _classes(taken, parcels, layer, found, inside_dm2) if inside_dm2 else ()
    margin = margin_mm(taken.site, layer, found) if margins else None
    return LineHit(role, inside_dm2, sum_dm2, hits, _faulty_near(taken.site, layer), classes,
                   margin)


def _counted(
    total_dm2: int, found: Split
) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """Integers of a split: land inside, its features added up, and the land of each feature."""
    from zoning.measure.sharing import share_one

    inside_dm2, _ = share_one(total_dm2, [found.inside_m2, found.outside_m2])
    sum_dm2 = inside_dm2 + int(rounded_dm2(np.array([found.overlap_m2]))[0])
    shares = share_one(sum_dm2, found.pieces_m2.tolist()) if sum_dm2 else []
    pairs = zip(found.features.tolist(), shares, strict=False)
    return inside_dm2, sum_dm2, tuple((row, share) for row, share in pairs if share > 0)


def _classes(
    taken: Taken, parcels: PlaneLayer, layer: PlaneLayer, found: Split, inside_dm2: int
) -> tuple[ClassInLine, ...]:
    """The land inside by class of parcel; land that several parcels cover counts for each."""
    from zoning.measure.sharing import share_one

    codes = parcels.column("class_code")
    by_class: dict[str | None, float] = {}
    for row, area in zip(taken.rows.tolist(), _in_parcels(taken, parcels, layer, found).tolist(),
                         strict=True):
        if area > NOTHING_M2:
            code = None if codes is None or codes[row] is None else str(codes[row])
            by_class[code] = by_class.get(code, 0.0) + area
    surplus = sum(by_class.values()) - found.inside_m2
    total = inside_dm2 + (int(surplus * 100 + 0.5) if surplus > TOLERANCE_M2 else 0)
    order = sorted(by_class, key=lambda code: (code is None, code or ""))
    shares = share_one(total, [*(by_class[code] for code in order), max(-surplus, 0.0)])
    cells = [*(ClassInLine(code, area) for code, area in zip(order, shares[:-1], strict=True)),
             ClassInLine(None, shares[-1], covered=False)]
    return tuple(cell for cell in cells if cell.area_dm2)


def _in_parcels(taken: Taken, parcels: PlaneLayer, layer: PlaneLayer, found: Split) -> Floats:
    """Land of every parcel of a site inside a line; m²."""
    from zoning.measure import index, sweep

    near = index.grid_over(layer.flat.boxes[found.features])
    asked, local = index.meeting(near, parcels.flat.boxes[taken.rows])
    offsets = np.searchsorted(asked, np.arange(len(taken.rows) + 1))
    land = sweep.covered(taken.site, parcels.flat, layer.flat, sweep.Task(
        taken.site_rows, taken.rows, offsets, found.features[local]))
    return summed(asked, land.first, len(taken.rows))


def margin_mm(site: Flat, layer: PlaneLayer, found: Split) -> int | None:
    """How far a site keeps from a line's border; method §9.

    Positive outside, negative inside, 0 where the site crosses the border or touches it.
    """
    from zoning.measure.distance import borders_apart

    if found.inside_m2 > TOLERANCE_M2 and found.outside_m2 > TOLERANCE_M2:
        return 0
    apart = borders_apart(site, layer.flat)
    if math.isinf(apart):
        return None
    return round(apart * 1000) * (-1 if found.inside_m2 > TOLERANCE_M2 else 1)


def _faulty_near(site: Flat, layer: PlaneLayer) -> tuple[str, ...]:
    if not layer.faulty or not np.isfinite(site.boxes[0]).all():
        return ()
    shape = shapes_of(site)[0]
    return tuple(name for name, box in layer.faulty.items()
                 if box is None or shapely.intersects(box, shape))


__all__ = ["inside_any", "line_hits", "line_split", "margin_mm", "outside_shape",
           "planned_use"]
