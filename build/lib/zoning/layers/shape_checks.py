"""CHECK: shapes that can be measured, but that a survey would not hand in like that.

Slivers, parts, ring order, spikes, sharp corners, and land far off. The limits are this program's
own, stated beside each; a feature is reported and stays.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zoning.errors import Severity
from zoning.layers.corners import metres_per_unit
from zoning.layers.crs import zone_of, zone_prefixes
from zoning.layers.faults import Fault, Rows, Subject, fault
from zoning.layers.table import Geometries

SLIVER_M2 = 1.0
SLIVER_WIDTH_M = 0.1
"""A feature of at most one square metre, or of less mean width (2 × area / border) than 0.1 m."""

SPIKE_DEG = 1.0
ACUTE_DEG = 10.0
"""A corner of less than 1° is a needle; one of less than 10° is sharp."""

FAR_M = 100_000.0
"""A county is not a hundred kilometres across from its middle."""

Floats = NDArray[np.float64]


def sliver(subject: Subject) -> Fault | None:
    """GEO007: a feature too small or too narrow to be land: a trace of two borders that differ."""
    area, border = _metres(subject.geometry, subject.crs)
    rows = subject.valid & (area > 0)
    rows &= (area <= SLIVER_M2) | (2 * area < SLIVER_WIDTH_M * border)
    return fault(subject, "GEO007", "layers.geo007", rows, Severity.WARNING)


def several_parts(subject: Subject) -> Fault | None:
    """GEO008: a feature of several parts; a survey patch has one."""
    rows = shapely.get_num_geometries(subject.geometry) > 1
    rows &= subject.valid
    return fault(subject, "GEO008", "layers.geo008", rows, Severity.NOTE)


def ring_order(subject: Subject) -> Fault | None:
    """GEO009: a border that turns the other way than most, or a hole that turns as its border."""
    shapes = np.flatnonzero(subject.valid)
    parts, owner = shapely.get_parts(subject.geometry[shapes], return_index=True)
    shells = shapely.get_exterior_ring(parts)
    left = shapely.is_ccw(shells)
    rings, of = shapely.get_rings(parts, return_index=True)
    usual = 2 * int(left.sum()) > len(left)
    odd = left != usual
    is_shell = np.ones(len(rings), dtype=bool)
    is_shell[1:] = of[1:] != of[:-1]
    same = ~is_shell & (shapely.is_ccw(rings) == left[of])
    rows = np.zeros(len(subject.geometry), dtype=bool)
    rows[shapes[owner[odd]]] = True
    rows[shapes[owner[of[same]]]] = True
    return fault(subject, "GEO009", "layers.geo009", rows, Severity.NOTE)


def spike(subject: Subject) -> Fault | None:
    """GEO010: a corner of less than 1°: a needle without land in it."""
    rows = subject.sharpest < SPIKE_DEG
    return fault(subject, "GEO010", "layers.geo010", rows, Severity.WARNING,
                 degrees=f"{SPIKE_DEG:g}")


def acute_corner(subject: Subject) -> Fault | None:
    """GEO011: a corner between 1° and 10°."""
    worst = subject.sharpest
    rows = (worst >= SPIKE_DEG) & (worst < ACUTE_DEG)
    return fault(subject, "GEO011", "layers.geo011", rows, Severity.NOTE, degrees=f"{ACUTE_DEG:g}")


def far_away(subject: Subject) -> Fault | None:
    """LOC001: a feature more than 100 km from the middle of the layer."""
    centres = _centres(subject.geometry)
    known = np.isfinite(centres).all(axis=1)
    if not known.any():
        return None
    away = np.abs(centres - np.median(centres[known], axis=0))
    away *= metres_per_unit(subject.crs, centres)
    rows = known & (np.hypot(away[:, 0], away[:, 1]) > FAR_M)
    return fault(subject, "LOC001", "layers.loc001", rows, Severity.WARNING, km=int(FAR_M / 1000))


def wrong_zone(subject: Subject) -> Fault | None:
    """LOC002: a feature whose easting carries another zone number than the layer."""
    own = zone_of(subject.crs)
    if own is None or not own.prefixed:
        return None
    east = _centres(subject.geometry)[:, 0]
    with np.errstate(invalid="ignore"):
        rows = np.isfinite(east) & (np.floor(east / 1e6) != own.number)
    found = zone_prefixes(east[rows])
    return fault(subject, "LOC002", "layers.loc002", rows, Severity.ERROR, zone=own.number,
                 found=found or ("-",))


def _metres(geometry: Geometries, crs: CRS) -> tuple[Floats, Floats]:
    """Area and border in metres, about right in any system."""
    area, border = shapely.area(geometry), shapely.length(geometry)
    scale = metres_per_unit(crs, _centres(geometry))
    both = scale if scale.ndim == 2 else np.broadcast_to(scale, (len(area), 2))
    return area * both[:, 0] * both[:, 1], border * np.sqrt(both[:, 0] * both[:, 1])


def _centres(geometry: Geometries) -> Floats:
    boxes = shapely.bounds(geometry).reshape(-1, 4)
    found: Floats = (boxes[:, :2] + boxes[:, 2:]) / 2
    return found


SHAPE_CHECKS = (sliver, several_parts, ring_order, spike, acute_corner, far_away, wrong_zone)

__all__ = [
    "SHAPE_CHECKS", "Rows", "acute_corner", "far_away", "ring_order", "several_parts", "sliver",
    "spike", "wrong_zone",
]
