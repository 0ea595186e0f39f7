"""The cheap steps: bounds by prices alone over all cells, and first sites by growth and repair."""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled
from zoning.siting.branch import round_enough
from zoning.siting.connect import cost_of, fits, grow, improve
from zoning.siting.cover import Bins, Ground, Window, members, window
from zoning.siting.dual import Ask, climb
from zoning.siting.model import Flags, Floats, Ints

ROUNDS = 24
TRIES = 60
STARTS = 3


@compiled
def sweep(
    ground: Ground, grid: Bins, ask: Ask, cells: Floats, prices: Ints, place: Ints, item: Ints,
    target: int,
) -> tuple[Ints, Flags]:
    """The scaled bound of every cell, and whether it has too little land; prices are left improved.

    Prices, and pushes along single borders.
    """
    found = np.empty(len(cells), np.int64)
    empty = np.zeros(len(cells), np.bool_)
    for number in range(len(cells)):
        count = members(ground, grid, cells[number], ask.radius, item)
        area, met = 0, not ask.needs_access
        for k in range(count):
            area += ground.area[item[k]]
            met = met or ground.access[item[k]]
        if area < ask.area_min or not met:
            empty[number] = True
            found[number] = 0
            continue
        w = window(ground, item[:count].copy(), place)
        state = np.zeros(count, np.int64)
        r = np.empty(count, np.int64)
        found[number] = climb(w, ask, state, prices[number], r, target, ROUNDS, 1, -1)
    return found, empty


@compiled
def first_site(
    w: Window, ask: Ask, prices: Ints, target: int, corner_start: Ints, corner: Floats
) -> tuple[int, Ints]:
    """A good site of a window and its scaled value; an empty one where none was found."""
    n = len(w.item)
    state, r = np.zeros(n, np.int64), np.empty(n, np.int64)
    best, value = np.zeros(n, np.int64), 1 << 61
    mark, used = np.zeros(n, np.int64), np.zeros(len(ask.budget), np.int64)
    climb(w, ask, state, prices, r, target, 16, 2, -1)
    ranked = np.argsort(r)
    for start in range(min(STARTS, n)):
        mark[:] = 0
        mark[ranked[start * 3 % n]] = 1
        if not grow(w, ask, state, r, mark, used, 0.0) or not fits(w, ask, mark):
            continue
        improve(w, ask, state, mark, used, TRIES // STARTS, start)
        found = cost_of(w, mark)
        if found < value and round_enough(w, ask, mark, corner_start, corner):
            value = found
            best[:] = mark
    return value, best
