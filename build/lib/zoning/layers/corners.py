"""The corners of polygons: how sharp the sharpest of each is."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zoning.layers.table import Geometries

METRES_PER_DEGREE = 111_319.5

Floats = NDArray[np.float64]


def sharpest_corners(geometry: Geometries, rows: NDArray[np.bool_], crs: CRS) -> Floats:
    """The sharpest corner of each feature in degrees; infinite where none can be measured."""
    worst = np.full(len(geometry), np.inf)
    shapes = np.flatnonzero(rows)
    rings, owner = shapely.get_rings(geometry[shapes], return_index=True)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(at):
        return worst
    angles, of = _angles(at * metres_per_unit(crs, at), ring)
    np.minimum.at(worst, shapes[owner[of]], angles)
    return worst


def _angles(at: Floats, ring: NDArray[np.intp]) -> tuple[Floats, NDArray[np.intp]]:
    """The angle at each vertex of closed rings in degrees, and the ring it is of."""
    keep = np.ones(len(at), dtype=bool)
    keep[1:] = (ring[1:] != ring[:-1]) | (at[1:] != at[:-1]).any(axis=1)
    at, ring = at[keep], ring[keep]
    first = np.ones(len(at), dtype=bool)
    first[1:] = ring[1:] != ring[:-1]
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(at)) - 1
    is_last = np.zeros(len(at), dtype=bool)
    is_last[ends] = True
    vertex = np.flatnonzero(~is_last)
    before = vertex - 1
    lengths = ends - starts
    opening = first[vertex]
    before[opening] = (ends - 1)[lengths > 0]
    back, forth = at[before] - at[vertex], at[vertex + 1] - at[vertex]
    cross = back[:, 0] * forth[:, 1] - back[:, 1] * forth[:, 0]
    dot = (back * forth).sum(axis=1)
    return np.degrees(np.abs(np.arctan2(cross, dot))), ring[vertex]


def metres_per_unit(crs: CRS, at: Floats) -> Floats:
    """Metres per unit along x and y, at each of some coordinates."""
    if crs.is_geographic:
        narrow = np.cos(np.radians(np.clip(at[:, 1], -89, 89))) * METRES_PER_DEGREE
        return np.column_stack([narrow, np.full(len(at), METRES_PER_DEGREE)])
    unit = float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0
    return np.array([unit, unit])


__all__ = ["metres_per_unit", "sharpest_corners"]
