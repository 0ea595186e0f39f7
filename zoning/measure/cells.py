"""The edges of large features by cells of their box, so that a small box meets few of them.

A feature of many edges is looked at through a grid over its own box. Every edge is listed in the
cells that its own box meets; whoever asks for some cells takes an edge in the first of them only.
"""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Floats, Indices

LARGE = 256
"""Features of more edges than this have cells."""

PER_SIDE = 12
"""About as many edges for each row and column of cells: a border runs through few cells."""

PER_EDGE = 4
"""Most cells for each edge."""

Window = tuple[float, float, float, float]
"""What is looked at: west side, south side, east side, and the top above which nothing passes."""


def celled(
    xy: Floats, rings: Indices, runs: Indices, boxes: Floats
) -> tuple[Indices, Indices, Indices]:
    """Sort the edges of large features into cells: `layout`, `cell_starts`, `cell_edges` of `Flat`.

    Feature `i` has the rings from ``runs[i]`` to ``runs[i + 1]``.
    """
    count = len(runs) - 1
    layout, sizes = np.zeros((count, 5), dtype=np.int64), np.zeros((count + 1, 2), dtype=np.int64)
    layout[:, 0], layout[:, 1] = runs[:-1], runs[1:]
    over_rows(_sizes, count, xy, rings, boxes, layout, sizes[1:])
    ends = np.cumsum(sizes, axis=0)
    layout[:, 2] = ends[:-1, 0]
    starts, edges = np.zeros(ends[-1, 0] + 1, dtype=np.int64), np.empty(ends[-1, 1], dtype=np.int64)
    over_rows(_fill, count, xy, rings, boxes, layout, ends[:-1, 1], starts, edges)
    starts[-1] = ends[-1, 1]
    return layout, starts, edges


@compiled
def edges_in(
    xy: Floats, rings: Indices, layout: Indices, starts: Indices, edges: Indices, boxes: Floats,
    row: int, window: Window, found: Indices,
) -> tuple[int, int]:
    """Edges of a feature that pass through a window, into `found`; and the winding above the rest.

    The arrays are those of `Flat`. Passing: over some of the open width, not wholly at or below the
    south side, not wholly at or above the top. Upright edges within the width pass. Returns how
    many there are, and the signed count of edges wholly above that span the west side, leftward
    ones positive.
    """
    if layout[row, 3] == 0:
        return _all_in(xy, rings, layout[row, 0], layout[row, 1], window, found)
    x0, y0, x1, top = window
    first, nx, ny = layout[row, 2], layout[row, 3], layout[row, 4]
    west, south = boxes[row, 0], boxes[row, 1]
    per_x, per_y = _per(west, boxes[row, 2], nx), _per(south, boxes[row, 3], ny)
    i0, i1 = _cell(x0, west, per_x, nx), _cell(x1, west, per_x, nx)
    j0, j1 = _cell(y0, south, per_y, ny), _cell(top, south, per_y, ny)
    count, above = 0, 0
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            cell = first + j * nx + i
            for at in range(starts[cell], starts[cell + 1]):
                k = edges[at]
                if (_kind(xy, k, window) == PASSES  # counted in the first cell that was asked
                        and (i == i0 or _cell(min(xy[k, 0], xy[k + 1, 0]), west, per_x, nx) == i)
                        and (j == j0
                             or _cell(min(xy[k, 1], xy[k + 1, 1]), south, per_y, ny) == j)):
                    found[count] = k
                    count += 1
    for j in range(j1, ny):
        cell = first + j * nx + i0
        for at in range(starts[cell], starts[cell + 1]):
            k = edges[at]
            kind = _kind(xy, k, window)
            if kind not in (PASSES, 0) and (
                    j == j1 or _cell(min(xy[k, 1], xy[k + 1, 1]), south, per_y, ny) == j):
                above += kind
    return count, above


@compiled
def _all_in(
    xy: Floats, rings: Indices, first: int, last: int, window: Window, found: Indices
) -> tuple[int, int]:
    """As `edges_in` for a feature without cells: rings `first` up to `last`."""
    count, above = 0, 0
    for ring in range(first, last):
        for k in range(rings[ring], rings[ring + 1] - 1):
            kind = _kind(xy, k, window)
            if kind == PASSES:
                found[count] = k
                count += 1
            else:
                above += kind
    return count, above


PASSES = 2


