"""Areas of intersections in exact rational arithmetic: slabs between all crossings, no rounding."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import shapely

Point = tuple[Fraction, Fraction]
Edge = tuple[Point, Point]


def exact_area(*shapes: Any) -> Fraction:
    """The land that lies in all of some polygons, exactly as their coordinates say."""
    owners = [edges_of(shape) for shape in shapes]
    every = [edge for edges in owners for edge in edges]
    stops = {x for edge in every for (x, _) in edge}
    stops |= {x for at, one in enumerate(every) for other in every[:at]
              for x in crossing(one, other)}
    return sum((slab(owners, west, east) for west, east in pairwise(sorted(stops))), Fraction(0))


def edges_of(shape: Any) -> list[Edge]:
    return [(point(start), point(end)) for part in shapely.get_parts(shape)
            for ring in (part.exterior, *part.interiors)
            for start, end in pairwise(ring.coords)]


def point(pair: Sequence[float]) -> Point:
    return Fraction(pair[0]), Fraction(pair[1])


def crossing(one: Edge, other: Edge) -> list[Fraction]:
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if turn == 0:
        return []
    share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
    return [ax + share * (bx - ax)] if 0 <= share <= 1 else []


def at(edge: Edge, x: Fraction) -> Fraction:
    (ax, ay), (bx, by) = edge
    return ay + (x - ax) / (bx - ax) * (by - ay)


def slab(owners: list[list[Edge]], west: Fraction, east: Fraction) -> Fraction:
    """Edges of a slab do not cross: the land between neighbours lies in all owners or not."""
    middle = (west + east) / 2
    walls = sorted((at(edge, middle), owner) for owner, edges in enumerate(owners)
                   for edge in edges
                   if min(edge[0][0], edge[1][0]) < middle < max(edge[0][0], edge[1][0]))
    inside = [False] * len(owners)
    height = Fraction(0)
    for (low, owner), (high, _) in pairwise(walls):
        inside[owner] = not inside[owner]
        if all(inside):
            height += high - low
    return height * (east - west)
