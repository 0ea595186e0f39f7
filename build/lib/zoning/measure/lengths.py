"""Lengths of a site on the ground: the largest circle inside it, and how far it meets a road."""

from __future__ import annotations

import math
from collections.abc import Set

import numpy as np
import shapely

from zoning.measure.layer import PlaneLayer
from zoning.measure.scale import to_true_scale
from zoning.measure.taken import Taken

REACH_M = 1.0
"""A border this near to a road meets it: borders of one survey are drawn along each other."""


def width_dm(shape: shapely.Geometry) -> int | None:
    """The diameter of the largest circle inside a shape of the statutory plane, in 0.1 m.

    Rounded down, so that it never claims a width that is not there; None for an empty shape.
    """
    if shape.is_empty or shape.area <= 0:
        return None
    true = to_true_scale(shape, shape.centroid.y)
    radius_line = shapely.maximum_inscribed_circle(true, tolerance=math.sqrt(true.area) / 2000)
    return math.floor(float(radius_line.length) * 2 * 10)


def road_contact_dm(
    shape: shapely.Geometry, taken: Taken, parcels: PlaneLayer, roads: Set[str]
) -> int | None:
    """How much of a site's border meets road land that the site does not take, in 0.1 m.

    Meets: within one metre on the ground. `roads` are class codes; None where the parcels carry no
    classes, or nobody said which are roads. Rounded down.
    """
    codes = parcels.column("class_code")
    if codes is None or not roads or shape.is_empty:
        return None
    near = _road_rows(shape, taken, parcels, roads)
    if not near.size:
        return 0
    y = shape.centroid.y
    true = to_true_scale(shape, y)
    frame = shapely.box(*shape.bounds).buffer(10 * REACH_M).bounds
    clipped = [shapely.clip_by_rect(parcels.shape(row), *frame) for row in near.tolist()]
    reached = [to_true_scale(each, y).buffer(REACH_M) for each in clipped if not each.is_empty]
    met = shapely.intersection(true.boundary, shapely.union_all(reached))
    return math.floor(float(met.length) * 10)


def _road_rows(
    shape: shapely.Geometry, taken: Taken, parcels: PlaneLayer, roads: Set[str]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Parcels of road land around a site, without those it takes whole."""
    from zoning.measure import index

    west, south, east, north = shape.bounds
    reach = 4 * REACH_M  # the plane narrows lengths by no more than that below 75 degrees
    box = np.array([west - reach, south - reach, east + reach, north + reach])
    rows = index.near(parcels.grid, box)
    codes = parcels.column("class_code")
    assert codes is not None
    whole = set(taken.rows[taken.site_rows < 0].tolist())
    kept = [row for row in rows.tolist() if codes[row] in roads and row not in whole]
    return np.array(kept, dtype=np.int64)


__all__ = ["REACH_M", "road_contact_dm", "width_dm"]
