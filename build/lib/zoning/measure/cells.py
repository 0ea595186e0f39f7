"""The edges of large features by cells of their box, so that a small box meets few of them.

A feature of many edges is looked at through a grid over its own box. Every edge is listed in the
cells that its own box meets; whoever asks for some cells takes an edge in the first of them only.
"""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Flat, Floats, Indices

LARGE = 64
"""Features of more edges than this have cells."""

PER_SIDE = 12
"""About as many edges for each row and column of cells: a border runs through few cells."""

PER_EDGE = 4
"""Most cells for each edge."""


def celled(
    xy: Floats, rings: Indices, parts: Indices, features: Indices, boxes: Floats
) -> tuple[Indices, Indices, Indices, Indices]:
    """Sort the edges of large features into cells: `cells`, `across`, starts, edges of `Flat`."""
    count = len(features) - 1
    across = np.zeros((count, 2), dtype=np.int64)
    sizes = np.zeros((count, 2), dtype=np.int64)
    over_rows(_sizes, count, xy, rings, parts, features, boxes, across, sizes)
    ends = np.zeros((count + 1, 2), dtype=np.int64)
    np.cumsum(sizes, axis=0, out=ends[1:])
    starts = np.zeros(ends[-1, 0] + 1, dtype=np.int64)
    edges = np.empty(ends[-1, 1], dtype=np.int64)
    over_rows(_fill, count, xy, rings, parts[features], boxes, across, ends, starts, edges)
    starts[-1] = ends[-1, 1]
    return np.ascontiguousarray(ends[:, 0]), across, starts, edges


@compiled
def edges_in(
    flat: Flat, row: int, x0: float, y0: float, x1: float, top: float, found: Indices
) -> tuple[int, int]:
    """Edges of a feature that pass through a box, into `found`; and the winding above the rest.

    Passing: over some of the open width, not wholly at or below `y0`, not wholly at or above `top`.
    Upright edges within the width pass. Returns how many there are, and the signed count of edges
    wholly above that span the west side of the box, leftward ones positive.
    """
    count, above = 0, 0
    nx, ny = flat.across[row, 0], flat.across[row, 1]
    if nx == 0:
        for ring in range(flat.parts[flat.features[row]], flat.parts[flat.features[row + 1]]):
            for k in range(flat.rings[ring], flat.rings[ring + 1] - 1):
                kind = _kind(flat.xy, k, x0, y0, x1, top)
                if kind == PASSES:
                    found[count] = k
                    count += 1
                else:
                    above += kind
        return count, above
    box = flat.boxes[row]
    i0, i1 = _cell(x0, box[0], box[2], nx), _cell(x1, box[0], box[2], nx)
    j0, j1 = _cell(y0, box[1], box[3], ny), _cell(top, box[1], box[3], ny)
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            cell = flat.cells[row] + j * nx + i
            for at in range(flat.cell_starts[cell], flat.cell_starts[cell + 1]):
                k = flat.cell_edges[at]
                if (_kind(flat.xy, k, x0, y0, x1, top) == PASSES
                        and _is_first(flat.xy, k, box, nx, ny, i, j, i0, j0)):
                    found[count] = k
                    count += 1
    for j in range(j1, ny):
        cell = flat.cells[row] + j * nx + i0
        for at in range(flat.cell_starts[cell], flat.cell_starts[cell + 1]):
            k = flat.cell_edges[at]
            kind = _kind(flat.xy, k, x0, y0, x1, top)
            if kind not in (PASSES, 0) and _is_first(flat.xy, k, box, nx, ny, i0, j, i0, j1):
                above += kind
    return count, above


PASSES = 2


