"""Statutory area of polygons, and the plane area beside it for comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from zoning.measure.plane import metres_per_unit, to_plane

Areas = npt.NDArray[np.int64]


def statutory_dm2(geometries: Any, crs: CRS) -> Areas:
    """Statutory area (图斑椭球面积) of each polygon.

    Returns int64 in dm² (0.01 m²), one per geometry; None and empty give 0. Rounded once, half up.
    Self-overlapping input counts the overlap as its ring says: check validity first.
    Raises CrsError as `zoning.measure.plane.to_plane`.
    """
    return rounded_dm2(shapely.area(to_plane(geometries, crs)))


def plane_dm2(geometries: Any, crs: CRS) -> Areas | None:
    """Area in the projection itself, as cadastral parcels often declare it; dm².

    None for a geographic system, which is no plane. In Gauss-Krüger it exceeds the statutory area
    by the square of the point scale: about 3e-4 at 113 km from the central meridian.
    """
    if crs.is_geographic:
        return None
    return rounded_dm2(shapely.area(np.asarray(geometries, dtype=object))
                       * metres_per_unit(crs) ** 2)


def rounded_dm2(areas_m2: npt.NDArray[np.float64]) -> Areas:
    """Areas in m² rounded half up to dm²; NaN (no geometry) gives 0."""
    return np.asarray(np.floor(np.nan_to_num(areas_m2) * 100 + 0.5), dtype=np.int64)
