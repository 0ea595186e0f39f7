"""Connectedness as prices: whoever takes a parcel pays for a way to it.

With the root taken, a site that holds parcel i holds a parcel of every set C that parts i from the
root: ``Σ_C x_j ≥ x_i``. For every y ≥ 0 the change ``r_i + y``, ``r_j − y`` for j in C never raises
the cost of a connected site, and it lifts the bound by y while r_i < 0 and every r_j ≥ y: the dual
ascent of Wong (1984), with weights on nodes (Leitner et al. 2018). C is the rim of all that hangs
together with i for nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoning.measure.compiled import compiled
from zoning.siting.cover import Window
from zoning.siting.model import Ints


class Reach(NamedTuple):
    """Scratch: who was seen in which turn, what hangs together (`queue`), the rim around it."""

    stamp: Ints
    queue: Ints
    rim: Ints


@compiled
def charge(w: Window, state: Ints, root: int, r: Ints) -> bool:
    """Lift the bound by ways to the root, in place; False where a parcel taken has none."""
    n = len(r)
    reach = Reach(np.zeros(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64))
    order = np.argsort(r)
    turn = 0
    for taken in (True, False):
        for i in order:
            if (state[i] == 1 and i != root) if taken else (state[i] == 0 and r[i] < 0):
                turn += 2
                if not _charge_one(w, state, root, r, i, turn, reach):
                    return False
    return True


@compiled
def _charge_one(
    w: Window, state: Ints, root: int, r: Ints, i: int, turn: int, reach: Reach
) -> bool:
    """Raise r of one parcel until a free way leads to the root, or nothing is left to pay with."""
    reach.queue[0], reach.stamp[i] = i, turn
    head, tail, edge = 0, 1, 0
    while True:
        while head < tail:
            tail, edge = _spread(w, state, root, r, reach.queue[head], turn, reach, tail, edge)
            if tail < 0:
                return True
            head += 1
        if edge == 0:
            r[i] = r[i] if state[i] == 1 else 0
            return bool(state[i] == 0)
        tail, edge = _pay(state, r, i, turn, reach, tail, edge)
        if state[i] == 0 and r[i] >= 0:
            return True


@compiled
def _spread(
    w: Window, state: Ints, root: int, r: Ints, k: int, turn: int, reach: Reach, tail: int,
    edge: int,
) -> tuple[int, int]:
    """Add the neighbours of k to what hangs together, or to the rim; −1 where one is the root."""
    for arc in range(w.start[k], w.start[k + 1]):
        j = w.to[arc]
        if j == root:
            return -1, edge
        if state[j] < 0 or reach.stamp[j] >= turn:
            continue
        if state[j] == 1 or r[j] <= 0:
            reach.stamp[j] = turn
            reach.queue[tail] = j
            tail += 1
        else:
            reach.stamp[j] = turn + 1
            reach.rim[edge] = j
            edge += 1
    return tail, edge


@compiled
def _pay(
    state: Ints, r: Ints, i: int, turn: int, reach: Reach, tail: int, edge: int
) -> tuple[int, int]:
    """Move the most that can be moved from the rim to i; what is paid for joins the queue."""
    amount = int(np.min(r[reach.rim[:edge]]))
    if state[i] == 0:
        amount = min(amount, -r[i])
    r[i] += amount
    left = 0
    for k in range(edge):
        j = reach.rim[k]
        r[j] -= amount
        if r[j] > 0:
            reach.rim[left] = j
            left += 1
        else:
            reach.stamp[j] = turn
            reach.queue[tail] = j
            tail += 1
    return tail, left
