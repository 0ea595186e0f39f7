"""Scores of parcels by place: nearness, distance kept, land inside. Integers from 0 to 1000.

Shapes lie in one projected system in metres; distances are those of its plane.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zoning.measure.flat import flatten
from zoning.measure.overlay import overlaps_of, pairs_of, unions

Ints = NDArray[np.int64]
FULL = 1000


def nearness(shapes: Any, targets: Any, reach_m: float) -> Ints:
    """1000 where a parcel touches a target, falling evenly to 0 at `reach_m`; 0 without targets."""
    found = np.zeros(len(shapes), np.int64)
    goals = np.asarray(targets, dtype=object)
    if len(goals) and len(shapes):
        tree = shapely.STRtree(goals)
        which, apart = tree.query_nearest(shapes, max_distance=reach_m, return_distance=True,
                                          all_matches=False)
        found[which[0]] = np.rint(FULL * (1 - np.minimum(1.0, apart / reach_m)))
    return found


def distance_kept(shapes: Any, targets: Any, reach_m: float) -> Ints:
    """0 where a parcel touches a target, rising to 1000 at `reach_m`; 1000 without targets."""
    return FULL - nearness(shapes, targets, reach_m)


def land_inside(shapes: Any, areas: Any) -> NDArray[np.float64]:
    """How many m² of each parcel lie inside the union of some areas.

    From the edges, as all areas here. Raises MeasureError where two computations differ.
    """
    if not len(shapes) or not len(areas):
        return np.zeros(len(shapes))
    parcels, cover = flatten(shapes), flatten(areas)
    return unions(parcels, cover, pairs_of(parcels, cover), overlaps_of(cover))


def share_inside(shapes: Any, areas: Any) -> Ints:
    """The part of each parcel inside the union of some areas, 0 to 1000; 0 for one without land."""
    whole = shapely.area(np.asarray(shapes, dtype=object))
    part = land_inside(shapes, areas) / np.where(whole > 0, whole, 1.0)
    return np.rint(FULL * np.clip(part, 0, 1)).astype(np.int64)


def levelness(levels: NDArray[np.float64], unknown: int) -> Ints:
    """1000 for slope level 1, 0 for level 5, evenly between; `unknown` without one (NaN)."""
    known = FULL - (np.nan_to_num(levels, nan=1.0) - 1) * (FULL // 4)
    return np.where(np.isnan(levels), unknown, np.clip(known, 0, FULL)).astype(np.int64)