@compiled
def _kind(xy: Floats, k: int, x0: float, y0: float, x1: float, top: float) -> int:
    """PASSES; or, for an edge wholly above the west side, 1 leftward and −1 rightward; or 0."""
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
def _is_first(
    xy: Floats, k: int, box: Floats, nx: int, ny: int, i: int, j: int, i0: int, j0: int
) -> bool:
    """Whether a cell is the first of those asked, from (i0, j0) on, that an edge lies in."""
    west, south = min(xy[k, 0], xy[k + 1, 0]), min(xy[k, 1], xy[k + 1, 1])
    return bool(max(_cell(west, box[0], box[2], nx), i0) == i
                and max(_cell(south, box[1], box[3], ny), j0) == j)


@compiled
def _cell(value: float, low: float, high: float, across: int) -> int:
    if not high > low:
        return 0
    return int(min(max((value - low) / (high - low) * across, 0.0), across - 1.0))


@compiled
def _sizes(
    start: int, stop: int, xy: Floats, rings: Indices, parts: Indices, features: Indices,
    boxes: Floats, across: Indices, sizes: Indices,
) -> None:
    """How many cells each feature gets, and how many entries they hold."""
    for row in range(start, stop):
        first, last = rings[parts[features[row]]], rings[parts[features[row + 1]]]
        total = last - first
        if total <= LARGE:
            continue
        wide, tall = boxes[row, 2] - boxes[row, 0], boxes[row, 3] - boxes[row, 1]
        side = min(total / PER_SIDE, np.sqrt(PER_EDGE * total))
        shape = min(max(np.sqrt(wide / tall), 1 / side), side) if tall > 0.0 < wide else 1.0
        while True:
            nx, ny = max(int(side * shape), 1), max(int(side / shape), 1)
            entries = _entries(xy, rings, parts, features, boxes, row, nx, ny)
            if entries <= 4 * total or nx * ny == 1:
                break
            side /= 2
        across[row, 0], across[row, 1] = nx, ny
        sizes[row, 0], sizes[row, 1] = nx * ny, entries


@compiled
def _entries(
    xy: Floats, rings: Indices, parts: Indices, features: Indices, boxes: Floats, row: int,
    nx: int, ny: int,
) -> int:
    total = 0
    for ring in range(parts[features[row]], parts[features[row + 1]]):
        for k in range(rings[ring], rings[ring + 1] - 1):
            i0, j0, i1, j1 = _reach(xy, k, boxes[row], nx, ny)
            total += (i1 - i0 + 1) * (j1 - j0 + 1)
    return total


@compiled
def _reach(xy: Floats, k: int, box: Floats, nx: int, ny: int) -> tuple[int, int, int, int]:
    """The cells that an edge is listed in: from (i0, j0) to (i1, j1)."""
    west, east = min(xy[k, 0], xy[k + 1, 0]), max(xy[k, 0], xy[k + 1, 0])
    south, north = min(xy[k, 1], xy[k + 1, 1]), max(xy[k, 1], xy[k + 1, 1])
    return (_cell(west, box[0], box[2], nx), _cell(south, box[1], box[3], ny),
            _cell(east, box[0], box[2], nx), _cell(north, box[1], box[3], ny))


@compiled
def _fill(
    start: int, stop: int, xy: Floats, rings: Indices, runs: Indices, boxes: Floats,
    across: Indices, ends: Indices, starts: Indices, edges: Indices,
) -> None:
    """Counting sort of the edges of each feature, a run of rings, by cell."""
    for row in range(start, stop):
        nx, ny = across[row, 0], across[row, 1]
        if nx == 0:
            continue
        counts = np.zeros(nx * ny, dtype=np.int64)
        for turn in range(2):
            if turn:
                ended = ends[row, 1]
                for cell in range(nx * ny):
                    starts[ends[row, 0] + cell] = ended
                    ended, counts[cell] = ended + counts[cell], ended
            for ring in range(runs[row], runs[row + 1]):
                for k in range(rings[ring], rings[ring + 1] - 1):
                    i0, j0, i1, j1 = _reach(xy, k, boxes[row], nx, ny)
                    for j in range(j0, j1 + 1):
                        for i in range(i0, i1 + 1):
                            if turn:
                                edges[counts[j * nx + i]] = k
                            counts[j * nx + i] += 1


__all__ = ["celled", "edges_in"]
