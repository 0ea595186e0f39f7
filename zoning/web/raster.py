"""Polygons as squares of ids: which feature lies under the middle of each pixel.

A county far away is shown as pictures. They are all coloured from one raster of row numbers, so
that classes, filters and differences need no drawing of their own, and a click and its colour
agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import shapely

from zoning.web.mvt import Ints

Raster = npt.NDArray[np.uint32]
"""Row number plus one of the feature under each pixel; 0 where there is none."""


@dataclass(frozen=True)
class Window:
    """A part of the world in pixels of a level: 2 to the power of `level` pixels span the world."""

    level: int
    left: int
    top: int
    width: int
    height: int


def rasterise(polygons: npt.NDArray[np.object_], rows: Ints, window: Window) -> Raster:
    """Paint polygons of the unit square, the largest first, each with its row number plus one.

    A feature too small to cover the middle of any pixel takes one pixel that is still free.
    """
    picture = np.zeros((window.height, window.width), np.uint32)
    parts, owner = shapely.get_parts(polygons, return_index=True)
    is_shape = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    parts, owner = parts[is_shape], owner[is_shape]
    if not len(parts):
        return picture
    order = np.argsort(-shapely.area(parts), kind="stable")
    _, coords, (ring_at, part_at) = shapely.to_ragged_array(parts[order])
    points = coords[:, :2] * 2.0**window.level - (window.left, window.top)
    names = (rows[owner[order]] + 1).astype(np.uint32)
    _paint(picture, points, ring_at.astype(np.int64), part_at.astype(np.int64), names)
    return picture


@numba.njit(cache=True, nogil=True)
def _paint(
    picture: Raster, points: npt.NDArray[np.float64], ring_at: Ints, part_at: Ints, names: Raster
) -> None:
    height, width = picture.shape
    longest = 1
    for part in range(len(part_at) - 1):
        longest = max(longest, ring_at[part_at[part + 1]] - ring_at[part_at[part]])
    cuts = np.empty(longest)
    for part in range(len(part_at) - 1):
        first, last = ring_at[part_at[part]], ring_at[part_at[part + 1]]
        low, high = points[first:last, 1].min(), points[first:last, 1].max()
        is_seen = False
        for row in range(max(0, int(np.ceil(low - 0.5))), min(height - 1, int(high - 0.5)) + 1):
            count = _cuts(points, ring_at[part_at[part]:part_at[part + 1] + 1], row + 0.5, cuts)
            for at in range(0, count - 1, 2):
                start = max(0, int(np.ceil(cuts[at] - 0.5)))
                stop = min(width, int(np.ceil(cuts[at + 1] - 0.5)))
                if stop > start:
                    picture[row, start:stop] = names[part]
                    is_seen = True
        x, y = int(points[first, 0]), int(points[first, 1])
        if not is_seen and 0 <= x < width and 0 <= y < height and picture[y, x] == 0:
            picture[y, x] = names[part]


@numba.njit(cache=True, nogil=True)
def _cuts(
    points: npt.NDArray[np.float64], rings: Ints, middle: float, cuts: npt.NDArray[np.float64]
) -> int:
    """Where a horizontal line crosses the rings, from the left; returns how many crossings."""
    count = 0
    for ring in range(len(rings) - 1):
        for at in range(rings[ring], rings[ring + 1] - 1):
            ax, ay, bx, by = points[at, 0], points[at, 1], points[at + 1, 0], points[at + 1, 1]
            if (ay <= middle) != (by <= middle):
                cuts[count] = ax + (middle - ay) * (bx - ax) / (by - ay)
                count += 1
    cuts[:count].sort()
    return count


__all__ = ["Raster", "Window", "rasterise"]
