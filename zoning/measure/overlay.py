"""How much two layers share, and proof that nothing was lost.

All shapes here lie in the statutory plane, so that an area is a statutory area. Geometry engines
can return a wrong overlay of valid input without an error; therefore what lies inside and what
lies outside are computed apart and must sum to the whole (`conserved`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from zoning.errors import MeasureError
from zoning.measure.plane import Geometries
from zoning.units import share_out

TOLERANCE_M2 = 0.005
"""Half of the unit of area: less than this cannot change a reported number by itself."""

SNAP_GRIDS_M = (0.0, 1e-7, 1e-6, 1e-5)
"""Precision grids tried in turn: floating point first, then grids that cannot fail alike."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


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


def split(shape: shapely.Geometry, layer: Geometries, tree: shapely.STRtree) -> Split:
    """Divide one shape by the features of a layer.

    Features that share no area are left out. Raises MeasureError where no precision grid gives
    pieces that conserve the area of the shape.
    """
    near = np.sort(tree.query(shape, predicate="intersects"))
    if not near.size:
        return Split(near, np.zeros(0), 0.0, float(shape.area))
    for grid in SNAP_GRIDS_M:
        found = _split_on_grid(shape, layer, near, grid)
        if found is not None and conserved(shape.area, found):
            return found
    raise MeasureError("measure.not_conserved", area=f"{shape.area:.2f}", features=near.size)


def conserved(whole_m2: float, found: Split) -> bool:
    """Whether inside and outside sum to the whole and the pieces cover the inside."""
    tolerance = max(TOLERANCE_M2, whole_m2 * 1e-9)
    return (
        abs(found.inside_m2 + found.outside_m2 - whole_m2) <= tolerance
        and found.sum_m2 >= found.inside_m2 - tolerance
    )


def integer_parts(total_dm2: int, found: Split) -> tuple[list[int], int, int]:
    """Share the integer area of a shape over the pieces of its split.

    Returns the pieces, the rest outside, and the overlap, in dm². Pieces and rest sum to
    `total_dm2` plus the overlap exactly.
    """
    overlap_dm2 = int(np.floor(found.overlap_m2 * 100 + 0.5))
    *pieces, outside = share_out(
        total_dm2 + overlap_dm2, [*found.pieces_m2.tolist(), found.outside_m2]
    )
    return pieces, outside, overlap_dm2


def _split_on_grid(
    shape: shapely.Geometry, layer: Geometries, near: Indices, grid: float
) -> Split | None:
    try:
        pieces = shapely.intersection(shape, layer[near], grid_size=grid or None)
        union = shapely.union_all(layer[near], grid_size=grid or None)
        outside = shapely.difference(shape, union, grid_size=grid or None)
        inside = shapely.intersection(shape, union, grid_size=grid or None)
    except shapely.GEOSException:
        return None
    areas = shapely.area(pieces)
    taken = areas > 0
    return Split(near[taken], areas[taken], float(inside.area), float(outside.area))
