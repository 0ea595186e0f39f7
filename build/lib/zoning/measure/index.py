"""Which boxes meet: a grid over the boxes of a layer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Floats, Indices

CELLS = 1 << 20
"""Most cells of a grid."""


class Grid(NamedTuple):
    """Boxes by the cells they meet: cell `c` holds ``rows[starts[c]:starts[c + 1]]``."""

    boxes: Floats
    frame: Floats
    across: int
    starts: Indices
    rows: Indices


def grid_over(boxes: Floats) -> Grid:
    """Index boxes (west, south, east, north); boxes of NaN meet nothing.

    About one cell per box, fewer where boxes are so wide that they would lie in many cells.
    """
    known = boxes[np.isfinite(boxes[:, 0])]
    if not len(known):
        return Grid(boxes, np.array([0.0, 0.0, 1.0, 1.0]), 1, np.zeros(2, dtype=np.int64),
                    np.zeros(0, dtype=np.int64))
    frame = np.concatenate([known[:, :2].min(axis=0), known[:, 2:].max(axis=0)])
    across = int(min(max(np.sqrt(len(known)), 1), np.sqrt(CELLS)))
    while across > 1 and _entries(boxes, frame, across) > 8 * len(known) + 64:
        across //= 2
    starts, rows = _filled(boxes, frame, across)
    return Grid(boxes, frame, across, starts, rows)


def meeting(grid: Grid, boxes: Floats) -> tuple[Indices, Indices]:
    """Pairs (box asked, box of the grid) that share more than a border, ordered by both."""
    counts = np.zeros(len(boxes) + 1, dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    over_rows(_query, len(boxes), grid, boxes, counts, none)
    offsets = np.cumsum(counts)
    found = np.empty(offsets[-1], dtype=np.int64)
    if not len(found):
        return none, none
    over_rows(_query, len(boxes), grid, boxes, offsets, found)
    return np.repeat(np.arange(len(boxes), dtype=np.int64), np.diff(offsets)), found


def near(grid: Grid, box: Floats) -> Indices:
    """Rows of the grid whose box shares more than a border with one box, in order."""
    return meeting(grid, np.ascontiguousarray(box, dtype=np.float64).reshape(1, 4))[1]


@compiled
def _cell(value: float, low: float, high: float, across: int) -> int:
    if not high > low:
        return 0
    return int(min(max((value - low) / (high - low) * across, 0.0), across - 1.0))


@compiled
def _entries(boxes: Floats, frame: Floats, across: int) -> int:
    total = 0
    for row in range(len(boxes)):
        if np.isfinite(boxes[row, 0]):
            wide = (_cell(boxes[row, 2], frame[0], frame[2], across)
                    - _cell(boxes[row, 0], frame[0], frame[2], across) + 1)
            tall = (_cell(boxes[row, 3], frame[1], frame[3], across)
                    - _cell(boxes[row, 1], frame[1], frame[3], across) + 1)
            total += wide * tall
    return total


@compiled
def _filled(boxes: Floats, frame: Floats, across: int) -> tuple[Indices, Indices]:
    """Counting sort of rows by cell."""
    starts = np.zeros(across * across + 1, dtype=np.int64)
    rows = np.empty(_entries(boxes, frame, across), dtype=np.int64)
    for turn in range(2):
        for row in range(len(boxes) - 1, -1, -1):
            if not np.isfinite(boxes[row, 0]):
                continue
            for x in range(_cell(boxes[row, 0], frame[0], frame[2], across),
                           _cell(boxes[row, 2], frame[0], frame[2], across) + 1):
                for y in range(_cell(boxes[row, 1], frame[1], frame[3], across),
                               _cell(boxes[row, 3], frame[1], frame[3], across) + 1):
                    cell = y * across + x
                    if turn:
                        starts[cell] -= 1
                        rows[starts[cell]] = row
                    else:
                        starts[cell] += 1
        if turn == 0:
            for cell in range(across * across):
                starts[cell + 1] += starts[cell]
    return starts, rows


@compiled
def _query(
    start: int, stop: int, grid: Grid, boxes: Floats, offsets: Indices, found: Indices
) -> None:
    """Count the boxes met (`found` has no room), or list them from `offsets` on, in order."""
    counting = len(found) == 0
    frame, across = grid.frame, grid.across
    for row in range(start, stop):
        west, south, east, north = boxes[row]
        if not np.isfinite(west):
            continue
        x0, x1 = _cell(west, frame[0], frame[2], across), _cell(east, frame[0], frame[2], across)
        y0, y1 = _cell(south, frame[1], frame[3], across), _cell(north, frame[1], frame[3], across)
        count = 0
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                cell = y * across + x
                for at in range(grid.starts[cell], grid.starts[cell + 1]):
                    other = grid.rows[at]
                    box = grid.boxes[other]
                    if (max(_cell(box[0], frame[0], frame[2], across), x0) != x
                            or max(_cell(box[1], frame[1], frame[3], across), y0) != y
                            or not (box[0] < east and west < box[2]
                                    and box[1] < north and south < box[3])):
                        continue
                    if not counting:
                        found[offsets[row] + count] = other
                    count += 1
        if counting:
            offsets[row + 1] = count
        elif count > 1:
            found[offsets[row]:offsets[row] + count].sort()


__all__ = ["Grid", "grid_over", "meeting", "near"]
