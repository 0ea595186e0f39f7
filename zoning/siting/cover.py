"""Windows: every admissible site lies in a circle of radius R whose centre is in some cell.

Square cells cover all possible centres. A parcel whose least circle is (c, ρ) fits into a circle of
radius R about z only where |c − z|² ≤ R² − ρ² (some corner on its least circle lies away from z).
So the window of a cell are the open parcels whose centre is that near to the cell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zoning.measure.compiled import compiled
from zoning.siting.model import Flags, Floats, Ints, Land

SLACK = 1e-6
"""Metres by which a distance may be off in floating point."""


class Bins(NamedTuple):
    """Parcels sorted into square bins of a grid, to find those near a cell."""

    west: float
    south: float
    side: float
    across: int
    down: int
    start: Ints
    item: Ints


class Ground(NamedTuple):
    """What the kernels read of the county: scaled base costs, areas, quotas, borders.

    `base` is ``scale · (c + λ · outline shared with nobody)`` plus nothing else; `cap` is
    ``scale · λ · l`` of each border.
    """

    base: Ints
    area: Ints
    quota: Ints
    start: Ints
    to: Ints
    cap: Ints
    x: Floats
    y: Floats
    near: Floats
    access: Flags


class Window(NamedTuple):
    """The parcels of one cell as a small county; `item` are their numbers in the whole."""

    item: Ints
    base: Ints
    area: Ints
    quota: Ints
    start: Ints
    to: Ints
    cap: Ints
    back: Ints
    flow: Ints
    x: Floats
    y: Floats
    near: Floats
    access: Flags


def bins(land: Land, usable: Flags, side: float) -> Bins:
    """Sort usable parcels into bins of a given side in metres."""
    which = np.flatnonzero(usable)
    west, south = (float(v[which].min()) if len(which) else 0.0 for v in (land.x, land.y))
    column = ((land.x[which] - west) // side).astype(np.int64)
    row = ((land.y[which] - south) // side).astype(np.int64)
    across = int(column.max(initial=0)) + 1
    down = int(row.max(initial=0)) + 1
    place = row * across + column
    order = np.argsort(place, kind="stable")
    counted = np.bincount(place, minlength=across * down)
    start = np.concatenate(([0], np.cumsum(counted))).astype(np.int64)
    return Bins(west, south, side, across, down, start, which[order].astype(np.int64))


def cells(found: Bins, side: float, margin: float) -> NDArray[np.float64]:
    """The cells of a grid over all parcels: west, south, side. A circle's centre lies in one.

    The least circle around a site is centred in the hull of its corners, and no corner is further
    than `margin` from the centre of its own parcel.
    """
    across = int(np.ceil((found.across * found.side + 2 * margin) / side))
    down = int(np.ceil((found.down * found.side + 2 * margin) / side))
    grid = np.indices((down, across)).reshape(2, -1)
    return np.stack((found.west - margin + grid[1] * side, found.south - margin + grid[0] * side,
                     np.full(across * down, side)), axis=1)


@compiled
def members(ground: Ground, grid: Bins, cell: Floats, radius: float, out: Ints) -> int:
    """Write the parcels of a cell's window into `out`; returns how many."""
    west, south, side = cell[0], cell[1], cell[2]
    first_c = max(0, int((west - radius - grid.west) // grid.side))
    last_c = min(grid.across - 1, int((west + side + radius - grid.west) // grid.side))
    first_r = max(0, int((south - radius - grid.south) // grid.side))
    last_r = min(grid.down - 1, int((south + side + radius - grid.south) // grid.side))
    count = 0
    for row in range(first_r, last_r + 1):
        for column in range(first_c, last_c + 1):
            place = row * grid.across + column
            for k in range(grid.start[place], grid.start[place + 1]):
                i = grid.item[k]
                dx = max(west - ground.x[i], 0.0, ground.x[i] - west - side)
                dy = max(south - ground.y[i], 0.0, ground.y[i] - south - side)
                if dx * dx + dy * dy <= (ground.near[i] + SLACK) ** 2:
                    out[count] = i
                    count += 1
    return count


@compiled
def window(ground: Ground, item: Ints, place: Ints) -> Window:
    """The small county of some parcels; `place` is scratch of the whole county, −1 throughout.

    A border with a parcel outside is outline: it is paid in full.
    """
    n, columns = len(item), ground.quota.shape[1]
    for k in range(n):
        place[item[k]] = k
    base = np.empty(n, np.int64)
    area = np.empty(n, np.int64)
    quota = np.empty((n, columns), np.int64)
    start = np.zeros(n + 1, np.int64)
    for k in range(n):
        i = item[k]
        base[k] = ground.base[i]
        area[k] = ground.area[i]
        quota[k] = ground.quota[i]
        inner = 0
        for arc in range(ground.start[i], ground.start[i + 1]):
            if place[ground.to[arc]] >= 0:
                inner += 1
            else:
                base[k] += ground.cap[arc]
        start[k + 1] = start[k] + inner
    to = np.empty(start[n], np.int64)
    cap = np.empty(start[n], np.int64)
    for k in range(n):
        at = start[k]
        for arc in range(ground.start[item[k]], ground.start[item[k] + 1]):
            if place[ground.to[arc]] >= 0:
                to[at] = place[ground.to[arc]]
                cap[at] = ground.cap[arc]
                at += 1
    for k in range(n):
        place[item[k]] = -1
    return Window(item, base, area, quota, start, to, cap, reverse(start, to),
                  np.zeros(len(to), np.int64), ground.x[item], ground.y[item], ground.near[item],
                  ground.access[item])


@compiled
def reverse(start: Ints, to: Ints) -> Ints:
    """For every arc the number of the arc back."""
    back = np.empty(len(to), np.int64)
    for i in range(len(start) - 1):
        for arc in range(start[i], start[i + 1]):
            for other in range(start[to[arc]], start[to[arc] + 1]):
                if to[other] == i:
                    back[arc] = other
                    break
    return back


@compiled
def outside(
    ground: Ground, grid: Bins, item: Ints, others: Floats, radius: float, place: Ints, out: Ints
) -> Flags:
    """For every other cell (a row), which of some parcels are not in its window."""
    found = np.ones((len(others), len(item)), np.bool_)
    for k in range(len(item)):
        place[item[k]] = k
    for row in range(len(others)):
        count = members(ground, grid, others[row], radius, out)
        for m in range(count):
            if place[out[m]] >= 0:
                found[row, place[out[m]]] = False
    for k in range(len(item)):
        place[item[k]] = -1
    return found
