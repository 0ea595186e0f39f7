"""Integer totals shared over many rows at once: `zoning.units.share_out`, compiled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoning.measure.area import Areas
from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Floats, Indices


def share_rows(
    totals: Areas, offsets: Indices, weights: Floats, rest: Floats
) -> tuple[Areas, Areas]:
    """Share ``totals[i]`` over its run of weights and the rest, by largest remainder.

    Weights are not negative. Every part is the floor or the ceiling of its share, and parts and
    rest sum to the total exactly; equal remainders go to the larger weight, then to the earlier
    one. A row whose weights are all zero leaves its total to the rest.
    """
    parts, left = np.zeros(len(weights), dtype=np.int64), np.zeros(len(totals), dtype=np.int64)
    over_rows(_share, len(totals), totals, offsets, weights, rest, parts, left)
    return parts, left


def share_one(total: int, weights: Sequence[float]) -> list[int]:
    """One row of `share_rows`: a total over weights, which may be empty if the total is 0."""
    if not weights:
        return []
    *parts, rest = weights
    told, left = share_rows(np.array([total]), np.array([0, len(parts)]),
                            np.array(parts, dtype=np.float64), np.array([rest]))
    return [*told.tolist(), int(left[0])]


@compiled
def _share(
    start: int, stop: int, totals: Areas, offsets: Indices, weights: Floats, rest: Floats,
    parts: Areas, left: Areas,
) -> None:
    for row in range(start, stop):
        first, last = offsets[row], offsets[row + 1]
        whole = rest[row]
        for k in range(first, last):
            whole += weights[k]
        if not whole > 0.0:
            left[row] = totals[row]
            continue
        size = last - first + 1
        mine, remainder = np.empty(size), np.empty(size)
        missing = totals[row]
        for k in range(size):
            mine[k] = rest[row] if k == size - 1 else weights[first + k]
            share = totals[row] * (mine[k] / whole)
            part = min(int(np.floor(share)), totals[row])
            remainder[k] = share - part
            missing -= part
            if k == size - 1:
                left[row] = part
            else:
                parts[first + k] = part
        while missing != 0:
            chosen = _next(remainder, mine, missing > 0)
            step = 1 if missing > 0 else -1
            remainder[chosen] = -1.0 if missing > 0 else 2.0
            missing -= step
            if chosen == size - 1:
                left[row] += step
            else:
                parts[first + chosen] += step


@compiled
def _next(remainder: Floats, mine: Floats, most: bool) -> int:
    """The part that gets one more: the largest remainder; or gives one: the smallest."""
    chosen = 0
    for k in range(1, len(mine)):
        if most:
            better = remainder[k] > remainder[chosen] or (
                remainder[k] == remainder[chosen] and mine[k] > mine[chosen])
        else:
            better = remainder[k] < remainder[chosen]
        if better:
            chosen = k
    return chosen


__all__ = ["share_one", "share_rows"]
