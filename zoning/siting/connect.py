"""Connectedness: what must be paid to reach a parcel, and sites read off reduced costs.

Every site that holds the root and a parcel i holds a path between them. Its parcels with r > 0 are
not in L yet, so with d(i) the least sum of positive reduced costs on the way, any site with i costs
at least ``L + d(i) + max(0, r_i)``.
"""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled
from zoning.siting.cover import Window
from zoning.siting.dual import Ask
from zoning.siting.model import Floats, Ints

FAR = np.int64(1) << np.int64(60)


@compiled
def ways(w: Window, state: Ints, r: Ints, root: int, far: Ints, via: Ints, queue: Ints) -> None:
    """Cheapest ways from the root (Bellman-Ford with a queue): cost on the way, parcel before."""
    n = len(r)
    far[:] = FAR
    via[:] = -1
    inside = np.zeros(n, np.bool_)
    far[root] = 0
    queue[0] = root
    inside[root] = True
    head, count = 0, 1
    while count:
        i = queue[head]
        head = (head + 1) % n
        count -= 1
        inside[i] = False
        leave = far[i] + (r[i] if state[i] == 0 and r[i] > 0 else 0)
        for arc in range(w.start[i], w.start[i + 1]):
            j = w.to[arc]
            if state[j] >= 0 and leave < far[j]:
                far[j] = leave
                via[j] = i
                if not inside[j]:
                    inside[j] = True
                    queue[(head + count) % n] = j
                    count += 1


@compiled
def component(w: Window, wanted: Ints, root: int, mark: Ints, queue: Ints) -> int:
    """Mark what hangs together with the root among the wanted; returns how many."""
    mark[:] = 0
    mark[root] = 1
    queue[0] = root
    head, tail = 0, 1
    while head < tail:
        i = queue[head]
        head += 1
        for arc in range(w.start[i], w.start[i + 1]):
            j = w.to[arc]
            if wanted[j] and not mark[j]:
                mark[j] = 1
                queue[tail] = j
                tail += 1
    return tail


@compiled
def cost_of(w: Window, mark: Ints) -> int:
    """The true scaled cost of a set: bases and flows cancel, borders to the outside are paid."""
    total = 0
    for i in range(len(mark)):
        if not mark[i]:
            continue
        total += w.base[i]
        for arc in range(w.start[i], w.start[i + 1]):
            total -= w.flow[arc]
            if not mark[w.to[arc]]:
                total += w.cap[arc]
    return total


@compiled
def fits(w: Window, ask: Ask, mark: Ints) -> bool:
    """Area in its range, budgets kept, a road met where one is asked for."""
    area, met = 0, not ask.needs_access
    for i in range(len(mark)):
        if mark[i]:
            area += w.area[i]
            met = met or w.access[i]
    if area < ask.area_min or area > ask.area_max or not met:
        return False
    for k in range(len(ask.budget)):
        used = 0
        for i in range(len(mark)):
            if mark[i]:
                used += w.quota[i, k]
        if used > ask.budget[k]:
            return False
    return True


@compiled
def grow(
    w: Window, ask: Ask, state: Ints, r: Ints, mark: Ints, used: Ints, random: float
) -> bool:
    """Add the bordering parcel with the least cost per area until the least area is reached.

    Costs are the reduced ones with flows taken out again, and the outline a parcel adds counts:
    greedy region growing by prices. `random` blurs the order. False where it gets stuck.
    """
    n = len(mark)
    touching = np.zeros(n, np.int64)
    area = 0
    used[:] = 0
    for i in range(n):
        if mark[i]:
            area += _join(w, i, used, touching)
    while area < ask.area_min:
        best, rate = -1, np.inf
        for i in range(n):
            if not touching[i] or mark[i] or state[i] < 0 or area + w.area[i] > ask.area_max:
                continue
            found = joining(w, ask, r, mark, used, i)
            if random > 0 and found < np.inf:
                found += abs(found) * random * np.random.random()
            if found < rate:
                best, rate = i, found
        if best < 0:
            return False
        mark[best] = 1
        area += _join(w, best, used, touching)
    return True


@compiled
def _join(w: Window, i: int, used: Ints, touching: Ints) -> int:
    """Count a parcel in: its quota, and who borders on it; returns its area."""
    for k in range(len(used)):
        used[k] += w.quota[i, k]
    for arc in range(w.start[i], w.start[i + 1]):
        touching[w.to[arc]] = 1
    return int(w.area[i])


