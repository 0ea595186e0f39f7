"""The plan of the county: columns and rows of blocks, the lines between, what each is for.

A *block* is about a kilometre of polder; a *spine* is the bundle of lines between two blocks:
canal, road and tree belt side by side. The river is a spine like the others: the warp makes it
wind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from zoning.demo.cells import Integers, mm

PARCELS_PER_BLOCK = 146


class Use(IntEnum):
    """What a block is."""

    OUTSIDE = -1
    FARM = 0
    PARK = 1
    TOWN = 2
    PONDS = 3
    SHORE = 4


@dataclass(frozen=True)
class Spine:
    """Lines side by side between two blocks: class and width in metres, from west or south.

    Where two spines cross, the one of higher `rank` runs through.
    """

    rank: int
    lines: tuple[tuple[str, float], ...]

    @property
    def width(self) -> int:
        """Width of the bundle, mm."""
        return sum(mm(width) for _, width in self.lines)


LANE = Spine(0, (("1006", 5), ("1107", 6)))
CANAL = Spine(1, (("1006", 4.5), ("0307", 5), ("1107", 13), ("1006", 3.5)))
CANAL_BELT = Spine(1, (("1107", 11), ("0307", 8), ("1006", 5)))
MAIN_CANAL = Spine(3, (("1006", 5), ("0307", 9), ("1107A", 27), ("0307", 9)))
HIGHWAY = Spine(5, (("0301", 9), ("1003", 25), ("0301", 9), ("1107", 6)))
SEA_WALL = Spine(4, (("1107", 18), ("1006", 6), ("1109", 16)))
RIVER = Spine(4, (("1109", 6), ("0301", 24), ("1101", 78), ("1106", 20), ("0301", 18),
                  ("1109", 6)))


@dataclass(frozen=True)
class Layout:
    """Where blocks and spines lie (mm, origin in the county's middle) and what each block is.

    `columns` and `rows` are (n, 2) starts and ends of the blocks; `upright` and `level` are the
    spines after each of them but the last. `uses[column, row]` is a `Use`. In the farm blocks
    `reclaimed` (column times the number of rows, plus row) the north hamlet has become farmland.
    `parcels` is the size that was asked for.
    """

    columns: Integers
    rows: Integers
    upright: tuple[Spine, ...]
    level: tuple[Spine, ...]
    uses: Integers
    river: int
    hamlet_rows: tuple[tuple[bool, bool], ...]
    reclaimed: frozenset[int]
    parcels: int

    @property
    def river_v(self) -> int:
        """The middle of the river, mm."""
        return int(self.rows[self.river, 1] + self.rows[self.river + 1, 0]) // 2

    @property
    def shore_u(self) -> int:
        """The middle of the sea wall, mm."""
        return int(self.columns[-2, 1] + self.columns[-1, 0]) // 2


def plan(rng: np.random.Generator, *, parcels: int) -> Layout:
    """A plan for about that many parcels; at least three columns by two rows of blocks."""
    count = max(6.0, parcels / PARCELS_PER_BLOCK)
    n_rows = max(2, round(math.sqrt(count / 0.82)))
    n_columns = max(3, round(count / n_rows))
    river = max(0, round(0.3 * n_rows) - 1)
    uses = assign_uses(rng, n_columns, n_rows, river)
    upright = upright_spines(rng, uses)
    level = level_spines(rng, n_rows, river, uses)
    widths = [*rng.integers(1800, 2260, n_columns) * 500, mm(420)]
    heights = rng.integers(1260, 1560, n_rows) * 500
    hamlets = tuple((bool(a < 0.9), bool(b < 0.45)) for a, b in rng.random((n_rows, 2)))
    farms = np.flatnonzero(uses == Use.FARM)
    gone = rng.choice(farms, max(1, round(0.24 * len(farms))), replace=False)
    return Layout(_placed(widths, upright), _placed(list(heights), level), upright, level,
                  uses, river, hamlets, frozenset(int(block) for block in gone), parcels)


def assign_uses(rng: np.random.Generator, n_columns: int, n_rows: int, river: int) -> Integers:
    """What each block is: parks together, the town west of them, ponds in the east, corners cut."""
    uses = np.full((n_columns + 1, n_rows), int(Use.FARM), dtype=np.int64)
    uses[n_columns, :] = Use.SHORE
    uses[n_columns - max(1, round(0.16 * n_columns)):n_columns, :] = Use.PONDS
    _cut_corners(rng, uses)
    area = n_columns * n_rows
    column, row = 0.60 * (n_columns - 1), river + 0.50 * (n_rows - river)
    _settle(uses, column, row, round(0.95 * area**0.45), Use.PARK)
    west = np.flatnonzero((uses == Use.PARK).any(axis=1)).min()
    _settle(uses, west - 1.0, row, max(1, round(0.4 * area**0.45)), Use.TOWN)
    for _ in range(round(area / 55)):
        _settle(uses, rng.uniform(0, n_columns), rng.uniform(0, n_rows), 1, Use.TOWN)
    return uses


def _settle(uses: Integers, column: float, row: float, count: int, use: Use) -> None:
    """Give the `count` farm blocks nearest to a place another use."""
    columns, rows = np.indices(uses.shape)
    distance = np.hypot(columns - column, 0.75 * (rows - row))
    distance[uses != Use.FARM] = np.inf
    nearest = np.argsort(distance, axis=None, kind="stable")[:count]
    chosen = nearest[np.isfinite(distance.ravel()[nearest])]
    uses.ravel()[chosen] = use


def _cut_corners(rng: np.random.Generator, uses: Integers) -> None:
    columns, rows = uses.shape
    reach = round(0.28 * min(columns, rows))
    if min(columns, rows) < 5:
        return
    for east in (False, True):
        for north in (False, True):
            depth = int(rng.integers(0, reach + 1)) if east else int(rng.integers(1, reach + 1))
            for step in range(depth):
                length = max(1, depth - step)
                column = columns - 1 - step if east else step
                part = slice(rows - length, rows) if north else slice(0, length)
                uses[column, part] = Use.OUTSIDE


def upright_spines(rng: np.random.Generator, uses: Integers) -> tuple[Spine, ...]:
    """The spines that run north: the highway west of the parks, a main canal now and then."""
    columns = len(uses)
    west = int(np.flatnonzero((uses == Use.PARK).any(axis=1)).min())
    highways = {max(0, west - 1) + step * 9 for step in range(-columns, columns)}
    drawn = rng.integers(0, 3, columns)
    chosen = []
    for place in range(columns - 2):
        if place in highways:
            chosen.append(HIGHWAY)
        elif place % 5 == 1:
            chosen.append(MAIN_CANAL)
        else:
            chosen.append((CANAL, CANAL_BELT, LANE)[drawn[place]])
    return (*chosen, SEA_WALL)


def level_spines(
    rng: np.random.Generator, n_rows: int, river: int, uses: Integers
) -> tuple[Spine, ...]:
    """The spines that run east: rivers, the highway south of the parks, main canals, canals."""
    south = int(np.flatnonzero((uses == Use.PARK).any(axis=0)).min())
    highways = {south - 1 + step * 10 for step in range(-n_rows, n_rows)}
    drawn = rng.integers(0, 3, n_rows)
    chosen = []
    for place in range(n_rows - 1):
        if place == river or (place - river) % 25 == 0:
            chosen.append(RIVER)
        elif place in highways:
            chosen.append(HIGHWAY)
        elif place % 6 == 5:
            chosen.append(MAIN_CANAL)
        else:
            chosen.append((CANAL, CANAL_BELT, CANAL)[drawn[place]])
    return tuple(chosen)


def _placed(lengths: list[int], spines: tuple[Spine, ...]) -> Integers:
    """Starts and ends of blocks of those lengths with the spines between, around the origin."""
    gaps = [0, *(spine.width for spine in spines)]
    starts = np.cumsum(gaps) + np.concatenate(([0], np.cumsum(lengths)[:-1]))
    ends = starts + np.asarray(lengths)
    middle = ends[-1] // 1000 * 500
    placed: Integers = np.column_stack((starts, ends)).astype(np.int64) - middle
    return placed


__all__ = ["PARCELS_PER_BLOCK", "RIVER", "Layout", "Spine", "Use", "plan"]
