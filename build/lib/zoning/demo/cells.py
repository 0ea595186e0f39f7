"""Rectangular cells of the county's undistorted plan, in whole millimetres.

The plan is a plane (u east, v north). Every cut lies on a half-metre grid, so that no two vertices
of the finished map come closer than that; the smooth warp of `zoning.demo.warp` is applied later.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zoning.codes.reader import land_classes

Integers = NDArray[np.int64]
GRID_MM = 500
CODES = tuple(sorted(land_classes("sd2020").classes))
"""Class codes in a fixed order: a cell stores the position."""
_POSITION = {code: position for position, code in enumerate(CODES)}


class Tag(IntEnum):
    """What a cell is for, beyond its land class."""

    SPINE = 0
    LANE = 1
    FIELD = 2
    HAMLET = 3
    WATER = 4
    LOT = 5
    VACANT = 6
    STREET = 7
    FLAT = 8
    BANK = 9
    RIVER = 10
    SPOT = 11
    RECLAIMED = 12


class Box(NamedTuple):
    """A rectangle of the plan, mm."""

    u0: int
    v0: int
    u1: int
    v1: int


class Chunk(NamedTuple):
    """Cells that belong together (one row of strips, one street net): they become one group.

    `boxes` is (n, 4): u0, v0, u1, v1 in mm; `codes` holds positions in `CODES`.
    """

    tag: Tag
    boxes: Integers
    codes: Integers


class Cells(NamedTuple):
    """All cells of a county as parallel arrays, in their order of making."""

    boxes: Integers
    codes: Integers
    tags: Integers
    blocks: Integers
    groups: Integers


def mm(metres: float) -> int:
    """Metres as millimetres, on the half-metre grid."""
    return round(metres * 2) * GRID_MM


def position(code: str) -> int:
    """Where a class code stands in `CODES`. Raises KeyError for an unknown code."""
    return _POSITION[code]


def is_code(codes: Integers, *wanted: str) -> NDArray[np.bool_]:
    """Which positions stand for one of the wanted class codes."""
    return np.isin(codes, [position(code) for code in wanted])


def chunk(tag: Tag, boxes: Sequence[Sequence[int]] | Integers, codes: Sequence[str]) -> Chunk:
    """A chunk from boxes and their class codes."""
    return Chunk(
        tag,
        np.asarray(boxes, dtype=np.int64).reshape(-1, 4),
        np.array([position(code) for code in codes], dtype=np.int64),
    )


def divide(
    rng: np.random.Generator, start: int, stop: int, *, low: float, high: float
) -> Integers:
    """Cut a stretch into pieces between `low` and `high` metres, as far as it divides.

    Returns the edges, `start` and `stop` among them.
    """
    count = max(1, round((stop - start) / ((low + high) * 500)))
    widths = rng.uniform(low, high, count)
    edges = start + (stop - start) * np.concatenate(([0.0], np.cumsum(widths) / widths.sum()))
    cuts: Integers = (np.rint(edges / GRID_MM) * GRID_MM).astype(np.int64)
    return cuts


class Lane(NamedTuple):
    """A narrow line between two slots: its class and where it lies, mm."""

    code: str
    start: int
    stop: int


def interleave(
    rng: np.random.Generator,
    start: int,
    stop: int,
    *,
    low: float,
    high: float,
    between: Sequence[tuple[str, float]],
) -> tuple[list[tuple[int, int]], list[Lane]]:
    """Cut a stretch into slots with the lines `between` (class, width in m) in every gap."""
    gap = sum(mm(width) for _, width in between)
    count = max(1, round((stop - start + gap) / ((low + high) * 500 + gap)))
    edges = divide_into(rng, stop - start - gap * (count - 1), count, spread=high / low)
    slots, lanes = [], []
    for number in range(count):
        a = start + int(edges[number]) + gap * number
        b = start + int(edges[number + 1]) + gap * number
        slots.append((a, b))
        if number < count - 1:
            lanes.extend(_lanes(b, between))
    return slots, lanes


def divide_into(rng: np.random.Generator, length: int, count: int, *, spread: float) -> Integers:
    """Edges of `count` pieces of a length, the widest about `spread` times the narrowest."""
    widths = rng.uniform(1.0, spread, count)
    edges = length * np.concatenate(([0.0], np.cumsum(widths) / widths.sum()))
    cuts: Integers = (np.rint(edges / GRID_MM) * GRID_MM).astype(np.int64)
    return cuts


def _lanes(start: int, between: Sequence[tuple[str, float]]) -> list[Lane]:
    lanes = []
    for code, width in between:
        lanes.append(Lane(code, start, start + mm(width)))
        start += mm(width)
    return lanes


def upright(tag: Tag, edges: Integers, v0: int, v1: int, codes: Integers) -> Chunk:
    """Cells side by side from south `v0` to north `v1`, cut at `edges`."""
    count = len(edges) - 1
    boxes = np.column_stack(
        (edges[:-1], np.full(count, v0), edges[1:], np.full(count, v1))
    ).astype(np.int64)
    return Chunk(tag, boxes, codes)


def draw(
    rng: np.random.Generator, count: int, weights: dict[str, float]
) -> Integers:
    """Positions of class codes drawn by weight."""
    codes = np.array([position(code) for code in weights], dtype=np.int64)
    shares = np.array(list(weights.values()))
    drawn: Integers = codes[rng.choice(len(codes), count, p=shares / shares.sum())]
    return drawn
