"""The place of a feature on a Hilbert curve over the statutory plane: near in number, near in land.

The curve lies over the whole plane, so a number depends on the feature alone, not on its layer.
"""

from __future__ import annotations

import numpy as np

from zoning.measure.flat import Floats, Indices

ORDER = 18
"""2^18 cells on a side, 153 m each."""

HALF_M = 20_037_508.342_789_244
"""Half of the equator of GRS80: the plane reaches so far west and east."""


def hilbert_keys(boxes: Floats) -> Indices:
    """The number on the curve of the centre of each box; 0 for a box of NaN."""
    centres = np.nan_to_num((boxes[:, :2] + boxes[:, 2:]) / 2)
    side = 1 << ORDER
    cells = np.clip(np.floor((centres + HALF_M) / (2 * HALF_M) * side), 0, side - 1)
    x, y = np.ascontiguousarray(cells.astype(np.int64).T)
    keys = np.zeros(len(boxes), dtype=np.int64)
    for bit in range(ORDER - 1, -1, -1):
        half = 1 << bit
        east, north = (x & half) > 0, (y & half) > 0
        keys += half * half * ((3 * east.astype(np.int64)) ^ north)
        turned, over = ~north, east & ~north  # Warren, Hacker's Delight, §16: turn the quarter
        x, y = np.where(over, side - 1 - x, x), np.where(over, side - 1 - y, y)
        x, y = np.where(turned, y, x), np.where(turned, x, y)
    return keys


__all__ = ["ORDER", "hilbert_keys"]
