"""Metres from a site to a line, outside or inside. Method §9.

Lengths are those on the ground at the latitude of the site's middle (`scale`): right to about one
part in a thousand ten kilometres away.
"""

from __future__ import annotations

import math

import numpy as np

from zoning.measure.compiled import compiled
from zoning.measure.flat import Flat, Floats, Indices
from zoning.measure.scale import widening


def borders_apart(a: Flat, b: Flat) -> float:
    """Metres between the borders of all features of `a` and the nearest border of `b`.

    Infinite where one of them has none. Borders that cross or touch are 0 apart.
    """
    if not len(a.xy) or not len(b.xy):
        return math.inf
    box = np.array([a.xy[:, 0].min(), a.xy[:, 1].min(), a.xy[:, 0].max(), a.xy[:, 1].max()])
    k = widening((box[1] + box[3]) / 2)
    known = np.flatnonzero(np.isfinite(b.boxes[:, 0]))
    gaps = _gaps(box, b.boxes[known], k)
    order = np.argsort(gaps, kind="stable")
    return math.sqrt(_nearest(a, b, known[order], gaps[order], box, k))


def _gaps(box: Floats, boxes: Floats, k: float) -> Floats:
    """Squared metres between a box and others; 0 where they meet."""
    east = np.maximum(np.maximum(boxes[:, 0] - box[2], box[0] - boxes[:, 2]), 0.0) / k
    north = np.maximum(np.maximum(boxes[:, 1] - box[3], box[1] - boxes[:, 3]), 0.0) * k
    return np.asarray(east * east + north * north)


@compiled
def _nearest(a: Flat, b: Flat, rows: Indices, gaps: Floats, box: Floats, k: float) -> float:
    """Least squared distance of borders; features that cannot be nearer are not looked at."""
    least = np.inf
    for at in range(len(rows)):
        if gaps[at] >= least:
            break
        first, last = b.parts[b.features[rows[at]]], b.parts[b.features[rows[at] + 1]]
        for ring in range(first, last):
            for m in range(b.rings[ring], b.rings[ring + 1] - 1):
                if _edge_gap(b.xy, m, box, k) < least:
                    least = min(least, _to_edges(a, b.xy, m, k))
    return least


@compiled
def _edge_gap(xy: Floats, m: int, box: Floats, k: float) -> float:
    """Squared metres between the box of an edge and a box."""
    east = max(min(xy[m, 0], xy[m + 1, 0]) - box[2], box[0] - max(xy[m, 0], xy[m + 1, 0]), 0.0) / k
    north = max(min(xy[m, 1], xy[m + 1, 1]) - box[3],
                box[1] - max(xy[m, 1], xy[m + 1, 1]), 0.0) * k
    return float(east * east + north * north)


@compiled
def _to_edges(a: Flat, xy: Floats, m: int, k: float) -> float:
    """Least squared metres from one edge to the edges of `a`."""
    least = np.inf
    x0, y0 = xy[m, 0], xy[m, 1]
    dx, dy = (xy[m + 1, 0] - x0) / k, (xy[m + 1, 1] - y0) * k
    for ring in range(len(a.rings) - 1):
        for n in range(a.rings[ring], a.rings[ring + 1] - 1):
            px, py = (a.xy[n, 0] - x0) / k, (a.xy[n, 1] - y0) * k
            qx, qy = (a.xy[n + 1, 0] - x0) / k, (a.xy[n + 1, 1] - y0) * k
            if (_side(dx, dy, px, py) * _side(dx, dy, qx, qy) < 0.0
                    and _side(qx - px, qy - py, -px, -py)
                    * _side(qx - px, qy - py, dx - px, dy - py) < 0.0):
                return 0.0
            least = min(least, _to_point(dx, dy, px, py), _to_point(dx, dy, qx, qy),
                        _to_point(qx - px, qy - py, -px, -py),
                        _to_point(qx - px, qy - py, dx - px, dy - py))
    return least


@compiled
def _side(dx: float, dy: float, px: float, py: float) -> float:
    return dx * py - dy * px


@compiled
def _to_point(dx: float, dy: float, px: float, py: float) -> float:
    """Squared distance from a point to the segment from the origin to (dx, dy)."""
    length = dx * dx + dy * dy
    share = 0.0 if length == 0.0 else min(max((px * dx + py * dy) / length, 0.0), 1.0)
    east, north = px - share * dx, py - share * dy
    return east * east + north * north


__all__ = ["borders_apart"]
