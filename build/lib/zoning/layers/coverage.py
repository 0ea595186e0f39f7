"""CHECK: gaps of a layer that should cover its land without any, such as land-survey patches.

Borders that two neighbours share point for point cancel out; of those that are left the faces are
formed, and a face that no feature covers is a gap. The cost goes with the faults, not the layer.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zoning.errors import Message, Problem, Severity
from zoning.layers.faults import area_at_risk_dm2, boxes_of, measurable
from zoning.layers.table import Geometries

Floats = NDArray[np.float64]

MOST_EDGES = 2_000_000
"""Loose edges beyond which a layer is no coverage: its gaps mean nothing."""

SMALLEST_M2 = 0.01
_NAMED = 5


def gap_problems(geometry: Geometries, crs: CRS) -> tuple[Problem, ...]:
    """``TOP002``: land enclosed by features that none of them covers, with its area and places.

    Whether it is a lake left out on purpose or a fault of the borders a person must see.
    """
    found = gaps(geometry[measurable(geometry)])
    if not len(found):
        return ()
    order = np.argsort(-shapely.area(found), kind="stable")
    found = found[order]
    centres = shapely.get_coordinates(shapely.point_on_surface(found[:_NAMED]))
    where = tuple(f"{x:.3f}, {y:.3f}" for x, y in centres.tolist())
    message = Message("layers.top002", {"count": len(found), "where": where})
    return (Problem("TOP002", message, Severity.WARNING, len(found), where,
                    area_at_risk_dm2(found, crs), boxes_of(found[:_NAMED], crs)),)


def gaps(geometry: Geometries) -> Geometries:
    """The faces enclosed by polygons that none of them covers, larger than 0.01 square units."""
    edges = loose_edges(geometry)
    if not len(edges) or len(edges) > MOST_EDGES:
        return np.empty(0, dtype=object)
    noded = shapely.node(shapely.multilinestrings(shapely.linestrings(edges)))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    if not len(faces):
        return np.empty(0, dtype=object)
    tree = shapely.STRtree(geometry)
    covered, _ = tree.query(shapely.point_on_surface(faces), predicate="intersects")
    is_gap = np.ones(len(faces), dtype=bool)
    is_gap[covered] = False
    return np.asarray(faces[is_gap], dtype=object)


def loose_edges(geometry: Geometries) -> Floats:
    """The edges that one polygon alone has, as (edge, end, coordinate)."""
    rings = shapely.get_rings(geometry)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[1:] == ring[:-1]
    starts, ends = at[:-1][inner], at[1:][inner]
    swap = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0])
                                          & (starts[:, 1] > ends[:, 1]))
    starts[swap], ends[swap] = ends[swap], starts[swap].copy()
    both = np.ascontiguousarray(np.hstack([starts, ends]))
    moved = (both[:, :2] != both[:, 2:]).any(axis=1)
    both = both[moved]
    mixed = _mixed(both + 0.0)
    order = np.argsort(mixed, kind="stable")
    sorted_ = mixed[order]
    same = sorted_[1:] == sorted_[:-1]
    alone = np.ones(len(sorted_), dtype=bool)
    alone[1:] &= ~same
    alone[:-1] &= ~same
    found: Floats = both[order[alone]].reshape(-1, 2, 2)
    return found


def _mixed(rows: Floats) -> NDArray[np.uint64]:
    """A 64-bit number for each row, the same for equal rows; unequal ones differ but for luck."""
    found = np.zeros(len(rows), dtype=np.uint64)
    for column in np.ascontiguousarray(rows.T).view(np.uint64):
        found = found + np.uint64(0x9E3779B97F4A7C15) ^ column
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found ^= found >> np.uint64(31)
    return found


__all__ = ["gap_problems", "gaps", "loose_edges"]
