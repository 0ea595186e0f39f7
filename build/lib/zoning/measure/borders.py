"""Which parcels share a border, and how long it is, read off the parcel layer itself.

Outlines are cut into segments between their vertices, rounded to a millimetre. A segment that two
parcels have is a border. Where a vertex of one lies on a segment of another (a T-junction) the
segment is split there first. Lengths are those of the layer's own projection; a border shorter than
0.05 m, and a corner, is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
PER_M = 1000
"""Vertices that agree to a millimetre are one."""
TOLERANCE_M = 0.002
"""How far a vertex may lie off a segment and still be on it."""


class Shared(NamedTuple):
    """Borders as a symmetric sparse matrix by rows; lengths in dm.

    Parcel i borders ``neighbour[start[i]:start[i + 1]]``. `perimeter_dm` is the whole outline.
    """

    start: Ints
    neighbour: Ints
    length_dm: Ints
    perimeter_dm: Ints


class _Segments(NamedTuple):
    """Undirected segments: whose, between which vertices, in mm from a common origin."""

    owner: Ints
    a: Ints
    b: Ints


def shared_borders(shapes: Any) -> Shared:
    """The borders between polygons of one projected layer, in metres; None and empty have none."""
    segments = _segments(np.asarray(shapes, dtype=object))
    segments = _split_at_junctions(segments)
    return _matrix(segments, len(shapes))


def _segments(shapes: NDArray[np.object_]) -> _Segments:
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    coords, at = shapely.get_coordinates(rings, return_index=True)
    points = np.rint(coords * PER_M).astype(np.int64)
    owner = part_of[ring_of[at]] if len(at) else np.zeros(0, np.int64)
    same = at[1:] == at[:-1]
    moved = (points[1:] != points[:-1]).any(axis=1)
    keep = same & moved
    return _Segments(owner[1:][keep].astype(np.int64), points[:-1][keep], points[1:][keep])


def _split_at_junctions(segments: _Segments) -> _Segments:
    """Cut the segments that only one parcel has at every vertex that lies on them."""
    lonely = np.flatnonzero(_counts(segments) == 1)
    if not len(lonely):
        return segments
    ends = np.unique(np.concatenate((segments.a[lonely], segments.b[lonely])), axis=0)
    tree = shapely.STRtree(shapely.points(ends / PER_M))
    lines = shapely.linestrings(np.stack((segments.a[lonely], segments.b[lonely]), 1) / PER_M)
    line, point = tree.query(lines, predicate="dwithin", distance=TOLERANCE_M)
    a, b, p = segments.a[lonely[line]], segments.b[lonely[line]], ends[point]
    inside = (p != a).any(axis=1) & (p != b).any(axis=1)
    return _cut(segments, lonely[line[inside]], p[inside]) if inside.any() else segments


def _cut(segments: _Segments, which: Ints, points: Ints) -> _Segments:
    """Each named segment cut at its points, in order along it."""
    along = ((points - segments.a[which]) ** 2).sum(axis=1)
    order = np.lexsort((along, which))
    which, points = which[order], points[order]
    first = np.concatenate(([True], which[1:] != which[:-1]))
    last = np.concatenate((which[1:] != which[:-1], [True]))
    starts = np.where(first[:, None], segments.a[which], np.roll(points, 1, axis=0))
    tails = _Segments(segments.owner[which[last]], points[last], segments.b[which[last]])
    whole = np.ones(len(segments.owner), np.bool_)
    whole[which] = False
    return _Segments(
        np.concatenate((segments.owner[whole], segments.owner[which], tails.owner)),
        np.concatenate((segments.a[whole], starts, tails.a)),
        np.concatenate((segments.b[whole], points, tails.b)))


def _keys(segments: _Segments) -> tuple[Ints, Ints]:
    """One number per undirected segment: those of its two ends."""
    both = np.concatenate((segments.a, segments.b))
    low = both.min(axis=0, initial=0) if not len(both) else both.min(axis=0)
    place = ((both[:, 0] - low[0]) << 31) + (both[:, 1] - low[1])
    _, number = np.unique(place, return_inverse=True)
    one, two = number[:len(segments.a)], number[len(segments.a):]
    return np.minimum(one, two), np.maximum(one, two)


def _groups(segments: _Segments) -> tuple[Ints, Ints]:
    """The order that puts equal segments side by side, and where each group begins."""
    low, high = _keys(segments)
    key = low * (int(high.max(initial=0)) + 1) + high
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    begin = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return order, begin[:len(ordered)] if len(ordered) else np.zeros(0, np.int64)


def _counts(segments: _Segments) -> Ints:
    """How many parcels have each segment."""
    order, begin = _groups(segments)
    size = np.diff(np.append(begin, len(order)))
    found = np.empty(len(order), np.int64)
    found[order] = np.repeat(size, size)
    return found


def _matrix(segments: _Segments, n: int) -> Shared:
    order, begin = _groups(segments)
    size = np.diff(np.append(begin, len(order)))
    length = np.hypot(*(segments.b - segments.a).T) / PER_M * 10
    pairs = _pairs(segments.owner, order, begin, size)
    i, j, which = (column[pairs[0] != pairs[1]] for column in pairs)
    both = np.concatenate((i * n + j, j * n + i))
    cell, place = np.unique(both, return_inverse=True)
    total = np.bincount(place, weights=np.tile(length[which], 2), minlength=len(cell))
    dm = np.rint(total).astype(np.int64)
    cell, dm = cell[dm > 0], dm[dm > 0]
    row = cell // max(n, 1)
    start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=n)))).astype(np.int64)
    outline = np.rint(np.bincount(segments.owner, weights=length, minlength=n)).astype(np.int64)
    shared = np.bincount(row, weights=dm, minlength=n).astype(np.int64)
    return Shared(start, cell % max(n, 1), dm, np.maximum(outline, shared))


def _pairs(owner: Ints, order: Ints, begin: Ints, size: Ints) -> tuple[Ints, Ints, Ints]:
    """Every two parcels that have the same segment, and which segment."""
    found: list[tuple[Ints, Ints, Ints]] = []
    for one in range(int(size.max(initial=1))):
        for two in range(one + 1, int(size.max(initial=1))):
            at = begin[size > two]
            found.append((owner[order[at + one]], owner[order[at + two]], order[at]))
    if not found:
        none = np.zeros(0, np.int64)
        return none, none, none
    first, second, which = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return first, second, which