@compiled
def joining(w: Window, ask: Ask, r: Ints, mark: Ints, used: Ints, i: int) -> float:
    """Cost per area of one more parcel; infinite where it breaks a budget."""
    for k in range(len(used)):
        if used[k] + w.quota[i, k] > ask.budget[k]:
            return np.inf
    cost = r[i]
    for arc in range(w.start[i], w.start[i + 1]):
        cost -= w.flow[arc] + (w.cap[arc] if mark[w.to[arc]] else -w.cap[arc])
    return float(cost / w.area[i])


@compiled
def improve(
    w: Window, ask: Ask, state: Ints, mark: Ints, used: Ints, tries: int, seed: int
) -> None:
    """Take a disc of parcels out, let the site grow again, keep what is better.

    Destroy and repair. A site stays one piece and within its limits, or is put back.
    """
    np.random.seed(seed)
    n = len(mark)
    r = np.empty(n, np.int64)
    best, value = mark.copy(), cost_of(w, mark)
    queue, inside = np.empty(n, np.int64), np.empty(n, np.int64)
    for _ in range(tries):
        for i in range(n):
            r[i] = w.base[i]
        mark[:] = best
        drop(w, state, mark, inside, queue)
        if not mark.any():
            continue
        if grow(w, ask, state, r, mark, used, 0.3) and fits(w, ask, mark):
            found = cost_of(w, mark)
            if found < value:
                value = found
                best[:] = mark
    mark[:] = best


@compiled
def drop(w: Window, state: Ints, mark: Ints, inside: Ints, queue: Ints) -> None:
    """Take a random disc of parcels out of a set, and what hangs on nothing without it."""
    n, members = len(mark), 0
    for i in range(n):
        if mark[i]:
            queue[members] = i
            members += 1
    centre = queue[np.random.randint(members)]
    reach = np.random.random() * 0.8 * w.near[centre]
    for i in range(n):
        apart = (w.x[i] - w.x[centre]) ** 2 + (w.y[i] - w.y[centre]) ** 2
        if mark[i] and state[i] == 0 and apart <= reach * reach:
            mark[i] = 0
    left = queue[:members][mark[queue[:members]] == 1]
    if not len(left):
        return
    root = left[np.random.randint(len(left))]
    wanted = mark.copy()
    component(w, wanted, root, inside, np.empty(n, np.int64))
    mark[:] = inside


@compiled
def least_circle(points: Floats) -> tuple[float, float, float]:
    """Centre and radius of the least circle around points (Welzl: three nested passes)."""
    cx, cy, rr = points[0, 0], points[0, 1], 0.0
    for i in range(1, len(points)):
        if _out(points[i], cx, cy, rr):
            cx, cy, rr = points[i, 0], points[i, 1], 0.0
            for j in range(i):
                if _out(points[j], cx, cy, rr):
                    cx, cy = (points[i] + points[j])[0] / 2, (points[i] + points[j])[1] / 2
                    rr = (points[i, 0] - cx) ** 2 + (points[i, 1] - cy) ** 2
                    for k in range(j):
                        if _out(points[k], cx, cy, rr):
                            cx, cy, rr = _three(points[i], points[j], points[k])
    return cx, cy, float(np.sqrt(rr))


@compiled
def least_circles(start: Ints, points: Floats) -> Floats:
    """The least circle of every parcel from its corners: a row of centre and radius each."""
    found = np.zeros((len(start) - 1, 3), np.float64)
    for i in range(len(found)):
        if start[i + 1] > start[i]:
            found[i, 0], found[i, 1], found[i, 2] = least_circle(points[start[i]:start[i + 1]])
    return found


@compiled
def _out(p: Floats, cx: float, cy: float, rr: float) -> bool:
    return bool((p[0] - cx) ** 2 + (p[1] - cy) ** 2 > rr * (1 + 1e-12) + 1e-9)


@compiled
def _three(a: Floats, b: Floats, c: Floats) -> tuple[float, float, float]:
    bx, by, px, py = b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]
    d = 2 * (bx * py - by * px)
    if abs(d) < 1e-12:
        return a[0], a[1], 1e30
    ux = (py * (bx * bx + by * by) - by * (px * px + py * py)) / d
    uy = (bx * (px * px + py * py) - px * (bx * bx + by * by)) / d
    return a[0] + ux, a[1] + uy, ux * ux + uy * uy