@compiled
def _kind(xy: Floats, k: int, window: Window) -> int:
    """PASSES; or, for an edge wholly above the west side, 1 leftward and −1 rightward; or 0."""
    x0, y0, x1, top = window
    start, end, rise, fall = xy[k, 0], xy[k + 1, 0], xy[k, 1], xy[k + 1, 1]
    low, high = min(start, end), max(start, end)
    if high <= x0 or low >= x1 or (rise <= y0 and fall <= y0):
        return 0
    if rise < top or fall < top:
        return PASSES
    if low > x0:
        return 0
    return 1 if start > end else -1


@compiled
def _per(low: float, high: float, across: int) -> float:
    """Cells for each unit of length."""
    return across / (high - low) if high > low else 0.0


@compiled
def _cell(value: float, low: float, per: float, across: int) -> int:
    return int(min(max((value - low) * per, 0.0), across - 1.0))


@compiled
def _sizes(
    start: int, stop: int, xy: Floats, rings: Indices, boxes: Floats, layout: Indices,
    sizes: Indices,
) -> None:
    """How many cells each feature gets, into its layout; their number and that of their entries."""
    for row in range(start, stop):
        total = rings[layout[row, 1]] - rings[layout[row, 0]]
        if total <= LARGE:
            continue
        wide, tall = boxes[row, 2] - boxes[row, 0], boxes[row, 3] - boxes[row, 1]
        side = min(total / PER_SIDE, np.sqrt(PER_EDGE * total))
        shape = min(max(np.sqrt(wide / tall), 1 / side), side) if tall > 0.0 < wide else 1.0
        while True:
            layout[row, 3], layout[row, 4] = max(int(side * shape), 1), max(int(side / shape), 1)
            sizes[row, 0] = layout[row, 3] * layout[row, 4]
            sizes[row, 1] = _entries(xy, rings, boxes, layout, row)
            if sizes[row, 1] <= PER_EDGE * total or sizes[row, 0] == 1:
                break
            side /= 2


@compiled
def _entries(xy: Floats, rings: Indices, boxes: Floats, layout: Indices, row: int) -> int:
    total = 0
    for ring in range(layout[row, 0], layout[row, 1]):
        for k in range(rings[ring], rings[ring + 1] - 1):
            i0, j0, i1, j1 = _reach(xy, k, boxes, layout, row)
            total += (i1 - i0 + 1) * (j1 - j0 + 1)
    return total


@compiled
def _reach(
    xy: Floats, k: int, boxes: Floats, layout: Indices, row: int
) -> tuple[int, int, int, int]:
    """The cells that an edge is listed in: from (i0, j0) to (i1, j1)."""
    nx, ny, left, low = layout[row, 3], layout[row, 4], boxes[row, 0], boxes[row, 1]
    per_x, per_y = _per(left, boxes[row, 2], nx), _per(low, boxes[row, 3], ny)
    west, east = min(xy[k, 0], xy[k + 1, 0]), max(xy[k, 0], xy[k + 1, 0])
    south, north = min(xy[k, 1], xy[k + 1, 1]), max(xy[k, 1], xy[k + 1, 1])
    return (_cell(west, left, per_x, nx), _cell(south, low, per_y, ny),
            _cell(east, left, per_x, nx), _cell(north, low, per_y, ny))


@compiled
def _fill(
    start: int, stop: int, xy: Floats, rings: Indices, boxes: Floats, layout: Indices,
    begins: Indices, starts: Indices, edges: Indices,
) -> None:
    """Counting sort of the edges of each feature by cell, its entries from ``begins[row]`` on."""
    for row in range(start, stop):
        nx, ny = layout[row, 3], layout[row, 4]
        if nx == 0:
            continue
        counts = np.zeros(nx * ny, dtype=np.int64)
        for turn in range(2):
            if turn:
                ended = begins[row]
                for cell in range(nx * ny):
                    starts[layout[row, 2] + cell] = ended
                    ended, counts[cell] = ended + counts[cell], ended
            for ring in range(layout[row, 0], layout[row, 1]):
                for k in range(rings[ring], rings[ring + 1] - 1):
                    i0, j0, i1, j1 = _reach(xy, k, boxes, layout, row)
                    for j in range(j0, j1 + 1):
                        for i in range(i0, i1 + 1):
                            if turn:
                                edges[counts[j * nx + i]] = k
                            counts[j * nx + i] += 1


__all__ = ["LARGE", "Window", "celled", "edges_in"]
