"""The area table of two layers: every pair of features that shares land, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from zoning.measure.area import Areas
from zoning.measure.flat import Flat, Indices
from zoning.measure.layer import PlaneLayer
from zoning.measure.overlay import NO_PAIRS, TOLERANCE_M2, Pairs, pairs_of, summed, unions


@dataclass(frozen=True)
class PairRow:
    """Two features and the land they share, dm²."""

    a_id: str
    b_id: str
    area_dm2: int


@dataclass(frozen=True)
class LeftRow:
    """One feature of the first layer: its area, how much lies in the second, what is left.

    `inside_dm2` + `outside_dm2` = `area_dm2`. `overlap_dm2` is how much the pairs of this feature
    count twice because features of the second layer overlap each other.
    """

    a_id: str
    area_dm2: int
    inside_dm2: int
    outside_dm2: int
    overlap_dm2: int


@dataclass(frozen=True, eq=False)
class OverlayTable:
    """Pairs and remainders of an overlay, in the order of the first layer.

    The arrays are the answer; `pairs` and `features` are its rows as records, for those who read
    them one by one. `left` and `right` are positions, `shared_dm2` what they share. `inside_dm2`
    and `overlap_dm2` run over the features of the first layer.
    """

    a: PlaneLayer
    b: PlaneLayer
    left: Indices
    right: Indices
    shared_dm2: Areas
    inside_dm2: Areas
    overlap_dm2: Areas

    @cached_property
    def pairs(self) -> tuple[PairRow, ...]:
        """One record for each pair that shares at least 0.01 m²."""
        rows = zip(self.left.tolist(), self.right.tolist(), self.shared_dm2.tolist(), strict=True)
        return tuple(PairRow(self.a.ids[i], self.b.ids[j], area) for i, j, area in rows)

    @cached_property
    def features(self) -> tuple[LeftRow, ...]:
        """One record for each feature of the first layer."""
        rows = zip(self.a.ids, self.a.area_dm2.tolist(), self.inside_dm2.tolist(),
                   self.overlap_dm2.tolist(), strict=True)
        return tuple(LeftRow(name, area, inside, area - inside, overlap)
                     for name, area, inside, overlap in rows)


class Divided(NamedTuple):
    """The numbers of an overlay: pairs by position, and what of each feature of `a` is inside."""

    left: Indices
    right: Indices
    shared_dm2: Areas
    inside_dm2: Areas
    overlap_dm2: Areas


def overlay_table(a: PlaneLayer, b: PlaneLayer) -> OverlayTable:
    """Divide every feature of `a` by the features of `b`.

    The pairs of a feature, its outside and nothing else sum to its area plus its overlap, to
    0.01 m². Raises MeasureError where an overlay does not conserve area.
    """
    found = pairs_of(a.flat, b.flat, b.grid)
    overlaps = b.overlaps if has_several(found) else NO_PAIRS
    return OverlayTable(a, b, *divided(a.flat, a.area_dm2, b.flat, found, overlaps))


def has_several(found: Pairs) -> bool:
    """Whether some feature shares land with more than one: else no overlap can count it twice."""
    return bool((np.diff(found.offsets) > 1).any())


def divided(a: Flat, area_dm2: Areas, b: Flat, found: Pairs, overlaps: Pairs) -> Divided:
    """Integers of an overlay from its pairs; `overlaps` names the features of `b` that overlap.

    Every feature of `a` is shared out by itself, so a part of `a` gets the same numbers as all.
    """
    from zoning.measure.sharing import share_rows

    inside = unions(a, b, found, overlaps)
    surplus = summed(found.left, found.shared_m2, len(inside)) - inside
    overlap_m2 = np.where(surplus > TOLERANCE_M2, surplus, 0.0)
    overlap_dm2 = np.asarray(np.floor(overlap_m2 * 100 + 0.5), dtype=np.int64)
    rest = np.maximum(a.areas - inside, 0.0)
    shared, outside = share_rows(area_dm2 + overlap_dm2, found.offsets, found.shared_m2, rest)
    told = shared > 0
    return Divided(found.left[told], found.right[told], shared[told], area_dm2 - outside,
                   overlap_dm2)
