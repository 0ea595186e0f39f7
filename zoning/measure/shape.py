"""What a site is shaped like: the largest circle inside it, measured in true metres.

The statutory plane keeps areas, not lengths: a degree of longitude is as wide there as at the
equator. Lengths are taken after stretching the shape by the scale of its own latitude, right to
about 1e-4 for a site of some kilometres.
"""

from __future__ import annotations

import math

import shapely
from shapely import affinity

A_M = 6_378_137.0
E2 = 0.006_694_380_022_900_79
"""Semi-major axis and squared eccentricity of GRS80."""


def width_dm(shape: shapely.Geometry) -> int | None:
    """The diameter of the largest circle inside a shape of the statutory plane, in 0.1 m.

    Rounded down, so that it never claims a width that is not there; None for an empty shape.
    """
    if shape.is_empty or shape.area <= 0:
        return None
    true = to_true_scale(shape)
    radius_line = shapely.maximum_inscribed_circle(true, tolerance=math.sqrt(true.area) / 2000)
    radius = float(radius_line.length)
    return math.floor(radius * 2 * 10)


def to_true_scale(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape of the statutory plane with lengths as on the ground, about its own centre."""
    latitude = _latitude(shape.centroid.y)
    along = math.cos(latitude) / math.sqrt(1 - E2 * math.sin(latitude) ** 2)
    return affinity.scale(shape, xfact=along, yfact=1 / along, origin="centroid")


def _latitude(y: float) -> float:
    """Geodetic latitude of an ordinate of the plane, by the authalic series (Snyder, 3-18)."""
    e = math.sqrt(E2)
    q_pole = 1 + (1 - E2) / (2 * e) * math.log((1 + e) / (1 - e))
    beta = math.asin(max(-1.0, min(1.0, 2 * y / (A_M * q_pole))))
    return (beta + (E2 / 3 + 31 * E2**2 / 180 + 517 * E2**3 / 5040) * math.sin(2 * beta)
            + (23 * E2**2 / 360 + 251 * E2**3 / 3780) * math.sin(4 * beta)
            + 761 * E2**3 / 45360 * math.sin(6 * beta))
