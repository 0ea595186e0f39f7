"""Repairs and unions that are drawn: a shape must have the area that the edges give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from pyproj import CRS

from zoning.errors import MeasureError
from zoning.layers.repair import Change
from zoning.measure.flat import Flat, flatten
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import TOLERANCE_M2, overlaps_of, pairs_of, unions
from zoning.measure.plane import METRES_PER_DEGREE, metres_per_unit
from zoning.measure.shape import polygons_of


def require_drawn_right(changes: Sequence[Change], crs: CRS) -> None:
    """Compare features that were joined or cut with the areas of what they were made from.

    In the plane of the file, degrees taken as lengths on the equator. Raises MeasureError, with the
    area drawn and the area computed.
    """
    unit_m = METRES_PER_DEGREE if crs.is_geographic else metres_per_unit(crs)
    for change in changes:
        if change.before is not None and (change.joined or change.less):
            _require(change, unit_m)


def union_drawn_right(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """The union of shapes that are drawn in metres, compared with the areas of the shapes.

    Raises MeasureError, with the area drawn and the area computed.
    """
    union, own = polygons_of(shapely.union_all(list(shapes))), _flat(shapes, 1.0)
    computed = float(own.areas.sum()) - counted_again_m2(own, overlaps_of(own))
    _require_same(float(_flat([union], 1.0).areas.sum()), computed, len(shapes))
    return union


def _require(change: Change, unit_m: float) -> None:
    drawn = float(_flat(change.after, unit_m).areas.sum())
    _require_same(drawn, _area(change, unit_m), 1 + len(change.joined) + len(change.less))


def _require_same(drawn: float, computed: float, pieces: int) -> None:
    if abs(drawn - computed) > max(TOLERANCE_M2 * pieces, computed * 1e-9):
        raise MeasureError("measure.wrong_shape", drawn=f"{drawn:.4f}", computed=f"{computed:.4f}")


def _area(change: Change, unit_m: float) -> float:
    own = _flat([change.before, *change.joined], unit_m)
    area = float(own.areas.sum()) - counted_again_m2(own, overlaps_of(own))
    if not change.less:
        return area
    one, others = _flat([change.before], unit_m), _flat(change.less, unit_m)
    inside = unions(one, others, pairs_of(one, others), overlaps_of(others))
    return area - float(inside[0])


def _flat(shapes: Sequence[shapely.Geometry | None], unit_m: float) -> Flat:
    if not len(shapes):
        return flatten([None])
    return flatten(shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * unit_m))


__all__ = ["require_drawn_right", "union_drawn_right"]
