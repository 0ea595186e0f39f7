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


# ── Gauss-Krüger by the Krüger series ────────────────────────────────────────────────────────

N = F / (2 - F)
RADIUS = A / (1 + N) * (1 + N**2 / 4 + N**4 / 64)
BETA = (
    N / 2 - 2 / 3 * N**2 + 37 / 96 * N**3 - N**4 / 360,
    N**2 / 48 + N**3 / 15 - 437 / 1440 * N**4,
    17 / 480 * N**3 - 37 / 840 * N**4,
    4397 / 161280 * N**4,
)
DELTA = (
    2 * N - 2 / 3 * N**2 - 2 * N**3 + 116 / 45 * N**4,
    7 / 3 * N**2 - 8 / 5 * N**3 - 227 / 45 * N**4,
    56 / 15 * N**3 - 136 / 35 * N**4,
    4279 / 630 * N**4,
)


def gauss_krueger_to_degrees(east: Any, north: Any, *, meridian: float) -> tuple[Any, Any]:
    """Metres in a 3-degree zone, without zone prefix, to longitude and latitude in degrees."""
    xi, eta = np.asarray(north) / RADIUS, (np.asarray(east) - 500_000) / RADIUS
    xi_, eta_ = xi.copy(), eta.copy()
    for j, beta in enumerate(BETA, start=1):
        xi_ -= beta * np.sin(2 * j * xi) * np.cosh(2 * j * eta)
        eta_ -= beta * np.cos(2 * j * xi) * np.sinh(2 * j * eta)
    chi = np.arcsin(np.sin(xi_) / np.cosh(eta_))
    lat = chi + sum(delta * np.sin(2 * j * chi) for j, delta in enumerate(DELTA, start=1))
    lon = np.arctan2(np.sinh(eta_), np.cos(xi_))
    return meridian + np.degrees(lon), np.degrees(lat)


def zone_40_ring(ring: Any) -> Any:
    """A ring in EPSG:4528 (easting prefixed with 40), split at 70 m, in the plane."""
    east, north = split_ring(ring, 70.0).T
    lon, lat = gauss_krueger_to_degrees(east - 40_000_000, north, meridian=120.0)
    return to_plane(lon, lat)


def zone_40_shape(drawn: Any) -> Any:
    """A polygon or multipolygon in EPSG:4528, in the plane."""
    parts = drawn.geoms if drawn.geom_type == "MultiPolygon" else [drawn]
    return shapely.union_all([
        shapely.Polygon(zone_40_ring(part.exterior.coords),
                        [zone_40_ring(hole.coords) for hole in part.interiors])
        for part in parts
    ])
