"""How much two layers share, and proof that nothing was lost.

All land here lies in the statutory plane, so that an area is a statutory area. Areas come from the
edges (`kernel`, `sweep`), never from a drawn intersection. Two formulas that share no step must
agree where both answer, and no part may exceed what it is part of: else there is no number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoning.errors import MeasureError
from zoning.measure.flat import Flat, Floats, Indices

if TYPE_CHECKING:
    from zoning.measure.index import Grid

TOLERANCE_M2 = 0.005
"""Half of the unit of area: less than this cannot change a reported number by itself."""

NOTHING_M2 = 1e-8
"""Land below this is the rounding of coordinates, not land."""


@dataclass(frozen=True)
class Split:
    """One shape divided by a layer: pieces per feature, what lies in none, what lies in several.

    Areas in m². `inside_m2` is the union of all pieces; `sum_m2` adds the pieces up.
    """

    features: Indices
    pieces_m2: Floats
    inside_m2: float
    outside_m2: float

    @property
    def sum_m2(self) -> float:
        """The pieces added up; more than `inside_m2` where features overlap each other."""
        return float(self.pieces_m2.sum())

    @property
    def overlap_m2(self) -> float:
        """Land counted more than once; zero below the tolerance."""
        surplus = self.sum_m2 - self.inside_m2
        return surplus if surplus > TOLERANCE_M2 else 0.0


@dataclass(frozen=True)
class Pairs:
    """Features that share land: rows of two layers and m², ordered by the first, then the second.

    Pair `k` of feature `i` of the first layer lies in ``offsets[i]:offsets[i + 1]``.
    """

    left: Indices
    right: Indices
    shared_m2: Floats
    offsets: Indices


NO_PAIRS = Pairs(*(np.zeros(0, dtype=np.int64),) * 2, np.zeros(0), np.zeros(1, dtype=np.int64))
"""No two features share land."""


def pairs_of(a: Flat, b: Flat, boxes: Grid | None = None) -> Pairs:
    """Every pair of features of two layers that share land.

    `boxes` is the grid over `b`, if there is one already. Raises MeasureError where a pair shares
    more than one of the two has, which only faulty rings can bring about.
    """
    from zoning.measure import index, kernel

    grid = index.grid_over(b.boxes) if boxes is None else boxes
    left, right = index.meeting(grid, a.boxes)
    shared = kernel.pair_areas(a, left, b, right)
    smaller = np.minimum(a.areas[left], b.areas[right])
    _require_no_more(shared, smaller)
    real = shared > NOTHING_M2
    left = left[real]
    return Pairs(left, right[real], np.minimum(shared, smaller)[real],
                 np.searchsorted(left, np.arange(len(a.areas) + 1)))


def overlaps_of(flat: Flat, boxes: Grid | None = None) -> Pairs:
    """Features of one layer that share more than 0.005 m² with a later one."""
    from zoning.measure import index, kernel

    grid = index.grid_over(flat.boxes) if boxes is None else boxes
    left, right = index.meeting(grid, flat.boxes)
    once = left < right
    left, right = left[once], right[once]
    shared = kernel.pair_areas(flat, left, flat, right)
    real = shared > TOLERANCE_M2
    left = left[real]
    return Pairs(left, right[real], shared[real],
                 np.searchsorted(left, np.arange(len(flat.areas) + 1)))


def local_overlaps(
    flat: Flat, rows: Indices, *, least_m2: float = TOLERANCE_M2
) -> tuple[Indices, Indices, Indices]:
    """Among some features, those that an earlier one overlaps: rows, offsets, the earlier rows."""
    from zoning.measure import index, kernel

    left, right = index.meeting(index.grid_over(flat.boxes[rows]), flat.boxes[rows])
    left, right = rows[left[left < right]], rows[right[left < right]]
    shared = kernel.pair_areas(flat, left, flat, right) > least_m2
    left, right = left[shared], right[shared]
    order = np.lexsort((left, right))
    again, starts = np.unique(right[order], return_index=True)
    return again, np.append(starts, len(order)).astype(np.int64), left[order]


def earlier(pairs: Pairs, features: int) -> tuple[Indices, Indices]:
    """For every feature the earlier ones that overlap it, as offsets and rows in order."""
    order = np.lexsort((pairs.left, pairs.right))
    offsets = np.searchsorted(pairs.right[order], np.arange(features + 1))
    return offsets, pairs.left[order]


def unions(a: Flat, b: Flat, found: Pairs, overlaps: Pairs) -> Floats:
    """Land of each feature of `a` that lies in `b`, counted once where `b` overlaps itself; m².

    Overlaps too small to be named (borders that split differently in the plane) can add up: a
    feature whose pieces exceed it is counted once as well.

    Raises MeasureError where the two formulas disagree about a piece, or the land inside is more
    than the feature.
    """
    from zoning.measure import sweep

    sums = summed(found.left, found.shared_m2, len(a.areas))
    doubled = np.unique(np.concatenate([overlaps.left, overlaps.right]))
    several = np.diff(found.offsets) > 1
    touched = np.zeros(len(a.areas), dtype=np.bool_)
    touched[found.left[np.isin(found.right, doubled)]] = True
    rows = np.flatnonzero(several & (touched | (sums > a.areas + TOLERANCE_M2)))
    if rows.size:
        offsets, listed = _runs(found.offsets, rows)
        candidates = found.right[listed]
        land = sweep.covered(a, a, b, sweep.Task(np.full(len(rows), -1), rows, offsets, candidates))
        agreed(land.total, found.shared_m2[listed])
        sums[rows] = summed(np.repeat(np.arange(len(rows)), np.diff(offsets)), land.first,
                            len(rows))
    _require_no_more(sums, a.areas)
    return np.minimum(sums, a.areas)


def summed(rows: Indices, values: Floats, count: int) -> Floats:
    """Values added up by row, for rows 0 to `count`."""
    return np.asarray(np.bincount(rows, values, minlength=count), dtype=np.float64)


def agreed(one: Floats, other: Floats) -> None:
    """Raise MeasureError, with both numbers, where two computations of an area differ."""
    off = np.abs(one - other) > np.maximum(TOLERANCE_M2, np.abs(other) * 1e-9)
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise MeasureError("measure.two_numbers", one=f"{one[row]:.4f}", other=f"{other[row]:.4f}",
                           count=int(off.sum()))


def integer_parts(total_dm2: int, found: Split) -> tuple[list[int], int, int]:
    """Share the integer area of a shape over the pieces of its split.

    Returns the pieces, the rest outside, and the overlap, in dm². Pieces and rest sum to
    `total_dm2` plus the overlap exactly.
    """
    from zoning.measure.sharing import share_one

    overlap_dm2 = int(np.floor(found.overlap_m2 * 100 + 0.5))
    *pieces, outside = share_one(
        total_dm2 + overlap_dm2, [*found.pieces_m2.tolist(), found.outside_m2]
    )
    return pieces, outside, overlap_dm2


def _runs(offsets: Indices, rows: Indices) -> tuple[Indices, Indices]:
    """Offsets and positions of the runs of some rows, one after the other."""
    counts = offsets[rows + 1] - offsets[rows]
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return ends, np.arange(ends[-1]) + np.repeat(offsets[rows] - ends[:-1], counts)


def _require_no_more(parts: Floats, wholes: Floats) -> None:
    excess = parts - wholes
    wrong = (excess > np.maximum(TOLERANCE_M2, wholes * 1e-9)) | ~np.isfinite(parts)
    wrong |= parts < -TOLERANCE_M2
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise MeasureError("measure.not_conserved", area=f"{wholes[row]:.2f}",
                           parts=f"{parts[row]:.2f}", features=int(wrong.sum()))
