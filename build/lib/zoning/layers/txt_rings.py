"""Boundary TXT, second step: the points of one plot to rings, the rings to a polygon.

Ring numbers mean different things to different senders (hole, second part, or nothing), so rings
are told apart by closing points and number changes, and holes from parts by containment alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from zoning.layers.txt_lines import (
    PointLine,
    is_easting,
    is_latitude,
    is_longitude,
    is_northing,
)

Axes = Literal["north_east", "east_north", "lon_lat", "lat_lon", "unknown"]
Ring = tuple[tuple[float, float], ...]
"""Distinct vertices as (easting, northing) or (longitude, latitude), closing point left out."""


@dataclass(frozen=True)
class Rings:
    """The rings of one plot in file order.

    `unclosed` and `stray` count rings without closing point and closing points that belong to
    another ring; `mismatched` names lines whose number closes a ring but whose coordinates do not;
    `short` names the lines where a ring of fewer than three points starts. `closings` counts the
    repeated closing points.
    """

    rings: tuple[Ring, ...]
    closings: int = 0
    unclosed: int = 0
    stray: int = 0
    mismatched: tuple[int, ...] = ()
    short: tuple[int, ...] = ()


def find_axes(points: Sequence[PointLine]) -> Axes:
    """The order of the two coordinates, by magnitude; "unknown" where both orders could be."""
    firsts = [point.first for point in points]
    seconds = [point.second for point in points]
    tests: tuple[tuple[Axes, Callable[[float], bool], Callable[[float], bool]], ...] = (
        ("north_east", is_northing, is_easting), ("east_north", is_easting, is_northing),
        ("lon_lat", is_longitude, is_latitude), ("lat_lon", is_latitude, is_longitude),
    )
    for axes, first_is, second_is in tests:
        if points and all(map(first_is, firsts)) and all(map(second_is, seconds)):
            return axes
    return "unknown"


def split_rings(points: Sequence[PointLine], *, axes: Axes, tolerance: float) -> Rings:
    """The rings of one plot; points nearer than `tolerance` (file units) are the same point."""
    groups, mismatched = _groups(points, tolerance)
    rings: list[Ring] = []
    closings = unclosed = stray = 0
    short = []
    starts: list[PointLine] = []
    for group in groups:
        own = group
        closed = len(group) > 3 and _same(group[0], group[-1], tolerance)
        if not closed and any(_same(group[-1], start, tolerance) for start in starts):
            own, stray = group[:-1], stray + 1
        ring = _distinct(own, axes, tolerance)
        closings += closed
        if len(ring) >= 3:
            unclosed += not closed
            starts.append(own[0])
            rings.append(ring)
        elif own:
            short.append(own[0].line)
    return Rings(tuple(rings), closings, unclosed, stray, mismatched, tuple(short))


def build_polygon(rings: Sequence[Ring]) -> tuple[Polygon | MultiPolygon | None, tuple[int, ...]]:
    """The polygon of the rings by even-odd containment, and the position of each ring's owner.

    A ring inside an odd number of others is a hole of the innermost one; every other ring is a part
    of its own. The owner of a part is -1. Orientation and order of the rings do not matter. None
    for no rings. Nothing is repaired: crossing rings give an invalid polygon.
    """
    if not rings:
        return None, ()
    shapes = [shapely.polygons(np.array(ring)) for ring in rings]
    around = [_around(i, shapes) for i in range(len(shapes))]
    owners = tuple(
        min(outer, key=lambda j: shapes[j].area) if len(outer) % 2 else -1 for outer in around
    )
    parts = [
        Polygon(rings[i], [rings[j] for j, owner in enumerate(owners) if owner == i])
        if i in owners else shapes[i]
        for i, own in enumerate(owners) if own == -1
    ]
    return (parts[0] if len(parts) == 1 else MultiPolygon(parts)), owners


def _groups(
    points: Sequence[PointLine], tolerance: float
) -> tuple[list[list[PointLine]], tuple[int, ...]]:
    """Runs of points that belong to one ring: until a closing point or another ring number."""
    groups: list[list[PointLine]] = []
    mismatched = []
    current: list[PointLine] = []
    for i, point in enumerate(points):
        if current and point.ring != current[0].ring:
            groups.append(current)
            current = []
        if len(current) >= 3 and _same(point, current[0], tolerance):
            groups.append([*current, point])
            current = []
        elif len(current) >= 3 and point.number == current[0].number != "":
            last = i + 1 == len(points) or points[i + 1].ring != point.ring
            if last:
                mismatched.append(point.line)
            groups.append(current)
            current = [] if last else [point]
        else:
            current.append(point)
    return (groups if not current else [*groups, current]), tuple(mismatched)


def _same(a: PointLine, b: PointLine, tolerance: float) -> bool:
    return abs(a.first - b.first) <= tolerance and abs(a.second - b.second) <= tolerance


def _distinct(group: Sequence[PointLine], axes: Axes, tolerance: float) -> Ring:
    kept: list[PointLine] = []
    for point in group:
        if not kept or not _same(point, kept[-1], 0):
            kept.append(point)
    while len(kept) > 1 and _same(kept[0], kept[-1], tolerance):
        kept.pop()
    swap = axes in ("north_east", "lat_lon", "unknown")
    return tuple((p.second, p.first) if swap else (p.first, p.second) for p in kept)


def _around(i: int, shapes: Sequence[Polygon]) -> list[int]:
    """The rings that lie around ring i; of two equal rings the earlier is around the later."""
    return [
        j for j, other in enumerate(shapes)
        if j != i and (other.area, -j) > (shapes[i].area, -i) and _covers(other, shapes[i])
    ]


def _covers(outer: Polygon, inner: Polygon) -> bool:
    try:
        return bool(outer.covers(inner))
    except shapely.errors.GEOSException:
        return False


__all__ = ["Axes", "Ring", "Rings", "build_polygon", "find_axes", "split_rings"]
