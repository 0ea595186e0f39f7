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

PER_COLUMN = 8
"""About as many edges start in each column."""

SPREAD = 4
"""Most columns that edges lie in on average: more are not worth their room."""

FEW = 64
"""So many edges are looked through faster than they are put into columns."""


class Room(NamedTuple):
    """Room for the edges of a pair, made once for many pairs.

    `of_a` and `of_b` are the edges of either feature that matter. `edges` are those of the smaller
    one, relative to the common box: west and east end, height at the west end, slope, sign.
    `pieces` are the same, cut at the sides of columns: column `c` has the rows from ``starts[c]``
    to ``starts[c + 1]``.
    """

    of_a: Indices
    of_b: Indices
    edges: Floats
    pieces: Floats
    starts: Indices


def pair_areas(a: Flat, rows_a: Indices, b: Flat, rows_b: Indices) -> Floats:
    """Area shared by feature ``rows_a[i]`` of `a` and ``rows_b[i]`` of `b`, for every i."""
    shared = np.zeros(len(rows_a))
    over_rows(_pair_rows, len(rows_a), a, rows_a, b, rows_b, shared, least=1024)
    return shared


@compiled
def room_for(vertices: int) -> Room:
    """Room for features of so many vertices."""
    return Room(
        np.empty(vertices, dtype=np.int64), np.empty(vertices, dtype=np.int64),
        np.empty((vertices, 5)), np.empty((SPREAD * vertices, 5)),
        np.empty(COLUMNS + 1, dtype=np.int64))


@compiled
def pair_area(a: Flat, i: int, b: Flat, j: int, room: Room) -> float:
    """Area shared by feature `i` of `a` and feature `j` of `b`; `room` serves for both."""
    if _vertices(a.rings, a.layout, i) > _vertices(b.rings, b.layout, j):
        a, i, b, j = b, j, a, i
    return _shared(
        a.xy, a.rings, a.layout, a.cell_starts, a.cell_edges, a.boxes, a.areas, i,
        b.xy, b.rings, b.layout, b.cell_starts, b.cell_edges, b.boxes, j,
        room.of_a, room.of_b, room.edges, room.pieces, room.starts)


@compiled
def _pair_rows(
    start: int, stop: int, a: Flat, rows_a: Indices, b: Flat, rows_b: Indices, shared: Floats
) -> None:
    """As `pair_area`, row by row: arrays are taken out of their tuples once for all of them."""
    of_a, of_b, edges, pieces, starts = room_for(max(a.room[0], b.room[0]))
    a_xy, a_rings, a_layout, a_starts = a.xy, a.rings, a.layout, a.cell_starts
    a_edges, a_boxes, a_areas = a.cell_edges, a.boxes, a.areas
    b_xy, b_rings, b_layout, b_starts = b.xy, b.rings, b.layout, b.cell_starts
    b_edges, b_boxes, b_areas = b.cell_edges, b.boxes, b.areas
    for row in range(start, stop):
        i, j = rows_a[row], rows_b[row]
        if _vertices(a_rings, a_layout, i) <= _vertices(b_rings, b_layout, j):
            shared[row] = _shared(
                a_xy, a_rings, a_layout, a_starts, a_edges, a_boxes, a_areas, i,
                b_xy, b_rings, b_layout, b_starts, b_edges, b_boxes, j,
                of_a, of_b, edges, pieces, starts)
        else:
            shared[row] = _shared(
                b_xy, b_rings, b_layout, b_starts, b_edges, b_boxes, b_areas, j,
                a_xy, a_rings, a_layout, a_starts, a_edges, a_boxes, i,
                of_a, of_b, edges, pieces, starts)


@compiled
def _vertices(rings: Indices, layout: Indices, row: int) -> int:
    return int(rings[layout[row, 1]] - rings[layout[row, 0]])


@compiled
def _shared(
    a_xy: Floats, a_rings: Indices, a_layout: Indices, a_starts: Indices, a_edges: Indices,
    a_boxes: Floats, a_areas: Floats, i: int,
    b_xy: Floats, b_rings: Indices, b_layout: Indices, b_starts: Indices, b_edges: Indices,
    b_boxes: Floats, j: int,
    of_a: Indices, of_b: Indices, edges: Floats, pieces: Floats, starts: Indices,
) -> float:
    """As `pair_area`, A the smaller one.

    Edges of B that do not pass through the common box lie below it and add nothing, or above it
    and add the area of A under them. How many lie above the west side is `above`; that count
    changes inside the box only where a chain of edges above begins or ends: at an end of a passing
    edge: leftward ones leave what is right of their end, rightward ones what is right of their
    start. So a box without passing edges is all inside B, or all outside.
    """
    x0, y0 = max(a_boxes[i, 0], b_boxes[j, 0]), max(a_boxes[i, 1], b_boxes[j, 1])
    x1, y1 = min(a_boxes[i, 2], b_boxes[j, 2]), min(a_boxes[i, 3], b_boxes[j, 3])
    if not (x0 < x1 and y0 < y1):
        return 0.0
    top = a_boxes[i, 3]
    passing, above = edges_in(
        b_xy, b_rings, b_layout, b_starts, b_edges, b_boxes, j, (x0, y0, x1, top), of_b)
    if passing == 0 and above == 0:
        return 0.0
    whole = x0 == a_boxes[i, 0] and x1 == a_boxes[i, 2] and y0 == a_boxes[i, 1]
    if passing == 0 and whole:
        return float(above * a_areas[i])
    found, _ = edges_in(
        a_xy, a_rings, a_layout, a_starts, a_edges, a_boxes, i, (x0, y0, x1, np.inf), of_a)
    width = x1 - x0
    size = _relative(a_xy, of_a, found, x0, y0, width, pieces)
    columns, starts[0], starts[1] = 1, 0, size
    if size > FEW and passing > FEW // 4:
        columns = _columns(pieces, size, width, edges, starts)
    last, per_width = starts[columns], columns / width
    total, lost = 0.0, 0.0
    if above != 0:
        total = above * (a_areas[i] if whole else _right_of(0.0, pieces, 0, last))
    for at in range(passing):
        k = of_b[at]
        start, end = b_xy[k, 0] - x0, b_xy[k + 1, 0] - x0
        rise, fall = b_xy[k, 1] - y0, b_xy[k + 1, 1] - y0
        added = 0.0
        if b_xy[k + 1, 1] >= top and 0.0 < end < width:
            added -= _right_of(end, pieces, starts[_column(end, per_width, columns)], last)
        if b_xy[k, 1] >= top and 0.0 < start < width:
            added += _right_of(start, pieces, starts[_column(start, per_width, columns)], last)
        low, high = max(min(start, end), 0.0), min(max(start, end), width)
        if low < high:
            at_low = height(low, start, rise, end, fall)
            slope = (height(high, start, rise, end, fall) - at_low) / (high - low)
            under = _below(low, high, at_low, slope, pieces,
                           starts[_column(low, per_width, columns)],
                           starts[_column(high, per_width, columns) + 1])
            added += under if start > end else -under
        new = total + added  # Neumaier: the part of a sum that rounding takes is kept
        lost += (total - new) + added if abs(total) >= abs(added) else (added - new) + total
        total = new
    return total + lost


