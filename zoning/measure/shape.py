"""Shapes for drawing and for sites made of several pieces, checked before anyone sees them.

Geometry engines can return a wrong overlay of valid input without an error. Here they draw; what
they draw must have the area that the edges have (`kernel`, `sweep`), or it is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from zoning.errors import MeasureError
from zoning.measure.flat import Flat, flatten, shapes_of, together
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import TOLERANCE_M2, overlaps_of

SNAP_GRIDS_M = (None, 1e-7, 1e-6, 1e-5)
"""Precision grids tried in turn: floating point first, then grids that cannot fail alike."""


def drawn_intersection(a: shapely.Geometry, b: shapely.Geometry) -> shapely.Geometry:
    """The shape that two polygons of the statutory plane share.

    Raises MeasureError, with the area drawn and the area computed, where no precision grid gives a
    shape of the area that the edges have.
    """
    from zoning.measure import kernel

    none = np.zeros(1, dtype=np.int64)
    area = float(kernel.pair_areas(flatten([a]), none, flatten([b]), none)[0])
    return _checked(lambda grid: shapely.intersection(a, b, grid_size=grid), area)


def drawn_outside(
    site: shapely.Geometry, cover: Sequence[shapely.Geometry], area_m2: float
) -> shapely.Geometry:
    """The shape of a site that none of some polygons covers; empty where they cover it whole.

    `area_m2` is the land outside by the edges. Raises MeasureError as `drawn_intersection`.
    """
    return _checked(lambda grid: shapely.difference(
        site, shapely.union_all(cover, grid_size=grid), grid_size=grid), area_m2)


def one_feature(flat: Flat) -> Flat:
    """All features as one, where land that several cover counts once.

    Features that do not overlap are put together as they are: borders in common do no harm. Where
    they do overlap the union is drawn, and checked. Raises MeasureError as `drawn_intersection`.
    """
    overlaps = overlaps_of(flat)
    if not overlaps.left.size:
        return together(flat)
    area = float(flat.areas.sum()) - counted_again_m2(flat, overlaps)
    shapes = shapes_of(flat)
    return flatten([_checked(lambda grid: shapely.union_all(shapes, grid_size=grid), area)])


def dissolved(site: Flat) -> shapely.Geometry:
    """One feature as a shape without borders inside it, drawn and checked as `one_feature`."""
    (shape,) = shapes_of(site)
    if shape.geom_type == "Polygon":
        return shape
    pieces = shapely.get_parts(shape)
    return _checked(lambda grid: shapely.union_all(pieces, grid_size=grid), float(site.areas[0]))


def _checked(draw: Callable[[float | None], Any], area_m2: float) -> shapely.Geometry:
    drawn = 0.0
    for grid in SNAP_GRIDS_M:
        try:
            shape = polygons_of(draw(grid))
        except shapely.GEOSException:
            continue
        drawn = float(shape.area)
        if abs(drawn - area_m2) <= max(TOLERANCE_M2, area_m2 * 1e-9):
            return shape
    raise MeasureError("measure.wrong_shape", drawn=f"{drawn:.4f}", computed=f"{area_m2:.4f}")


def polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape as one; lines and points where borders only touch are left out."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


__all__ = ["dissolved", "drawn_intersection", "drawn_outside", "one_feature", "polygons_of"]
