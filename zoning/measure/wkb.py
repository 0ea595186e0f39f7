"""Polygons from well-known binary straight into arrays, without one object for a polygon.

The rows of a GeoParquet column are read where they lie. Little-endian polygons and multipolygons,
with or without heights and measures in either way of writing them, which are left out; other rows
are refused, so that whoever asked reads them with the geometry library instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Indices
from zoning.measure.ragged import Ragged, joined

Bytes = npt.NDArray[np.uint8]

POLYGON, MULTIPOLYGON = 3, 6

LEAST_RING = 4
"""Vertices of the least ring that closes."""


def ragged_of_wkb(column: Any) -> Ragged | None:
    """The polygons of an Arrow column of binary; a missing one is a feature of no parts.

    Empty parts and rings are left out. None where a row is anything else than a whole polygon or
    multipolygon of closed rings.
    """
    read = [_chunk(chunk) for chunk in column.chunks]
    if any(each is None for each in read):
        return None
    return joined([each for each in read if each is not None])


def _chunk(chunk: Any) -> Ragged | None:
    """One run of rows. Its two passes count, then copy."""
    known = ~np.asarray(chunk.is_null())
    width = np.int64 if "large" in str(chunk.type) else np.int32
    _, offsets, data = chunk.buffers()
    starts = np.frombuffer(offsets, width)[chunk.offset:chunk.offset + len(chunk) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    ends = np.zeros((len(chunk) + 1, 3), dtype=np.int64)
    none = Ragged(np.zeros((0, 2)), *(np.zeros(0, dtype=np.int64),) * 3)
    over_rows(_read, len(chunk), text, starts.astype(np.int64), known, ends[1:], none)
    if (ends < 0).any():
        return None
    ends = np.cumsum(ends, axis=0)
    made = Ragged(np.empty((ends[-1, 2], 2)), np.zeros(ends[-1, 1] + 1, dtype=np.int64),
                  np.zeros(ends[-1, 0] + 1, dtype=np.int64), np.ascontiguousarray(ends[:, 0]))
    over_rows(_read, len(chunk), text, starts.astype(np.int64), known, ends[:-1], made)
    return made


@compiled
def _read(
    start: int, stop: int, text: Bytes, starts: Indices, known: npt.NDArray[np.bool_],
    counts: Indices, made: Ragged,
) -> None:
    """Rows of WKB: parts, rings and vertices into `counts`, −1 for a row that is not ours.

    With room in `made`, `counts` are what stands before each row, and the row is copied.
    """
    filling = len(made.features) > 0
    target = made.xy.view(np.uint8).reshape(-1)
    rings, parts = made.rings, made.parts
    place = np.zeros(4, dtype=np.int64)
    for row in range(start, stop):
        if not known[row]:
            continue
        place[:3] = counts[row] if filling else np.zeros(3, dtype=np.int64)
        at = _row(text, starts[row], starts[row + 1], place, filling, target, rings, parts)
        if not filling:
            counts[row] = place[:3]
            if at < 0:
                counts[row] = -1


@compiled
def _row(
    text: Bytes, at: int, last: int, place: Indices, filling: bool, target: Bytes, rings: Indices,
    parts: Indices,
) -> int:
    """One row, from `at` to `last`; where it ends, or −1. `place` counts what has been read."""
    kind, step, at = _head(text, at, last)
    polygons = 1
    if kind == MULTIPOLYGON:
        polygons, at = _count(text, at, last)
    elif kind != POLYGON:
        return -1
    for _ in range(polygons):
        if kind == MULTIPOLYGON:
            inner, step, at = _head(text, at, last)
            if inner != POLYGON:
                return -1
        before = place[1]
        at = _polygon(text, at, last, step, place, filling, target, rings)
        if at < 0:
            return -1
        if place[1] > before:
            if filling:
                parts[place[0] + 1] = place[1]
            place[0] += 1
    return at


@compiled
def _polygon(
    text: Bytes, at: int, last: int, step: int, place: Indices, filling: bool, target: Bytes,
    rings: Indices,
) -> int:
    """The rings of one polygon; where they end, or −1."""
    total, at = _count(text, at, last)
    for _ in range(total):
        size, at = _count(text, at, last)
        if at < 0 or size * step > last - at or 0 < size < LEAST_RING:
            return -1
        if size:
            if filling:
                _copy(text, at, size, step, target, place[2])
                rings[place[1] + 1] = place[2] + size
            place[1], place[2] = place[1] + 1, place[2] + size
        at += size * step
    return at


@compiled
def _head(text: Bytes, at: int, last: int) -> tuple[int, int, int]:
    """Kind of a geometry, bytes of its vertices, and where its body begins; (0, 0, −1) if none."""
    if at < 0 or at + 5 > last or text[at] != 1:
        return 0, 0, -1
    told = _number(text, at + 1)
    at += 9 if told & 0x20000000 else 5  # a reference system may stand before the body
    axes = 2 + (told >> 31 & 1) + (told >> 30 & 1)
    told &= 0x1FFFFFFF
    axes += (told // 1000 + 1) // 2 if told < 4000 else 0
    return told % 1000, 8 * axes, at


@compiled
def _count(text: Bytes, at: int, last: int) -> tuple[int, int]:
    """A number of things that follow, and where they begin; (0, −1) where the row ends first."""
    if at < 0 or at + 4 > last:
        return 0, -1
    return _number(text, at), at + 4


@compiled
def _number(text: Bytes, at: int) -> int:
    return int(np.int64(text[at]) | np.int64(text[at + 1]) << 8 | np.int64(text[at + 2]) << 16
               | np.int64(text[at + 3]) << 24)


@compiled
def _copy(text: Bytes, at: int, size: int, step: int, target: Bytes, vertex: int) -> None:
    to = vertex * 16
    if step == 16:
        for byte in range(size * 16):
            target[to + byte] = text[at + byte]
        return
    for k in range(size):
        for byte in range(16):
            target[to + k * 16 + byte] = text[at + k * step + byte]


__all__ = ["ragged_of_wkb"]
