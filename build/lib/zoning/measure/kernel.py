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

from typing import NamedTuple

import numpy as np

from zoning.measure.cells import edges_in
from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Flat, Floats, Indices

COLUMNS = 512
"""Most columns into which the edges of the smaller feature are put."""


class Room(NamedTuple):
    """Room for the edges of a pair, made once for many pairs.

    Of the smaller feature, relative to the common box: `west` and `east` ends, the height `rise`
    at the west end, `slope`, `sign`, and the `column` of the west end. ``listed[starts[c]:
    starts[c + 1]]`` are its edges in column `c`.
    """

    of_a: Indices
    of_b: Indices
    west: Floats
    east: Floats
    rise: Floats
    slope: Floats
    sign: Floats
    column: Indices
    starts: Indices
    listed: Indices


def pair_areas(a: Flat, rows_a: Indices, b: Flat, rows_b: Indices) -> Floats:
    """Area shared by feature ``rows_a[i]`` of `a` and ``rows_b[i]`` of `b`, for every i."""
    shared = np.zeros(len(rows_a))
    over_rows(_pair_rows, len(rows_a), a, rows_a, b, rows_b, shared, least=128)
    return shared


@compiled
def room_for(vertices: int) -> Room:
    """Room for features of so many vertices."""
    return Room(
        np.empty(vertices, dtype=np.int64), np.empty(vertices, dtype=np.int64),
        np.empty(vertices), np.empty(vertices), np.empty(vertices), np.empty(vertices),
        np.empty(vertices), np.empty(vertices, dtype=np.int64),
        np.empty(COLUMNS + 1, dtype=np.int64), np.empty(4 * vertices + 4, dtype=np.int64))


@compiled
def _pair_rows(
    start: int, stop: int, a: Flat, rows_a: Indices, b: Flat, rows_b: Indices, shared: Floats
) -> None:
    room = room_for(max(a.room[0], b.room[0]))
    for row in range(start, stop):
        shared[row] = pair_area(a, rows_a[row], b, rows_b[row], room)


@compiled
def pair_area(a: Flat, i: int, b: Flat, j: int, room: Room) -> float:
    """Area shared by feature `i` of `a` and feature `j` of `b`; `room` serves for both."""
    if _vertices(a, i) <= _vertices(b, j):
        return _shared(a, i, b, j, room)
    return _shared(b, j, a, i, room)


@compiled
def _vertices(flat: Flat, row: int) -> int:
    first, last = flat.parts[flat.features[row]], flat.parts[flat.features[row + 1]]
    return int(flat.rings[last] - flat.rings[first])


@compiled
def _shared(a: Flat, i: int, b: Flat, j: int, room: Room) -> float:
    """As `pair_area`, A the smaller one.

    Edges of B that do not pass through the common box lie below it and add nothing, or above it
    and add the area of A under them. How many lie above the west side is `above`; that count
    changes inside the box only where a chain of edges above begins or ends: at an end of a passing
    edge. So a box without passing edges is all inside B, or all outside.
    """
    x0, y0 = max(a.boxes[i, 0], b.boxes[j, 0]), max(a.boxes[i, 1], b.boxes[j, 1])
    x1, y1 = min(a.boxes[i, 2], b.boxes[j, 2]), min(a.boxes[i, 3], b.boxes[j, 3])
    if not (x0 < x1 and y0 < y1):
        return 0.0
    top = a.boxes[i, 3]
    passing, above = edges_in(b, j, x0, y0, x1, top, room.of_b)
    if passing == 0 and above == 0:
        return 0.0
    whole = x0 == a.boxes[i, 0] and x1 == a.boxes[i, 2] and y0 == a.boxes[i, 1]
    if passing == 0 and whole:
        return float(above * a.areas[i])
    columns = _columns(a, i, x0, y0, x1, room)
    per_width = columns / (x1 - x0)
    total, lost = 0.0, 0.0
    if above != 0:
        total = above * (a.areas[i] if whole else _right_of(0.0, columns, per_width, room))
    for at in range(passing):
        added = _under(b.xy, room.of_b[at], x0, y0, x1, top, columns, per_width, room)
        new = total + added  # Neumaier: the part of a sum that rounding takes is kept
        lost += (total - new) + added if abs(total) >= abs(added) else (added - new) + total
        total = new
    return total + lost


