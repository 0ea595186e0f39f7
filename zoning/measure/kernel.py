"""Areas of intersections from the edges alone: no node, no snapping, no exception.

With w(x, y) = 1 inside a polygon and 0 outside, written as a signed count of the edges above a
point, w = Σ s · [x in span] · [y ≤ y_e(x)] with s = sign(x_start − x_end) of the oriented edge,

    area(A ∩ B) = Σ_{e∈A} Σ_{f∈B} s_e s_f ∫ max(0, min(y_e(x), y_f(x)) − y0) dx

over the common span of e and f. Each integrand is piecewise linear: closed form. The value is a
continuous function of the coordinates, so shared borders, collinear edges and touching vertices,
the normal case of land, need no special case. Method §4.

Coordinates are taken relative to the common box of A and B, so rounding stays at 1e-16 of that box.
Polygons must be simple: a feature that overlaps itself counts the overlap twice.
"""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Flat, Floats, Indices

LARGE = 32
"""Features of more edges than this have buckets."""

PER_BUCKET = 8


def pair_areas(a: Flat, rows_a: Indices, b: Flat, rows_b: Indices) -> Floats:
    """Area shared by feature ``rows_a[i]`` of `a` and ``rows_b[i]`` of `b`, for every i."""
    shared = np.zeros(len(rows_a))
    over_rows(_pair_rows, len(rows_a), a, rows_a, b, rows_b, shared, least=128)
    return shared


@compiled
def orient(xy: Floats, rings: Indices, parts: Indices) -> None:
    """Turn the first ring of every part counter-clockwise, the others clockwise, in place."""
    for part in range(len(parts) - 1):
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


def extents(
    xy: Floats, rings: Indices, parts: Indices, features: Indices
) -> tuple[Floats, Floats]:
    """The boxes and areas of features; a feature without parts has a box of NaN and no area."""
    count = len(features) - 1
    boxes, areas = np.full((count, 4), np.nan), np.zeros(count)
    _extents(xy, rings, parts, features, boxes, areas)
    return boxes, areas


@compiled
def _extents(
    xy: Floats, rings: Indices, parts: Indices, features: Indices, boxes: Floats, areas: Floats
) -> None:
    for row in range(len(areas)):
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
def bucketed(
    xy: Floats, rings: Indices, parts: Indices, features: Indices, boxes: Floats
) -> tuple[Indices, Indices, Indices]:
    """Sort the edges of large features by x: about eight a bucket, and never many copies."""
    count = len(features) - 1
    buckets = np.zeros(count + 1, dtype=np.int64)
    entries = 0
    for row in range(count):
        slots, listed = _slots(xy, rings, parts, features, boxes, row)
        buckets[row + 1] = buckets[row] + slots
        entries += listed
    starts = np.zeros(buckets[count] + 1, dtype=np.int64)
    edges = np.empty(entries, dtype=np.int64)
    for row in range(count):
        slots = buckets[row + 1] - buckets[row]
        if slots:
            own = starts[buckets[row]:buckets[row + 1] + 1]
            _fill_buckets(xy, rings, parts, features, boxes, row, own, edges)
    return buckets, starts, edges


@compiled
def _slots(
    xy: Floats, rings: Indices, parts: Indices, features: Indices, boxes: Floats, row: int
) -> tuple[int, int]:
    """How many buckets a feature gets, and how many entries they hold."""
    first, last = parts[features[row]], parts[features[row + 1]]
    if first == last or rings[last] - rings[first] <= LARGE:
        return 0, 0
    total = rings[last] - rings[first]
    slots = total // PER_BUCKET
    left, width = boxes[row, 0], boxes[row, 2] - boxes[row, 0]
    while slots > 1:
        listed = 0
        for ring in range(first, last):
            for k in range(rings[ring], rings[ring + 1] - 1):
                low, high = min(xy[k, 0], xy[k + 1, 0]), max(xy[k, 0], xy[k + 1, 0])
                listed += (_slot(high, left, width, slots) - _slot(low, left, width, slots) + 1)
        if listed <= 4 * total:
            return slots, listed
        slots //= 2
    return 0, 0


