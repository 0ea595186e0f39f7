"""Land that two sites have in common, whatever they are drawn by: parcels, features, polygons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from zoning.measure.area import rounded_dm2
from zoning.measure.flat import Flat, Floats


def land_in_common(outlines: Mapping[str, Flat]) -> dict[str, dict[str, int]]:
    """Area that every two of some sites share, dm²: name → other name → area; nothing for none.

    Each outline is one feature of the statutory plane (`shape.one_feature`). Symmetric. Borders in
    common are no land: what rounds to nothing is left out.
    """
    from zoning.measure import kernel

    names, one = list(outlines), np.zeros(1, dtype=np.int64)
    found: dict[str, dict[str, int]] = {}
    for i, j in zip(*_near(_boxes(outlines)), strict=True):
        first, second = names[i], names[j]
        shared = kernel.pair_areas(outlines[first], one, outlines[second], one)
        if area_dm2 := int(rounded_dm2(shared)[0]):
            found.setdefault(first, {})[second] = area_dm2
            found.setdefault(second, {})[first] = area_dm2
    return found


def _boxes(outlines: Mapping[str, Flat]) -> Floats:
    return np.array([each.boxes[0] for each in outlines.values()]).reshape(-1, 4)


def _near(boxes: Floats) -> tuple[list[int], list[int]]:
    """Pairs of which the boxes have land in common, each once."""
    west, south, east, north = (boxes[:, None, side] for side in range(4))
    meets = ((west < east.T) & (east > west.T) & (south < north.T) & (north > south.T))
    first, second = np.nonzero(np.triu(meets, 1))
    return first.tolist(), second.tolist()


__all__ = ["land_in_common"]
