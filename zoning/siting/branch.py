"""Branch and bound in one window, depth first, with prices and flows carried from node to node.

A node fixes parcels as taken (1) or left out (−1). At each node: prices climb a little, parcels are
fixed whose reduced cost, or whose way from the root, would lift the bound over the limit; limits on
area and quota fix more. The first parcel taken is the root; branching follows the way from the root
to what is worth reaching, so that leaving out a parcel of every way (a separator) closes a side.
Prices and flows are valid at every node (see `flow`), so going back only frees parcels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoning.measure.compiled import compiled
from zoning.siting.ascent import charge
from zoning.siting.connect import FAR, component, cost_of, fits, grow, least_circle, ways
from zoning.siting.cover import Window
from zoning.siting.dual import Ask, bound_of, climb, fixed_part, reduce
from zoning.siting.model import Flags, Floats, Ints

GREEDY_EVERY = 16
TRIED = 8


class Desk(NamedTuple):
    """Scratch of one window; `trail` are the parcels fixed, in order."""

    state: Ints
    r: Ints
    far: Ints
    via: Ints
    queue: Ints
    mark: Ints
    wanted: Ints
    used: Ints
    trail: Ints
    size: Ints
    best: Ints


class Bars(NamedTuple):
    """What else a site has to meet.

    `corner_start` and `corner` are those of the land. No part of a row of `barred` is a site.
    A site that holds no parcel of some row of `beyond` lies in a window closed before and is passed
    over.
    """

    corner_start: Ints
    corner: Floats
    barred: Flags
    beyond: Flags


@compiled
def desk(n: int, columns: int) -> Desk:
    """Scratch for n parcels.

    ``size[0]`` is the length of the trail, ``size[1]`` the root, ``size[2]`` is 1 where two parcels
    taken cannot lie in one circle.
    """
    size = np.zeros(3, np.int64)
    size[1] = -1
    return Desk(np.zeros(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64),
                np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.int64),
                np.zeros(n, np.int64), np.zeros(columns, np.int64), np.empty(n, np.int64), size,
                np.zeros(n, np.int64))


@compiled
def fix(d: Desk, i: int, value: int) -> None:
    """Take a parcel or leave it out."""
    d.state[i] = value
    d.trail[d.size[0]] = i
    d.size[0] += 1
    if value == 1 and d.size[1] < 0:
        d.size[1] = i


@compiled
def undo(d: Desk, length: int, root: int) -> None:
    """Free the parcels fixed since the trail had some length."""
    while d.size[0] > length:
        d.size[0] -= 1
        d.state[d.trail[d.size[0]]] = 0
    d.size[1], d.size[2] = root, 0


@compiled
def fix_by_limits(w: Window, ask: Ask, d: Desk) -> bool:
    """Leave out what no longer fits into area, quota or circle; False where nothing can fit."""
    area, could, met = 0, 0, not ask.needs_access
    d.used[:] = 0
    for i in range(len(d.state)):
        if d.state[i] >= 0:
            could += w.area[i]
            met = met or w.access[i]
        if d.state[i] == 1:
            area += w.area[i]
            for k in range(len(d.used)):
                d.used[k] += w.quota[i, k]
    if could < ask.area_min or area > ask.area_max or not met or d.size[2]:
        return False
    for k in range(len(d.used)):
        if d.used[k] > ask.budget[k]:
            return False
    for i in range(len(d.state)):
        if d.state[i] == 0:
            full = area + w.area[i] > ask.area_max
            for k in range(len(d.used)):
                full = full or d.used[k] + w.quota[i, k] > ask.budget[k]
            if full:
                fix(d, i, -1)
    return True


@compiled
def fix_by_distance(w: Window, d: Desk, i: int) -> bool:
    """Leave out what cannot lie in one circle with a parcel taken; False where one taken cannot."""
    for j in range(len(d.state)):
        if d.state[j] >= 0 and j != i:
            apart = np.hypot(w.x[i] - w.x[j], w.y[i] - w.y[j])
            if apart > w.near[i] + w.near[j] + 1e-5:
                if d.state[j] == 1:
                    d.size[2] = 1
                    return False
                fix(d, j, -1)
    return True


@compiled
def fix_by_cost(w: Window, d: Desk, low: int, limit: int, beyond: Flags) -> bool:
    """Fix what would lift the bound over the limit otherwise; False where the node is closed."""
    root = d.size[1]
    if root >= 0:
        ways(w, d.state, d.r, root, d.far, d.via, d.queue)
    if not _sticks_out(d, low, limit, beyond):
        return False
    for i in range(len(d.state)):
        way = d.far[i] if root >= 0 else 0
        if d.state[i] == 1 and (way >= FAR or low + way > limit):
            return False
        if d.state[i] != 0:
            continue
        if way >= FAR or low + way + max(0, d.r[i]) > limit:
            fix(d, i, -1)
        elif d.r[i] < 0 and low - d.r[i] > limit:
            fix(d, i, 1)
            if not fix_by_distance(w, d, i):
                return False
    return True


@compiled
def _sticks_out(d: Desk, low: int, limit: int, beyond: Flags) -> bool:
    """Whether a site can reach beyond every window closed before without lifting the bound too far.

    A site that lies within a closed window has been dealt with there.
    """
    for row in range(len(beyond)):
        least = int(FAR)
        for i in range(len(d.state)):
            if beyond[row, i] and d.state[i] >= 0:
                if d.state[i] == 1:
                    least = 0
                    break
                way = d.far[i] if d.size[1] >= 0 else 0
                least = min(least, int(way + max(0, d.r[i])))
        if least >= FAR or low + least > limit:
            return False
    return True


@compiled
def tighten(
    w: Window, ask: Ask, d: Desk, prices: Ints, limit: int, rounds: int, flows: int, beyond: Flags
) -> int:
    """The bound of a node after fixing all that can be; over `limit` where it is closed."""
    best = -(1 << 62)
    for _ in range(6):
        before = d.size[0]
        if not fix_by_limits(w, ask, d):
            return limit + 1
        best = max(best, climb(w, ask, d.state, prices, d.r, limit, rounds, flows, d.size[1]))
        if best > limit:
            return best
        low = bound_of(d.state, d.r, fixed_part(ask, prices[0], prices[1:]))
        if low > limit or not fix_by_cost(w, d, low, limit, beyond):
            return limit + 1
        if d.size[0] - before <= 1:
            break
    return best


@compiled
def candidate(w: Window, ask: Ask, d: Desk, greedy: bool) -> bool:
    """Read a site off the node into ``d.mark``: what is cheap and hangs together with the root."""
    root = d.size[1]
    if root < 0:
        cheapest = np.int64(1) << 61
        for i in range(len(d.state)):
            if d.state[i] == 0 and d.r[i] < cheapest:
                cheapest, root = d.r[i], i
        if root < 0 or not greedy:
            return False
    for i in range(len(d.state)):
        d.wanted[i] = 1 if d.state[i] == 1 or (d.state[i] == 0 and d.r[i] < 0) else 0
    component(w, d.wanted, root, d.mark, d.queue)
    if greedy and not _holds_area(w, ask, d.mark):
        for i in range(len(d.state)):
            d.wanted[i] = 1 if d.state[i] == 1 else 0
        component(w, d.wanted, root, d.mark, d.queue)
    if greedy and not grow(w, ask, d.state, d.r, d.mark, d.used, 0.0):
        return False
    for i in range(len(d.state)):
        if d.state[i] == 1 and not d.mark[i]:
            return False
    return fits(w, ask, d.mark)


@compiled
def _holds_area(w: Window, ask: Ask, mark: Ints) -> bool:
    area = 0
    for i in range(len(mark)):
        if mark[i]:
            area += w.area[i]
    return area <= ask.area_max


@compiled
def choose(w: Window, ask: Ask, d: Desk, prices: Ints, gap: int) -> int:
    """The free parcel to branch on; −1 where none is free.

    Without a root the one most worth having. With one, a few are tried that must pay most for
    their way, or that others pay most for: the one whose two sides lift the bound most.
    """
    root, n = d.size[1], len(d.state)
    plain = np.empty(n, np.int64)
    reduce(w, prices[0], prices[1:], plain)
    if root < 0:
        return cheapest(d.state, plain)
    ways(w, d.state, plain, root, d.far, d.via, d.queue)
    score = np.zeros(n, np.int64)
    for i in range(n):
        if d.state[i] == 0:
            score[i] = -1 - abs(plain[i] - d.r[i]) - min(max(0, -plain[i]), d.far[i])
    order = np.argsort(score)
    best, found, floor = -1.0, -1, bound_of(d.state, d.r, 0)
    for i in order[:TRIED]:
        if d.state[i] != 0:
            break
        gain = (lift(w, d, root, plain, i, 1, floor, gap, ask.scale)
                * lift(w, d, root, plain, i, -1, floor, gap, ask.scale))
        if gain > best:
            best, found = gain, i
    return found


@compiled
def lift(
    w: Window, d: Desk, root: int, plain: Ints, i: int, side: int, floor: int, gap: int, scale: int
) -> float:
    """How far taking a parcel (1) or leaving it out (−1) lifts the bound; at least one unit."""
    trial = plain.copy()
    d.state[i] = side
    found = gap
    if charge(w, d.state, root, trial):
        found = min(gap, bound_of(d.state, trial, 0) - floor)
    d.state[i] = 0
    return float(max(scale, found))


@compiled
def cheapest(state: Ints, r: Ints) -> int:
    """The free parcel with the least reduced cost; −1 where none is."""
    best, found = np.int64(1) << 61, -1
    for i in range(len(state)):
        if state[i] == 0 and r[i] < best:
            best, found = r[i], i
    return found


@compiled
def limit_of(value: int, slack: float, scale: int) -> int:
    """The greatest scaled bound at which a node is still worth a look: whole costs only."""
    return value - scale * (1 + int(slack * abs(value // scale)))


@compiled
def solve(
    w: Window, ask: Ask, prices: Ints, value: int, slack: float, node_limit: int, d: Desk,
    bars: Bars,
) -> tuple[int, int, int]:
    """Search a window for a site that costs less than `value`; all costs scaled.

    A node is closed once its bound is over ``value − slack·|value|``. Returns the value of the best
    site (marked in ``d.best``, the old value where there is none), the bound of the window, and the
    number of nodes.
    """
    n = len(w.item)
    depth, nodes = 0, 0
    length, root = np.zeros(n + 2, np.int64), np.zeros(n + 2, np.int64)
    chosen, untried = np.zeros(n + 2, np.int64), np.zeros(n + 2, np.bool_)
    low = np.full(n + 2, -(1 << 62), np.int64)
    closed = 1 << 61
    while True:
        nodes += 1
        limit = limit_of(value, slack, ask.scale)
        rounds, flows = (24, 2) if nodes == 1 else (8, 1)
        bound = tighten(w, ask, d, prices, limit, rounds, flows, bars.beyond)
        bound = max(bound, low[depth])
        if bound <= limit:
            value = _try(w, ask, d, value, nodes, bars)
            limit = limit_of(value, slack, ask.scale)
        branch = choose(w, ask, d, prices, limit - bound + 1) if bound <= limit else -1
        if branch >= 0 and nodes < node_limit:
            depth += 1
            length[depth], root[depth], chosen[depth] = d.size[0], d.size[1], branch
            low[depth] = bound
            untried[depth] = True
            fix(d, branch, 1)
            fix_by_distance(w, d, branch)
            continue
        if branch >= 0:
            return value, _open_bound(low, untried, depth, bound, closed), nodes
        closed = min(closed, max(bound, limit + 1))
        while depth and not untried[depth]:
            depth -= 1
        if not depth:
            return value, min(closed, value), nodes
        undo(d, length[depth], root[depth])
        untried[depth] = False
        fix(d, chosen[depth], -1)


@compiled
def _open_bound(low: Ints, untried: Flags, depth: int, bound: int, closed: int) -> int:
    """The least bound over the nodes still open and those closed."""
    found = min(bound, closed)
    for level in range(1, depth + 1):
        if untried[level]:
            found = min(found, low[level])
    return found


@compiled
def _try(
    w: Window, ask: Ask, d: Desk, value: int, nodes: int, bars: Bars
) -> int:
    """Keep the site that a node shows, if it is better and not barred."""
    if not candidate(w, ask, d, False):
        if nodes > 4 and nodes % GREEDY_EVERY:
            return value
        if not candidate(w, ask, d, True):
            return value
    found = cost_of(w, d.mark)
    if (found < value and not _is_barred(w, d.mark, bars.barred)
            and round_enough(w, ask, d.mark, bars.corner_start, bars.corner)):
        d.best[:] = d.mark
        return found
    return value


@compiled
def _is_barred(w: Window, mark: Ints, barred: Flags) -> bool:
    for row in range(len(barred)):
        inside = True
        for i in range(len(mark)):
            if mark[i] and not barred[row, w.item[i]]:
                inside = False
                break
        if inside:
            return True
    return False


@compiled
def round_enough(w: Window, ask: Ask, mark: Ints, corner_start: Ints, corner: Floats) -> bool:
    """Whether the corners of a set lie in a circle of the radius asked for."""
    count = 0
    for i in range(len(mark)):
        if mark[i]:
            count += corner_start[w.item[i] + 1] - corner_start[w.item[i]]
    points = np.empty((count, 2), np.float64)
    at = 0
    for i in range(len(mark)):
        if mark[i]:
            for k in range(corner_start[w.item[i]], corner_start[w.item[i] + 1]):
                points[at] = corner[k]
                at += 1
    return count > 0 and least_circle(points)[2] <= ask.radius
