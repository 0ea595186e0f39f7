"""A second computation: statutory areas from GeoJSON text by closed formulas and plain shapely.

Shares no code with the package and does not use a projection library: the equal-area plane is
written out, edges are split by hand.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

A = 6378137.0
F = 1 / 298.257222101
E = math.sqrt(F * (2 - F))
STEP_DEGREES = 70.0 / (A * math.pi / 180)


def to_plane(lon: Any, lat: Any) -> Any:
    """Degrees to metres in the equal-area cylindrical plane of GRS80 (authalic latitude)."""
    s = np.sin(np.radians(lat))
    q = (1 - E**2) * (s / (1 - (E * s) ** 2) + np.arctanh(E * s) / E)
    return np.column_stack([A * np.radians(lon), A * q / 2])


def split_ring(ring: Any, step: float) -> Any:
    """A ring with every edge cut into equal parts no longer than `step`."""
    points = np.asarray(ring, dtype=float)[:, :2]
    pieces = []
    for start, end in pairwise(points):
        parts = max(1, math.ceil(math.hypot(*(end - start)) / step))
        pieces.append(start + (end - start) * (np.arange(parts) / parts)[:, None])
    return np.vstack([*pieces, points[-1:]])


def carried(ring: Any) -> Any:
    return to_plane(*split_ring(ring, STEP_DEGREES).T)


def shape(geometry: dict[str, Any]) -> Any:
    """A GeoJSON polygon or multipolygon, in the plane."""
    parts = geometry["coordinates"]
    polygons = [parts] if geometry["type"] == "Polygon" else parts
    return shapely.union_all([
        shapely.Polygon(carried(rings[0]), [carried(hole) for hole in rings[1:]])
        for rings in polygons
    ])


def is_sound(geometry: dict[str, Any]) -> bool:
    return bool(shapely.from_geojson(json.dumps(geometry)).is_valid)


def features(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text(encoding="utf-8"))["features"])


def dm2(area_m2: float) -> int:
    return math.floor(area_m2 * 100 + 0.5)


def m2_text(area_dm2: int) -> str:
    return f"{area_dm2 // 100}.{area_dm2 % 100:02d}"
