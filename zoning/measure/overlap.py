"""Where a layer overlaps itself: sum and union are different numbers, and both are told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from zoning.errors import Message, Problem, Severity
from zoning.measure.area import rounded_dm2
from zoning.measure.layer import PlaneLayer
from zoning.measure.overlay import TOLERANCE_M2
from zoning.measure.plane import Geometries


@dataclass(frozen=True)
class SelfOverlap:
    """A layer against itself, areas in dm².

    `sum_dm2` adds up the features, `union_dm2` is the land they cover. `pairs` are positions of
    features that share more than 0.005 m², with the area shared, largest first.
    """

    sum_dm2: int
    union_dm2: int
    pairs: tuple[tuple[int, int, int], ...]


def self_overlap(shapes: Geometries, area_dm2: npt.NDArray[np.int64]) -> SelfOverlap:
    """Compare a layer of the statutory plane with itself.

    The union is taken over connected groups of overlapping features only, so a clean coverage of
    any size costs one index query and the areas of the shared borders.
    """
    left, right, shared_m2 = overlapping_pairs(shapes)
    largest = np.lexsort((right, left, -shared_m2))
    pairs = tuple(zip(left[largest].tolist(), right[largest].tolist(),
                      rounded_dm2(shared_m2[largest]).tolist(), strict=True))
    total = int(area_dm2.sum())
    touched = np.unique(np.concatenate([left, right]))
    if not touched.size:
        return SelfOverlap(total, total, ())
    apart_m2 = float(shapely.area(shapes[touched]).sum())
    together_m2 = float(shapely.union_all(shapes[touched]).area)
    surplus = int(rounded_dm2(np.array([apart_m2 - together_m2]))[0])
    return SelfOverlap(total, total - surplus, pairs)


def overlapping_pairs(
    shapes: Geometries,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Positions of features that share area, first < second, and the area shared in m²."""
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    real = shared > TOLERANCE_M2
    return left[real], right[real], shared[real]


def overlap_problems(layer: PlaneLayer) -> tuple[Problem, ...]:
    """``TOP001``: features of a layer overlap each other; sum and union are both told."""
    found = self_overlap(layer.shapes, layer.area_dm2)
    if not found.pairs:
        return ()
    examples = tuple(f"{layer.ids[a]} × {layer.ids[b]}" for a, b, _ in found.pairs[:5])
    counted_twice = found.sum_dm2 - found.union_dm2
    message = Message("measure.overlaps", {
        "pairs": len(found.pairs), "m2": f"{counted_twice / 100:.2f}",
        "sum": f"{found.sum_dm2 / 100:.2f}", "union": f"{found.union_dm2 / 100:.2f}",
        "ids": examples,
    })
    return (Problem("TOP001", message, Severity.WARNING, len(found.pairs), examples,
                    counted_twice),)