@compiled
def _relative(
    xy: Floats, of_a: Indices, found: int, x0: float, y0: float, width: float, pieces: Floats
) -> int:
    """The edges of A over the box, cut to its width, relative to its lower west corner."""
    size = 0
    for at in range(found):
        k = of_a[at]
        start, end = xy[k, 0] - x0, xy[k + 1, 0] - x0
        rise, fall = xy[k, 1] - y0, xy[k + 1, 1] - y0
        west, east = max(min(start, end), 0.0), min(max(start, end), width)
        if west >= east:
            continue
        at_west = height(west, start, rise, end, fall)
        pieces[size, 0], pieces[size, 1], pieces[size, 2] = west, east, at_west
        pieces[size, 3] = (height(east, start, rise, end, fall) - at_west) / (east - west)
        pieces[size, 4] = 1.0 if start > end else -1.0
        size += 1
    return size


@compiled
def _columns(pieces: Floats, size: int, width: float, edges: Floats, starts: Indices) -> int:
    """Cut the edges of A at the sides of columns of equal width, sorted by column; how many."""
    edges[:size] = pieces[:size]
    columns = min(size // PER_COLUMN, COLUMNS)
    while columns > 1 and _entries(edges, size, columns, columns / width) > SPREAD * size:
        columns //= 2
    per_width = columns / width
    starts[:columns + 1] = 0
    for turn in range(2):
        for e in range(size - 1, -1, -1):
            first = _column(edges[e, 0], per_width, columns)
            last = _column(edges[e, 1], per_width, columns)
            for c in range(first, last + 1):
                if turn == 0:
                    starts[c] += 1
                    continue
                starts[c] -= 1
                west = edges[e, 0] if c == first else c / per_width
                pieces[starts[c], 0] = west
                pieces[starts[c], 1] = edges[e, 1] if c == last else (c + 1) / per_width
                pieces[starts[c], 2] = edges[e, 2] + (west - edges[e, 0]) * edges[e, 3]
                pieces[starts[c], 3], pieces[starts[c], 4] = edges[e, 3], edges[e, 4]
        if turn == 0:
            for c in range(columns):
                starts[c + 1] += starts[c]
    return columns


@compiled
def _entries(edges: Floats, size: int, columns: int, per_width: float) -> int:
    total = 0
    for e in range(size):
        total += (_column(edges[e, 1], per_width, columns)
                  - _column(edges[e, 0], per_width, columns) + 1)
    return total


@compiled
def _column(x: float, per_width: float, columns: int) -> int:
    return int(min(max(x * per_width, 0.0), columns - 1.0))


@compiled
def _right_of(x: float, pieces: Floats, first: int, last: int) -> float:
    """Area of A over the box, right of `x`, from the pieces `first` up to `last`."""
    total = 0.0
    for e in range(first, last):
        west, east = max(x, pieces[e, 0]), pieces[e, 1]
        if west < east:
            u0 = pieces[e, 2] + (west - pieces[e, 0]) * pieces[e, 3]
            u1 = pieces[e, 2] + (east - pieces[e, 0]) * pieces[e, 3]
            total += pieces[e, 4] * _positive(u0, u1, east - west)
    return total


@compiled
def _below(
    low: float, high: float, at_low: float, slope: float, pieces: Floats, first: int, last: int
) -> float:
    """Area of A over the box, from `low` to `high`, under a line; signed by the edges of A."""
    total = 0.0
    for e in range(first, last):
        west, east = max(low, pieces[e, 0]), min(high, pieces[e, 1])
        if west < east:
            u0 = pieces[e, 2] + (west - pieces[e, 0]) * pieces[e, 3]
            u1 = pieces[e, 2] + (east - pieces[e, 0]) * pieces[e, 3]
            v0 = at_low + (west - low) * slope
            v1 = at_low + (east - low) * slope
            total += pieces[e, 4] * _least(u0, u1, v0, v1, east - west)
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
