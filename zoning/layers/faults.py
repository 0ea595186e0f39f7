"""What a check looks at and what it finds: the subject, the fault, and the land at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from zoning.codes.reader import LandClasses
from zoning.errors import Box, Message, Problem, Severity
from zoning.layers.corners import sharpest_corners
from zoning.layers.table import Geometries

Rows = NDArray[np.bool_]
_POLYGON, _MULTIPOLYGON = 3, 6
NAMED = 5
EQUAL_AREA = CRS.from_dict({"proj": "cea", "ellps": "GRS80"})
"""A plane of the whole ellipsoid: what has no place in it cannot be measured."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What the checks look at: one entry per feature, in file order.

    `ids` are the unique ids given, `raw_ids` those of the file; `class_codes` is None where the
    layer carries none; `bad_coefficients` are the rows whose coefficient is out of range. `fields`
    are the official fields of a survey layer as they stand in the file, by name.
    """

    ids: Sequence[str]
    geometry: Geometries
    crs: CRS
    raw_ids: Sequence[str | None] | None = None
    class_codes: Sequence[str | None] | None = None
    classes: LandClasses | None = None
    bad_coefficients: Sequence[int] = ()
    fields: Mapping[str, Sequence[object]] = field(default_factory=dict)

    @cached_property
    def placed(self) -> Rows:
        """The rows whose coordinates have a place on the ellipsoid."""
        return placed(self.geometry, self.crs)

    @cached_property
    def measurable(self) -> Rows:
        """The rows of polygons that have a place."""
        return polygonal(self.geometry) & self.placed

    @cached_property
    def valid(self) -> Rows:
        """The rows of valid polygons."""
        found = self.measurable.copy()
        found[found] = shapely.is_valid(self.geometry[found])
        return found

    @cached_property
    def sharpest(self) -> NDArray[np.float64]:
        """The sharpest corner of each feature in degrees; infinite where none can be measured."""
        return sharpest_corners(self.geometry, self.valid, self.crs)


@dataclass(frozen=True, eq=False)
class Fault:
    """A problem and the rows it concerns; `quarantines` where they cannot go on."""

    problem: Problem
    rows: Rows
    quarantines: bool = False


def area_at_risk_dm2(geometry: Geometries, crs: CRS) -> int | None:
    """The plane area of polygons in dm², about right in any CRS; None where none can be measured.

    Geographic coordinates are measured in the equal-area cylinder of their ellipsoid; an invalid
    polygon as GEOS repairs it.
    """
    shapes = geometry[polygonal(geometry) & placed(geometry, crs)]
    if not len(shapes):
        return None
    if crs.is_geographic:
        ellipsoid = crs.get_geod()
        if ellipsoid is None:
            return None
        plane = CRS.from_dict({"proj": "cea", "a": ellipsoid.a, "b": ellipsoid.b})
        to_plane = Transformer.from_crs(crs.geodetic_crs, plane, always_xy=True)
        shapes = shapely.transform(shapes, to_plane.transform, interleaved=False)
        shapes = shapes[finite(shapes)]
        metres = 1.0
    else:
        metres = float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    total = float(shapely.area(shapes).sum()) * metres**2 * 100
    return round(total) if np.isfinite(total) else None


def fault(
    subject: Subject, code: str, key: str, rows: Rows, severity: Severity, *,
    quarantines: bool = False, **params: object,
) -> Fault | None:
    """A fault of some rows with its examples and the land at risk; None for no rows."""
    found = np.flatnonzero(rows)
    if not len(found):
        return None
    where = tuple(subject.ids[row] for row in found[:NAMED])
    risk = area_at_risk_dm2(subject.geometry[found], subject.crs)
    message = Message(key, {"count": len(found), "where": where, **params})
    boxes = boxes_of(subject.geometry[found[:NAMED]], subject.crs)
    return Fault(Problem(code, message, severity, len(found), where, risk, boxes), rows,
                 quarantines)


def boxes_of(geometry: Geometries, crs: CRS) -> tuple[Box, ...]:
    """Where to look: the box of each shape in degrees, none for a shape without usable place."""
    boxes = shapely.bounds(geometry).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes) or crs.geodetic_crs is None:
        return ()
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    corners = [to_degrees.transform(boxes[:, x], boxes[:, y])
               for x, y in ((0, 1), (0, 3), (2, 1), (2, 3))]
    lon, lat = (np.array([corner[axis] for corner in corners]) for axis in (0, 1))
    found = np.column_stack([lon.min(axis=0), lat.min(axis=0), lon.max(axis=0), lat.max(axis=0)])
    found = found[np.isfinite(found).all(axis=1)]
    return tuple((round(w, 7), round(s, 7), round(e, 7), round(n, 7))
                 for w, s, e, n in found.tolist())


def missing(geometry: Geometries) -> Rows:
    """Rows without geometry, or with an empty one."""
    found: Rows = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    return found


def polygonal(geometry: Geometries) -> Rows:
    """Rows of polygons and multipolygons that are not empty."""
    kinds = shapely.get_type_id(geometry)
    found: Rows = ((kinds == _POLYGON) | (kinds == _MULTIPOLYGON)) & ~missing(geometry)
    return found


def finite(geometry: Geometries) -> Rows:
    """Rows without NaN and infinity among their coordinates."""
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def placed(geometry: Geometries, crs: CRS) -> Rows:
    """Rows whose coordinates are finite and have a place on the ellipsoid.

    A projection tells nothing of coordinates far off it, nor degrees of a latitude above 90. The
    corners of the layer are asked first, then those of the boxes, then the vertices.
    """
    found = finite(geometry)
    boxes = shapely.bounds(geometry).reshape(-1, 4)
    rows = np.flatnonzero(found & np.isfinite(boxes).all(axis=1))
    if not len(rows) or not _has_places(crs):
        return found
    low, high = boxes[rows, :2].min(axis=0), boxes[rows, 2:].max(axis=0)
    if _corners_placed(np.concatenate([low, high])[None], crs).all():
        return found
    rows = rows[~_corners_placed(boxes[rows], crs)]
    xy, owner = shapely.get_coordinates(geometry[rows], return_index=True)
    found[rows[owner[~_have_place(xy, crs)]]] = False
    return found


def _corners_placed(boxes: NDArray[np.float64], crs: CRS) -> Rows:
    corners = boxes[:, [0, 1, 0, 3, 2, 1, 2, 3]].reshape(-1, 2)
    return np.asarray(_have_place(corners, crs).reshape(-1, 4).all(axis=1))


def _has_places(crs: CRS) -> bool:
    """Whether a system leads to the ellipsoid at all; where not, carrying it over will tell."""
    if crs.geodetic_crs is None:
        return False
    try:
        Transformer.from_crs(crs, EQUAL_AREA, always_xy=True)
    except ProjError:
        return False
    return True


def _have_place(xy: NDArray[np.float64], crs: CRS) -> Rows:
    carry = Transformer.from_crs(crs, EQUAL_AREA, always_xy=True)
    return np.asarray(np.isfinite(carry.transform(xy[:, 0], xy[:, 1])).all(axis=0))


def measurable(geometry: Geometries) -> Rows:
    """Rows of polygons with finite coordinates."""
    return polygonal(geometry) & finite(geometry)


__all__ = [
    "Fault", "Rows", "Subject", "area_at_risk_dm2", "boxes_of", "fault", "finite", "measurable",
    "missing", "placed", "polygonal",
]
