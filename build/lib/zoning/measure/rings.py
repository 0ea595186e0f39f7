"""Rings of flat arrays: which way they run, the boxes and areas of features."""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Floats, Indices


def orient(xy: Floats, rings: Indices, parts: Indices) -> None:
    """Turn the first ring of every part counter-clockwise, the others clockwise, in place."""
    over_rows(_orient, len(parts) - 1, xy, rings, parts)


def extents(
    xy: Floats, rings: Indices, parts: Indices, features: Indices
) -> tuple[Floats, Floats]:
    """The boxes and areas of features; a feature without parts has a box of NaN and no area."""
    count = len(features) - 1
    boxes, areas = np.full((count, 4), np.nan), np.zeros(count)
    over_rows(_extents, count, xy, rings, parts, features, boxes, areas)
    return boxes, areas


@compiled
def _orient(start: int, stop: int, xy: Floats, rings: Indices, parts: Indices) -> None:
    for part in range(start, stop):
        for ring in range(parts[part], parts[part + 1]):
            first, last = rings[ring], rings[ring + 1]
            if (_ring_area(xy, first, last) < 0.0) == (ring == parts[part]):
                _turn(xy, first, last - 1)


@compiled
def _turn(xy: Floats, low: int, high: int) -> None:
    while low < high:
        for axis in range(2):
            xy[low, axis], xy[high, axis] = xy[high, axis], xy[low, axis]
        low, high = low + 1, high - 1


@compiled
def _extents(
    start: int, stop: int, xy: Floats, rings: Indices, parts: Indices, features: Indices,
    boxes: Floats, areas: Floats,
) -> None:
    for row in range(start, stop):
        first, last = parts[features[row]], parts[features[row + 1]]
        if first == last:
            continue
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for k in range(rings[first], rings[last]):
            west, east = min(west, xy[k, 0]), max(east, xy[k, 0])
            south, north = min(south, xy[k, 1]), max(north, xy[k, 1])
        boxes[row, 0], boxes[row, 1], boxes[row, 2], boxes[row, 3] = west, south, east, north
        for ring in range(first, last):
            areas[row] += _ring_area(xy, rings[ring], rings[ring + 1])


@compiled
def _ring_area(xy: Floats, first: int, last: int) -> float:
    """Shoelace of a ring, relative to its first vertex; positive counter-clockwise."""
    total = 0.0
    x0, y0 = xy[first, 0], xy[first, 1]
    for k in range(first, last - 1):
        total += ((xy[k, 0] - x0) * (xy[k + 1, 1] - y0)
                  - (xy[k + 1, 0] - x0) * (xy[k, 1] - y0))
    return total / 2


__all__ = ["extents", "orient"]