@compiled
def _columns(a: Flat, i: int, x0: float, y0: float, x1: float, room: Room) -> int:
    """Put the edges of A over the box into columns of its width; how many columns."""
    size = _relative(a, i, x0, y0, x1, room)
    width = x1 - x0
    columns = min(max(size // 2, 1), COLUMNS)
    while True:
        entries = 0
        for e in range(size):
            room.column[e] = _column(room.west[e], columns / width, columns)
            entries += _column(room.east[e], columns / width, columns) - room.column[e] + 1
        if entries <= len(room.listed):
            break
        columns //= 2
    starts = room.starts
    starts[:columns + 1] = 0
    for turn in range(2):
        for e in range(size - 1, -1, -1):
            for c in range(room.column[e], _column(room.east[e], columns / width, columns) + 1):
                if turn:
                    starts[c] -= 1
                    room.listed[starts[c]] = e
                else:
                    starts[c] += 1
        if turn == 0:
            for c in range(columns):
                starts[c + 1] += starts[c]
    return columns


@compiled
def _relative(a: Flat, i: int, x0: float, y0: float, x1: float, room: Room) -> int:
    """The edges of A over the box, cut to its width, relative to its lower west corner."""
    found, _ = edges_in(a, i, x0, y0, x1, np.inf, room.of_a)
    width, size = x1 - x0, 0
    for at in range(found):
        k = room.of_a[at]
        start, end = a.xy[k, 0] - x0, a.xy[k + 1, 0] - x0
        rise, fall = a.xy[k, 1] - y0, a.xy[k + 1, 1] - y0
        west, east = max(min(start, end), 0.0), min(max(start, end), width)
        if west >= east:
            continue
        at_west = height(west, start, rise, end, fall)
        room.west[size], room.east[size], room.rise[size] = west, east, at_west
        room.slope[size] = (height(east, start, rise, end, fall) - at_west) / (east - west)
        room.sign[size] = 1.0 if start > end else -1.0
        size += 1
    return size


@compiled
def _column(x: float, per_width: float, columns: int) -> int:
    return min(max(int(x * per_width), 0), columns - 1)


@compiled
def _under(
    xy: Floats, k: int, x0: float, y0: float, x1: float, top: float, columns: int,
    per_width: float, room: Room,
) -> float:
    """What one passing edge adds: the area of A under it, and the chains it ends or begins."""
    start, end = xy[k, 0] - x0, xy[k + 1, 0] - x0
    rise, fall = xy[k, 1] - y0, xy[k + 1, 1] - y0
    total = 0.0
    if xy[k + 1, 1] >= top and 0.0 < end < x1 - x0:
        total -= _right_of(end, columns, per_width, room)
    if xy[k, 1] >= top and 0.0 < start < x1 - x0:
        total += _right_of(start, columns, per_width, room)
    low, high = max(min(start, end), 0.0), min(max(start, end), x1 - x0)
    if low >= high:
        return total
    at_low = height(low, start, rise, end, fall)
    slope = (height(high, start, rise, end, fall) - at_low) / (high - low)
    shared = _below(low, high, at_low, slope, columns, per_width, room)
    return total + shared if start > end else total - shared


@compiled
def _right_of(x: float, columns: int, per_width: float, room: Room) -> float:
    """Area of A over the box, right of `x`."""
    return _below(x, np.inf, np.inf, 0.0, columns, per_width, room)


@compiled
def _below(
    low: float, high: float, at_low: float, slope: float, columns: int, per_width: float,
    room: Room,
) -> float:
    """Area of A over the box, from `low` to `high`, under a line; signed by the edges of A."""
    total = 0.0
    first = _column(low, per_width, columns)
    last = columns - 1 if high == np.inf else _column(high, per_width, columns)
    for c in range(first, last + 1):
        for at in range(room.starts[c], room.starts[c + 1]):
            e = room.listed[at]
            if c != first and room.column[e] != c:  # an edge in several columns counts once
                continue
            west, east = max(low, room.west[e]), min(high, room.east[e])
            if west >= east:
                continue
            u0 = room.rise[e] + (west - room.west[e]) * room.slope[e]
            u1 = room.rise[e] + (east - room.west[e]) * room.slope[e]
            v0 = at_low + (west - low) * slope
            v1 = at_low + (east - low) * slope
            total += room.sign[e] * _least(u0, u1, v0, v1, east - west)
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


__all__ = ["Room", "height", "pair_area", "pair_areas", "room_for"]