@compiled
def _fill_buckets(
    xy: Floats, rings: Indices, parts: Indices, features: Indices, boxes: Floats, row: int,
    own: Indices, edges: Indices,
) -> None:
    """Counting sort of one feature's edges; `own` are its offsets, the first one given."""
    first, last = parts[features[row]], parts[features[row + 1]]
    slots, left, width = len(own) - 1, boxes[row, 0], boxes[row, 2] - boxes[row, 0]
    counts = np.zeros(slots, dtype=np.int64)
    for turn in range(2):
        if turn:
            for slot in range(slots):
                own[slot + 1] = own[slot] + counts[slot]
                counts[slot] = own[slot]
        for ring in range(first, last):
            for k in range(rings[ring], rings[ring + 1] - 1):
                low, high = min(xy[k, 0], xy[k + 1, 0]), max(xy[k, 0], xy[k + 1, 0])
                for slot in range(_slot(low, left, width, slots),
                                  _slot(high, left, width, slots) + 1):
                    if turn:
                        edges[counts[slot]] = k
                    counts[slot] += 1


@compiled
def _slot(x: float, left: float, width: float, slots: int) -> int:
    return min(max(int((x - left) / width * slots), 0), slots - 1)


@compiled
def _ring_area(xy: Floats, first: int, last: int) -> float:
    """Shoelace of a ring, relative to its first vertex; positive counter-clockwise."""
    total = 0.0
    x0, y0 = xy[first, 0], xy[first, 1]
    for k in range(first, last - 1):
        total += ((xy[k, 0] - x0) * (xy[k + 1, 1] - y0)
                  - (xy[k + 1, 0] - x0) * (xy[k, 1] - y0))
    return total / 2


@compiled
def edges_between(flat: Flat, row: int, west: float, east: float, found: Indices) -> int:
    """Edges of a feature that may meet a range of x, into `found`; returns how many."""
    count = 0
    slots = flat.buckets[row + 1] - flat.buckets[row]
    if slots == 0:
        for ring in range(flat.parts[flat.features[row]], flat.parts[flat.features[row + 1]]):
            for k in range(flat.rings[ring], flat.rings[ring + 1] - 1):
                found[count] = k
                count += 1
        return count
    left, width = flat.boxes[row, 0], flat.boxes[row, 2] - flat.boxes[row, 0]
    low, high = _slot(west, left, width, slots), _slot(east, left, width, slots)
    for slot in range(low, high + 1):
        bucket = flat.buckets[row] + slot
        for at in range(flat.bucket_starts[bucket], flat.bucket_starts[bucket + 1]):
            k = flat.bucket_edges[at]
            start = _slot(min(flat.xy[k, 0], flat.xy[k + 1, 0]), left, width, slots)
            if max(start, low) == slot:  # an edge in several buckets counts in its first
                found[count] = k
                count += 1
    return count


@compiled
def _pair_rows(
    start: int, stop: int, a: Flat, rows_a: Indices, b: Flat, rows_b: Indices, shared: Floats
) -> None:
    of_a, of_b = np.empty(a.room[0], dtype=np.int64), np.empty(b.room[0], dtype=np.int64)
    for row in range(start, stop):
        i, j = rows_a[row], rows_b[row]
        if _vertices(a, i) <= _vertices(b, j):
            shared[row] = pair_area(a, i, b, j, of_a, of_b)
        else:
            shared[row] = pair_area(b, j, a, i, of_b, of_a)


@compiled
def _vertices(flat: Flat, row: int) -> int:
    first, last = flat.parts[flat.features[row]], flat.parts[flat.features[row + 1]]
    return int(flat.rings[last] - flat.rings[first])


