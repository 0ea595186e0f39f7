"""The area table of two layers: every pair of features that shares land, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass

from zoning.measure.layer import PlaneLayer
from zoning.measure.overlay import integer_parts, split


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


@dataclass(frozen=True)
class OverlayTable:
    """Pairs and remainders of an overlay, in the order of the first layer."""

    pairs: tuple[PairRow, ...]
    features: tuple[LeftRow, ...]


def overlay_table(a: PlaneLayer, b: PlaneLayer) -> OverlayTable:
    """Divide every feature of `a` by the features of `b`.

    The pairs of a feature, its outside and nothing else sum to its area plus its overlap, to
    0.01 m². Raises MeasureError where an overlay does not conserve area.
    """
    pairs: list[PairRow] = []
    features: list[LeftRow] = []
    for row, a_id in enumerate(a.ids):
        area_dm2 = int(a.area_dm2[row])
        found = split(a.shapes[row], b.shapes, b.tree)
        pieces, outside, overlap = integer_parts(area_dm2, found)
        features.append(LeftRow(a_id, area_dm2, area_dm2 - outside, outside, overlap))
        pairs.extend(
            PairRow(a_id, b.ids[feature], piece)
            for feature, piece in zip(found.features.tolist(), pieces, strict=True) if piece > 0
        )
    return OverlayTable(tuple(pairs), tuple(features))
