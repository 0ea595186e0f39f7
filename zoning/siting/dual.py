"""The Lagrangian bound of a window: prices on area and quota, flows on the borders.

For prices m (area; ≥ 0 binds the least, ≤ 0 the greatest), κ_k ≥ 0 and a flow f, with the reduced
cost ``r_i = c_i + λ o_i + Σ_j f_ij − m a_i + Σ_k κ_k q_ik``::

    L = Σ_taken r_i + Σ_free min(0, r_i) + m·A − Σ_k κ_k B_k        (Geoffrion 1974)

never exceeds the cost of an admissible site. Everything is scaled by a power of two and kept in
int64: prices are rounded first, the bound is exact for the rounded prices. Prices climb by Polyak's
step towards the value that would close the window.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoning.measure.compiled import compiled
from zoning.siting.ascent import charge
from zoning.siting.cover import Window
from zoning.siting.flow import push_some
from zoning.siting.model import Floats, Ints


class Ask(NamedTuple):
    """The demand as the kernels read it; `scale` is the power of two of all costs."""

    area_min: int
    area_max: int
    budget: Ints
    scale: int
    needs_access: bool
    price_cap: int
    radius: float


@compiled
def reduce(w: Window, area_price: int, quota_price: Ints, r: Ints) -> None:
    """Reduced costs at given prices."""
    for i in range(len(r)):
        value = w.base[i] - area_price * w.area[i]
        for k in range(len(quota_price)):
            value += quota_price[k] * w.quota[i, k]
        r[i] = value


@compiled
def fixed_part(ask: Ask, area_price: int, quota_price: Ints) -> int:
    """What the prices charge whatever is taken."""
    whole = area_price * (ask.area_min if area_price >= 0 else ask.area_max)
    for k in range(len(quota_price)):
        whole -= quota_price[k] * ask.budget[k]
    return whole


@compiled
def bound_of(state: Ints, r: Ints, constant: int) -> int:
    """L: taken parcels count in full, free ones where they are below 0."""
    total = constant
    for i in range(len(r)):
        if state[i] == 1 or (state[i] == 0 and r[i] < 0):
            total += r[i]
    return total


@compiled
def slope(w: Window, ask: Ask, state: Ints, r: Ints, area_price: int, grad: Floats) -> float:
    """The subgradient of L in the prices (area first), each in parts of its limit; its square."""
    area = 0
    columns = len(ask.budget)
    grad[:] = 0.0
    for i in range(len(r)):
        if state[i] == 1 or (state[i] == 0 and r[i] < 0):
            area += w.area[i]
            for k in range(columns):
                grad[k + 1] += w.quota[i, k]
    if area_price > 0 or (area_price == 0 and area < ask.area_min):
        grad[0] = float(ask.area_min - area)
    elif area_price < 0 or area > ask.area_max:
        grad[0] = float(ask.area_max - area)
    grad[0] /= ask.area_min
    total = grad[0] ** 2
    for k in range(columns):
        size = float(max(ask.budget[k], ask.area_min // 8, 1))
        grad[k + 1] = (grad[k + 1] - ask.budget[k]) / size
        total += grad[k + 1] ** 2
    return float(total)


@compiled
def step(ask: Ask, prices: Ints, grad: Floats, length: float) -> None:
    """Move prices (area first) along the subgradient; a price on quota is never below 0."""
    before = prices[0]
    now = before + int(length * grad[0] / ask.area_min)
    if (before > 0 and now < 0) or (before < 0 and now > 0):
        now = 0
    prices[0] = max(-ask.price_cap, min(ask.price_cap, now))
    for k in range(len(ask.budget)):
        size = float(max(ask.budget[k], ask.area_min // 8, 1))
        moved = prices[k + 1] + int(length * grad[k + 1] / size)
        prices[k + 1] = max(0, min(ask.price_cap, moved))


@compiled
def climb(
    w: Window, ask: Ask, state: Ints, prices: Ints, r: Ints, limit: int, rounds: int, flows: int,
    root: int,
) -> int:
    """Raise L for some rounds, or until it exceeds `limit`; leaves the best prices in `prices`.

    `flows` 0 keeps the flows, 1 pushes along single borders, 2 finds a maximum flow every round.
    With a root (not −1) parcels pay for their ways to it; what they paid is kept over the rounds.
    """
    best = -(1 << 62)
    kept, kept_r, paid = prices.copy(), r.copy(), np.zeros(len(r), np.int64)
    grad = np.empty(len(prices), np.float64)
    damping = 1.0
    for _ in range(rounds):
        reduce(w, prices[0], prices[1:], r)
        r += paid
        push_some(w, state, r, flows)
        if root >= 0:
            paid -= r
            if not charge(w, state, root, r):
                return limit + 1
            paid += r
        found = bound_of(state, r, fixed_part(ask, prices[0], prices[1:]))
        if found > best:
            best = found
            kept[:], kept_r[:] = prices, r
        else:
            damping *= 0.7
        if found > limit:
            break
        square = slope(w, ask, state, r, prices[0], grad)
        if square < 1e-18:
            break
        wanted = min(float(limit) - float(found), abs(float(found)) + 1e3 * ask.scale)
        step(ask, prices, grad, damping * wanted / square)
    prices[:], r[:] = kept, kept_r
    return best
