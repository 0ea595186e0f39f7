"""Where a layer overlaps itself: sum and union are different numbers, and both are told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoning.errors import Message, Problem, Severity
from zoning.measure.area import rounded_dm2
from zoning.measure.flat import Flat
from zoning.measure.layer import PlaneLayer
from zoning.measure.overlay import Pairs, earlier


@dataclass(frozen=True)
class SelfOverlap:
    """A layer against itself, areas in dm².

    `sum_dm2` adds up the features, `union_dm2` is the land they cover. `pairs` are positions of
    features that share more than 0.005 m², with the area shared, largest first.
    """

    sum_dm2: int
    union_dm2: int
    pairs: tuple[tuple[int, int, int], ...]


def self_overlap(layer: PlaneLayer) -> SelfOverlap:
    """Compare a layer with itself.

    The union is the sum less the land of every feature that an earlier one has already covered, so
    a clean coverage of any size costs the areas of its shared borders only.
    """
    found = layer.overlaps
    total = int(layer.area_dm2.sum())
    if not found.left.size:
        return SelfOverlap(total, total, ())
    largest = np.lexsort((found.right, found.left, -found.shared_m2))
    pairs = tuple(zip(found.left[largest].tolist(), found.right[largest].tolist(),
                      rounded_dm2(found.shared_m2[largest]).tolist(), strict=True))
    surplus = int(rounded_dm2(np.array([counted_again_m2(layer.flat, found)]))[0])
    return SelfOverlap(total, total - surplus, pairs)


def counted_again_m2(flat: Flat, found: Pairs) -> float:
    """Land that features share with earlier ones, counted once for each of them: sum − union."""
    from zoning.measure import sweep

    offsets, before = earlier(found, len(flat.areas))
    rows = np.flatnonzero(np.diff(offsets))
    runs = np.concatenate([offsets[rows], offsets[-1:]])
    land = sweep.covered(flat, flat, flat,
                         sweep.Task(np.full(len(rows), -1), rows, runs, before))
    return float(land.first.sum())


def overlap_problems(layer: PlaneLayer) -> tuple[Problem, ...]:
    """``TOP001``: features of a layer overlap each other; sum and union are both told."""
    found = self_overlap(layer)
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
