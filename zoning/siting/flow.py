"""Flows on the borders of a window: the dual of the cut, in exact integers.

Perimeter is a cut: ``λ Σ l_ij |x_i − x_j|``. For every flow f on the borders with f_ij = −f_ji and
|f_ij| ≤ λ l_ij it is at least ``Σ_i x_i Σ_j f_ij``: a price per parcel, valid for every site. Any
flow gives a bound, a maximum flow the best one (max-flow min-cut, Ford and Fulkerson 1956), and
flows of another node or other multipliers stay valid: nothing is ever undone.

A parcel has a reduced cost r. Free parcels below 0 and parcels taken are sources, free parcels
above 0 and parcels left out are drains; what is pushed along a border raises r at its tail, lowers
it at its head, and never lowers the bound.
"""

from __future__ import annotations

import numpy as np

from zoning.measure.compiled import compiled
from zoning.siting.cover import Window
from zoning.siting.model import Ints

HUGE = np.int64(1) << np.int64(61)


@compiled
def supply_of(state: int, r: int) -> int:
    """What a parcel may push: all where it is taken, down to 0 where it is free and cheap."""
    if state == 1:
        return int(HUGE)
    return -r if state == 0 and r < 0 else 0


@compiled
def drain_of(state: int, r: int) -> int:
    """What a parcel may take up: all where it is left out, down to 0 where it is free and dear."""
    if state == -1:
        return int(HUGE)
    return r if state == 0 and r > 0 else 0


@compiled
def push(w: Window, i: int, arc: int, amount: int, r: Ints) -> None:
    """Move `amount` along one border."""
    j = w.to[arc]
    w.flow[arc] += amount
    w.flow[w.back[arc]] -= amount
    w.base[i] += amount
    r[i] += amount
    w.base[j] -= amount
    r[j] -= amount


@compiled
def push_once(w: Window, state: Ints, r: Ints) -> None:
    """Push from every source to the drains it borders on."""
    for i in range(len(r)):
        left = supply_of(state[i], r[i])
        if left <= 0:
            continue
        for arc in range(w.start[i], w.start[i + 1]):
            want = drain_of(state[w.to[arc]], r[w.to[arc]])
            amount = min(left, want, w.cap[arc] - w.flow[arc])
            if amount > 0:
                push(w, i, arc, amount, r)
                left -= amount
                if left <= 0:
                    break


@compiled
def push_all(w: Window, state: Ints, r: Ints, rounds: int) -> None:
    """A maximum flow from sources to drains, by levels (Dinic 1970); at most `rounds` of levels."""
    n = len(r)
    level, queue = np.empty(n, np.int64), np.empty(n, np.int64)
    at, path = np.empty(n, np.int64), np.empty(n + 1, np.int64)
    for _ in range(rounds):
        if not levels(w, state, r, level, queue):
            return
        at[:] = w.start[:-1]
        for i in range(n):
            if level[i] == 0:
                drain_from(w, i, state, r, level, at, path)


@compiled
def push_some(w: Window, state: Ints, r: Ints, how: int) -> None:
    """Nothing (0), along single borders (1), or a maximum flow (2)."""
    if how == 1:
        push_once(w, state, r)
    elif how == 2:
        push_all(w, state, r, 64)


@compiled
def levels(w: Window, state: Ints, r: Ints, level: Ints, queue: Ints) -> bool:
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
        for arc in range(w.start[i], w.start[i + 1]):
            j = w.to[arc]
            if level[j] < 0 and w.flow[arc] < w.cap[arc]:
                level[j] = level[i] + 1
                found = found or drain_of(state[j], r[j]) > 0
                queue[tail] = j
                tail += 1
    return found


@compiled
def drain_from(
    w: Window, source: int, state: Ints, r: Ints, level: Ints, at: Ints, path: Ints
) -> None:
    """Push from one source down the levels until it is empty or blocked."""
    depth, i = 0, source
    while True:
        if depth and drain_of(state[i], r[i]) > 0:
            push_along(w, source, i, state, r, path[:depth])
            if supply_of(state[source], r[source]) <= 0:
                return
            depth, i = 0, source
            continue
        while at[i] < w.start[i + 1]:
            arc = at[i]
            if level[w.to[arc]] == level[i] + 1 and w.flow[arc] < w.cap[arc]:
                break
            at[i] += 1
        if at[i] < w.start[i + 1]:
            path[depth] = at[i]
            depth += 1
            i = w.to[at[i]]
        elif depth == 0:
            return
        else:
            level[i] = -1
            depth -= 1
            i = w.to[w.back[path[depth]]]


@compiled
def push_along(w: Window, source: int, drain: int, state: Ints, r: Ints, path: Ints) -> None:
    """Push as much as a path of arcs holds."""
    amount = min(supply_of(state[source], r[source]), drain_of(state[drain], r[drain]))
    for arc in path:
        amount = min(amount, w.cap[arc] - w.flow[arc])
    i = source
    for arc in path:
        push(w, i, arc, amount, r)
        i = w.to[arc]
