"""The statutory plane: where the area of a shape *is* its statutory ellipsoidal area.

The statutory formula for the area of a survey patch (国土调查办发〔2008〕32号, 图斑椭球面积) sums
trapezoids between each edge and a meridian on the ellipsoid. That sum equals the shoelace formula
in the equal-area cylindrical plane, vertex by vertex; see method §2. An edge is straight in the
coordinate system the shape was drawn in, so it is split at 70 m there before it is carried over.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from zoning.errors import CrsError
from zoning.layers.table import without_empty_pieces

STATUTORY_PLANE = "+proj=cea +lat_ts=0 +lon_0=0 +ellps=GRS80 +units=m"
"""GRS80 has the semi-major axis and flattening of CGCS2000."""

MAX_EDGE_M = 70.0
"""Edges longer than this are split. The step is part of the definition: 1 m instead of 70 m moves
the area of a long oblique shape by about 1e-7 of itself."""

MAX_EDGES = 200_000_000
"""Longer borders than this many steps are coordinates gone wrong, not land."""

HALF_ROUND_M = 20_037_508.0
"""Half the length of the equator: no edge of 70 m is so long, but one across the plane's cut is."""

METRES_PER_DEGREE = 111_319.490_793_273_58
"""One degree along the equator of GRS80."""

Geometries = npt.NDArray[np.object_]


def to_plane(geometries: Any, crs: CRS) -> Geometries:
    """Carry polygons into the statutory plane.

    Parameters
    ----------
    geometries
        Array of shapely geometries in `crs`, easting (or longitude) first. None stays None.
    crs
        Projected or geographic. Edges are straight in it; in a geographic system they are straight
        in longitude and latitude and the 70 m step is counted in degrees of the equator.

    Raises
    ------
    CrsError
        `crs` is neither projected nor geographic, a coordinate cannot be carried over, or a border
        crosses the 180th meridian, where the plane is cut.

    """
    drawn, step = without_empty_pieces(np.asarray(geometries, dtype=object)), edge_step(crs)
    if np.nansum(shapely.length(drawn)) > step * MAX_EDGES:
        raise CrsError("measure.outside_plane", crs=crs.name)
    split = shapely.segmentize(drawn, step)
    carried = shapely.transform(split, _transformer(crs).transform, interleaved=False)
    points = shapely.get_coordinates(carried)
    if not np.isfinite(points).all():
        raise CrsError("measure.outside_plane", crs=crs.name)
    if len(points) and np.ptp(points[:, 0]) > HALF_ROUND_M:
        _require_uncut(carried, crs)
    return np.asarray(carried, dtype=object)


def _require_uncut(carried: Geometries, crs: CRS) -> None:
    """Raise CrsError where a step along a border leads half around the earth."""
    rings = shapely.get_rings(shapely.get_parts(carried))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    leaps = (np.abs(np.diff(points[:, 0])) > HALF_ROUND_M) & (ring[1:] == ring[:-1])
    if leaps.any():
        raise CrsError("measure.antimeridian", crs=crs.name,
                       count=len(np.unique(ring[1:][leaps])))


def from_plane(geometries: Any, crs: CRS) -> Geometries:
    """Carry shapes of the statutory plane back into `crs`, for drawing only."""
    back = shapely.transform(
        np.asarray(geometries, dtype=object), _inverse(crs).transform, interleaved=False
    )
    return np.asarray(back, dtype=object)


def edge_step(crs: CRS) -> float:
    """The longest edge left unsplit, 70 m in the unit of `crs`. Raises CrsError for odd systems."""
    if crs.is_geographic:
        return MAX_EDGE_M / METRES_PER_DEGREE
    return MAX_EDGE_M / metres_per_unit(crs)


def metres_per_unit(crs: CRS) -> float:
    """How many metres one coordinate unit of a projected system is. Raises CrsError for others."""
    if not crs.is_projected:
        raise CrsError("measure.not_a_plane", crs=crs.name)
    return float(crs.axis_info[0].unit_conversion_factor)


@lru_cache(maxsize=32)
def _transformer(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, STATUTORY_PLANE, always_xy=True)


@lru_cache(maxsize=32)
def _inverse(crs: CRS) -> Transformer:
    return Transformer.from_crs(STATUTORY_PLANE, crs, always_xy=True)
