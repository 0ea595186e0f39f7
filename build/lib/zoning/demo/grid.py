"""Rings of a rectangular tiling in which neighbours share every vertex.

A cell beside two smaller ones gets their common corner as a vertex of its own side (the vertex at a
T-junction). Long sides are cut at fixed stations besides, so that the warp may bend them: since a
station depends on the line only, both neighbours, and both banks of a ditch, get the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zoning.demo.cells import Integers

STATION_MM = 50_000
_SHIFT = 1 << 30
_OFFSET = 1 << 29


class Rings(NamedTuple):
    """Closed rings, counter-clockwise, one per cell: `points` (n, 2) and where each ring begins."""

    points: Integers
    starts: Integers


def rings(boxes: Integers, *, fine: NDArray[np.bool_], fine_mm: int = 12_500) -> Rings:
    """The rings of cells that tile the plane.

    Cells marked `fine` get stations every `fine_mm` along the sides that run east, others every
    `STATION_MM`.
    """
    u0, v0, u1, v1 = boxes.T
    level = _stations(u0, u1, v0, v1, fine, fine_mm)
    plumb = _stations(v0, v1, u0, u1, np.zeros(len(boxes), dtype=bool), fine_mm)
    sides = (
        (level, v0, u0, u1, False),
        (plumb, u1, v0, v1, False),
        (level, v1, u0, u1, True),
        (plumb, u0, v0, v1, True),
    )
    spans = [_span(keys, line, a, b) for keys, line, a, b, _ in sides]
    counts = np.column_stack([stop - start for start, stop in spans])
    offsets = np.concatenate(([0], np.cumsum(counts.sum(axis=1) + 1)))
    points = np.empty((offsets[-1], 2), dtype=np.int64)
    for side, (keys, _, _, _, backward) in enumerate(sides):
        begin = offsets[:-1] + counts[:, :side].sum(axis=1)
        _fill(points, begin, keys, spans[side], backward=backward, swap=side % 2 == 1)
    points[offsets[1:] - 1] = points[offsets[:-1]]
    return Rings(points, offsets)


def _stations(
    a: Integers, b: Integers, low: Integers, high: Integers,
    fine: NDArray[np.bool_], fine_mm: int,
) -> Integers:
    """Sorted keys (line, place on it) of all vertices on the sides that run from `a` to `b`."""
    step = np.where(fine, fine_mm, STATION_MM)
    first = a // step + 1
    counts = np.maximum((b - 1) // step - first + 1, 0)
    owner = np.repeat(np.arange(len(a)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    between = (first[owner] + number) * step[owner]
    keys = [
        _key(line, place)
        for line, places in ((low, low[owner]), (high, high[owner]))
        for line, place in ((line, a), (line, b), (places, between))
    ]
    return np.unique(np.concatenate(keys))


def _key(line: Integers, place: Integers) -> Integers:
    return (line + _OFFSET) * _SHIFT + (place + _OFFSET)


def _span(keys: Integers, line: Integers, a: Integers, b: Integers) -> tuple[Integers, Integers]:
    start = np.searchsorted(keys, _key(line, a))
    return start, np.searchsorted(keys, _key(line, b))


def _fill(
    points: Integers, begin: Integers, keys: Integers, span: tuple[Integers, Integers],
    *, backward: bool, swap: bool,
) -> None:
    """Write the vertices of one side of every cell, without the last, which the next side has."""
    start, stop = span
    counts = stop - start
    owner = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = keys[(stop[owner] - number) if backward else (start[owner] + number)]
    line, place = chosen // _SHIFT - _OFFSET, chosen % _SHIFT - _OFFSET
    points[begin[owner] + number] = np.column_stack((line, place) if swap else (place, line))