@compiled
def pair_area(a: Flat, i: int, b: Flat, j: int, of_a: Indices, of_b: Indices) -> float:
    """Area shared by feature `i` of `a` and feature `j` of `b`; `of_a`, `of_b` are room for edges.

    An edge of B wholly below the common box adds nothing. Edges wholly above A add the area of A
    under them, and a chain of such edges only needs its two ends. What is left are the few edges
    that pass through the box.
    """
    x0, y0 = max(a.boxes[i, 0], b.boxes[j, 0]), max(a.boxes[i, 1], b.boxes[j, 1])
    x1, y1 = min(a.boxes[i, 2], b.boxes[j, 2]), min(a.boxes[i, 3], b.boxes[j, 3])
    if not (x0 < x1 and y0 < y1):
        return 0.0
    width, top = x1 - x0, a.boxes[i, 3] - y0
    count = edges_between(b, j, x0, x1, of_b)
    total, lost = 0.0, 0.0
    opened, ended = 0.0, 0.0
    for at in range(count + 1):
        added = 0.0
        if at < count:
            k = of_b[at]
            start, end = b.xy[k, 0] - x0, b.xy[k + 1, 0] - x0
            left, right = min(max(start, 0.0), width), min(max(end, 0.0), width)
            rise, fall = b.xy[k, 1] - y0, b.xy[k + 1, 1] - y0
            if left == right or (rise <= 0.0 and fall <= 0.0):
                continue
            if rise < top or fall < top:
                sign = 1.0 if left > right else -1.0
                low, high = min(left, right), max(left, right)
                added = sign * _under(a, i, of_a, x0, y0, low, high,
                                      height(low, start, rise, end, fall),
                                      height(high, start, rise, end, fall))
            else:
                if left != ended:
                    added = _chain(a, i, of_a, x0, y0, x1, opened, ended)
                    opened = left
                ended = right
        else:
            added = _chain(a, i, of_a, x0, y0, x1, opened, ended)
        new = total + added  # Neumaier: the part of a sum that rounding takes is kept
        lost += (total - new) + added if abs(total) >= abs(added) else (added - new) + total
        total = new
    return total + lost


@compiled
def _chain(
    a: Flat, i: int, of_a: Indices, x0: float, y0: float, x1: float, opened: float, ended: float
) -> float:
    """Area of A between the ends of a chain of edges above it; negative from left to right."""
    if opened == ended:
        return 0.0
    sign = 1.0 if opened > ended else -1.0
    low, high = min(opened, ended), max(opened, ended)
    if (low == 0.0 and high == x1 - x0 and x0 == a.boxes[i, 0] and x1 == a.boxes[i, 2]
            and y0 == a.boxes[i, 1]):
        return float(sign * a.areas[i])
    return sign * _under(a, i, of_a, x0, y0, low, high, np.inf, np.inf)


@compiled
def _under(
    a: Flat, i: int, of_a: Indices, x0: float, y0: float, left: float, right: float, first: float,
    last: float,
) -> float:
    """Area of A above `y0` and under a line from (left, first) to (right, last)."""
    total = 0.0
    count = edges_between(a, i, x0 + left, x0 + right, of_a)
    for at in range(count):
        k = of_a[at]
        start, end = a.xy[k, 0] - x0, a.xy[k + 1, 0] - x0
        low, high = max(min(start, end), left), min(max(start, end), right)
        if low >= high:
            continue
        rise, fall = a.xy[k, 1] - y0, a.xy[k + 1, 1] - y0
        if rise <= 0.0 and fall <= 0.0:
            continue
        piece = _least(
            height(low, start, rise, end, fall), height(high, start, rise, end, fall),
            height(low, left, first, right, last), height(high, left, first, right, last),
            high - low)
        total += piece if start > end else -piece
    return total


@compiled
def height(x: float, start: float, rise: float, end: float, fall: float) -> float:
    """The height at `x` of the line from (start, rise) to (end, fall); exact at both ends."""
    if x == start:
        return rise
    if x == end:
        return fall
    if rise == fall:
        return rise
    return rise + (x - start) / (end - start) * (fall - rise)


@compiled
def _least(u0: float, u1: float, v0: float, v1: float, width: float) -> float:
    """Integral of max(0, min(u, v)) of two lines over a width."""
    if u0 >= v0 and u1 >= v1:
        return _positive(v0, v1, width)
    if u0 <= v0 and u1 <= v1:
        return _positive(u0, u1, width)
    share = (u0 - v0) / ((u0 - v0) - (u1 - v1))
    crossing = v0 + share * (v1 - v0)
    return (_positive(min(u0, v0), crossing, share * width)
            + _positive(crossing, min(u1, v1), (1.0 - share) * width))


@compiled
def _positive(start: float, end: float, width: float) -> float:
    """Integral of the positive part of a line over a width."""
    if start >= 0.0 and end >= 0.0:
        return (start + end) / 2 * width
    if start <= 0.0 and end <= 0.0:
        return 0.0
    if start > 0.0:
        return start * (start / (start - end)) / 2 * width
    return end * (end / (end - start)) / 2 * width
