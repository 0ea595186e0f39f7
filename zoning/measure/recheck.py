"""A proposed site checked from its polygons alone, by other means than it was found with.

Nothing here knows of graphs, windows or bounds: areas are those of the polygons, two parcels hang
together where shapely finds a common line, the outline is that of their union.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

SHORTEST_M = 0.05
"""A common line shorter than this is a corner."""


@dataclass(frozen=True)
class Claim:
    """What is said of a site; amounts as integers in the units of the search."""

    area_dm2: int
    perimeter_dm: int
    value: int
    used: tuple[int, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a site has to keep. `radius_m` is of the circle it has to lie in."""

    area_min_dm2: int
    area_max_dm2: int
    per_dm: int
    budgets: tuple[int, ...]
    radius_m: float


@dataclass(frozen=True, eq=False)
class Chosen:
    """The parcels of a site: outlines in metres, what each costs and uses, whether it is open."""

    shapes: NDArray[np.object_]
    area_dm2: Sequence[int]
    cost: Sequence[int]
    quota: Sequence[Sequence[int]]
    is_open: Sequence[bool]


def faults(site: Chosen, claim: Claim, limits: Limits) -> Mapping[str, tuple[float, float]]:
    """What is wrong with a site, by name: found and allowed (or claimed). Empty for nothing."""
    union = shapely.union_all(site.shapes)
    area = sum(site.area_dm2)
    used = [sum(column) for column in zip(*site.quota, strict=True)] if limits.budgets else []
    slack_dm = 1 + len(site.shapes) * 8 * 0.5
    value = sum(site.cost) + limits.per_dm * claim.perimeter_dm
    circle = float(shapely.minimum_bounding_radius(union))
    found: dict[str, tuple[float, float]] = {}
    _note(found, "pieces", pieces(site.shapes), 1)
    _note(found, "area_claim", area, claim.area_dm2)
    _note(found, "value", value, claim.value)
    if not limits.area_min_dm2 <= area <= limits.area_max_dm2:
        found["area"] = (area, limits.area_min_dm2 if area < limits.area_min_dm2
                         else limits.area_max_dm2)
    if abs(union.length * 10 - claim.perimeter_dm) > slack_dm:
        found["perimeter"] = (union.length * 10, claim.perimeter_dm)
    for number, (amount, budget) in enumerate(zip(used, limits.budgets, strict=True)):
        if amount > budget or amount != claim.used[number]:
            found[f"budget_{number}"] = (amount, budget)
    if not all(site.is_open):
        found["forbidden"] = (sum(not each for each in site.is_open), 0)
    if circle > limits.radius_m + 0.01:
        found["circle"] = (circle, limits.radius_m)
    return found


def _note(found: dict[str, tuple[float, float]], name: str, is_: float, said: float) -> None:
    if is_ != said:
        found[name] = (is_, said)


def pieces(shapes: NDArray[np.object_]) -> int:
    """How many pieces the parcels make, where a corner does not join."""
    left, count = set(range(len(shapes))), 0
    tree = shapely.STRtree(shapes)
    while left:
        count += 1
        todo = [left.pop()]
        while todo:
            one = todo.pop()
            near = [int(k) for k in tree.query(shapes[one], predicate="dwithin", distance=0.002)
                    if int(k) in left]
            joined = [k for k in near if _common_m(shapes[one], shapes[k]) >= SHORTEST_M]
            left -= set(joined)
            todo += joined
    return count


def _common_m(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """The length along which two outlines lie within 2 mm of each other."""
    return float(shapely.intersection(a.boundary, shapely.buffer(b.boundary, 0.002)).length)
