"""Flows on the borders of a window: the dual of the cut, in exact integers.

Perimeter is a cut: ``λ Σ l_ij |x_i − x_j|``. For every flow f on the borders with f_ij = −f_ji and
|f_ij| ≤ λ l_ij it is at least ``Σ_i x_i Σ_j f_ij``: a price per parcel, valid for every site. So any
flow gives a bound, a maximum flow the best one (max-flow min-cut, Ford and Fulkerson 1956), and
flows of another node or other multipliers stay valid: nothing is ever undone.

A parcel has a reduced cost r. Free parcels below 0 and parcels taken are sources, free parcels above
0 and parcels left out are drains; what is pushed along a border raises r at its tail, lowers it at
its head, and never lowers the bound.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from zoning.siting.model import Ints

HUGE = np.int64(1) << np.int64(61)


@njit(cache=True, nogil=True)
def supply_of(state: int, r: int) -> int:
    """What a parcel may push: all where it is taken, down to 0 where it is free and cheap."""
    if state == 1:
        return int(HUGE)
    return -r if state == 0 and r < 0 else 0


@njit(cache=True, nogil=True)
def drain_of(state: int, r: int) -> int:
    """What a parcel may take up: all where it is left out, down to 0 where it is free and dear."""
    if state == -1:
        return int(HUGE)
    return r if state == 0 and r > 0 else 0


@njit(cache=True, nogil=True)
def push(
    i: int, arc: int, amount: int, base: Ints, r: Ints, to: Ints, back: Ints, flow: Ints
) -> None:
    """Move `amount` along one border."""
    j = to[arc]
    flow[arc] += amount
    flow[back[arc]] -= amount
    base[i] += amount
    r[i] += amount
    base[j] -= amount
    r[j] -= amount


@njit(cache=True, nogil=True)
def push_once(
    state: Ints, base: Ints, r: Ints, start: Ints, to: Ints, cap: Ints, back: Ints, flow: Ints
) -> None:
    """Push from every source to the drains it borders on."""
    for i in range(len(r)):
        left = supply_of(state[i], r[i])
        if left <= 0:
            continue
        for arc in range(start[i], start[i + 1]):
            want = drain_of(state[to[arc]], r[to[arc]])
            amount = min(left, want, cap[arc] - flow[arc])
            if amount > 0:
                push(i, arc, amount, base, r, to, back, flow)
                left -= amount
                if left <= 0:
                    break


@njit(cache=True, nogil=True)
def push_all(
    state: Ints, base: Ints, r: Ints, start: Ints, to: Ints, cap: Ints, back: Ints, flow: Ints,
    rounds: int,
) -> None:
    """A maximum flow from sources to drains, by levels (Dinic 1970); at most `rounds` of levels."""
    n = len(r)
    level = np.empty(n, np.int64)
    queue = np.empty(n, np.int64)
    at = np.empty(n, np.int64)
    path = np.empty(n + 1, np.int64)
    for _ in range(rounds):
        if not levels(state, r, start, to, cap, flow, level, queue):
            return
        at[:] = start[:-1]
        for i in range(n):
            if level[i] == 0:
                drain_from(i, state, base, r, start, to, cap, back, flow, level, at, path)


@njit(cache=True, nogil=True)
def levels(
    state: Ints, r: Ints, start: Ints, to: Ints, cap: Ints, flow: Ints, level: Ints, queue: Ints
) -> bool:
    """Steps from the sources along borders with room; False where no drain can be reached."""
    tail, found = 0, False
    for i in range(len(r)):
        level[i] = -1
        if supply_of(state[i], r[i]) > 0:
            level[i] = 0
            queue[tail] = i
            tail += 1
    head = 0
    while head < tail:
        i = queue[head]
        head += 1
        for arc in range(start[i], start[i + 1]):
            j = to[arc]
            if level[j] < 0 and flow[arc] < cap[arc]:
                level[j] = level[i] + 1
                found = found or drain_of(state[j], r[j]) > 0
                queue[tail] = j
                tail += 1
    return found


@njit(cache=True, nogil=True)
def drain_from(
    source: int, state: Ints, base: Ints, r: Ints, start: Ints, to: Ints, cap: Ints, back: Ints,
    flow: Ints, level: Ints, at: Ints, path: Ints,
) -> None:
    """Push from one source down the levels until it is empty or blocked."""
    depth, i = 0, source
    while True:
        if depth and drain_of(state[i], r[i]) > 0:
            amount = min(supply_of(state[source], r[source]), drain_of(state[i], r[i]))
            for k in range(depth):
                amount = min(amount, cap[path[k]] - flow[path[k]])
            j = source
            for k in range(depth):
                push(j, path[k], amount, base, r, to, back, flow)
                j = to[path[k]]
            if supply_of(state[source], r[source]) <= 0:
                return
            depth, i = 0, source
            continue
        while at[i] < start[i + 1]:
            arc = at[i]
            if level[to[arc]] == level[i] + 1 and flow[arc] < cap[arc]:
                break
            at[i] += 1
        if at[i] < start[i + 1]:
            path[depth] = at[i]
            depth += 1
            i = to[at[i]]
        elif depth == 0:
            return
        else:
            level[i] = -1
            depth -= 1
            i = back_end(path[depth], back, to)


@njit(cache=True, nogil=True)
def back_end(arc: int, back: Ints, to: Ints) -> int:
    """Where a border's arc starts."""
    return int(to[back[arc]])
