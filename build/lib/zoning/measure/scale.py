"""True lengths from the statutory plane, which keeps areas and not lengths. Method §9.

At latitude φ the plane widens east–west by k = √(1 − e² sin² φ) / cos φ and narrows north–south by
as much (Snyder, *Map Projections*, eq. 10-1). Undone with the k of one latitude, lengths are right
to about 1e-4 for a site of some kilometres.
"""

from __future__ import annotations

import math

import shapely
from shapely import affinity

A_M = 6_378_137.0
E2 = 0.006_694_380_022_900_79
"""Semi-major axis and squared eccentricity of GRS80."""


def widening(y: float) -> float:
    """How much the plane widens east–west at one of its ordinates, metres; 1 at the equator."""
    latitude = _latitude(y)
    return math.sqrt(1 - E2 * math.sin(latitude) ** 2) / math.cos(latitude)


def to_true_scale(shape: shapely.Geometry, y: float) -> shapely.Geometry:
    """A shape of the plane with lengths as on the ground at the ordinate `y`, about the origin."""
    k = widening(y)
    return affinity.scale(shape, xfact=1 / k, yfact=k, origin=(0.0, y))


def _latitude(y: float) -> float:
    """Geodetic latitude of an ordinate of the plane, by the authalic series (Snyder, 3-18)."""
    e = math.sqrt(E2)
    q_pole = 1 + (1 - E2) / (2 * e) * math.log((1 + e) / (1 - e))
    beta = math.asin(max(-1.0, min(1.0, 2 * y / (A_M * q_pole))))
    return (beta + (E2 / 3 + 31 * E2**2 / 180 + 517 * E2**3 / 5040) * math.sin(2 * beta)
            + (23 * E2**2 / 360 + 251 * E2**3 / 3780) * math.sin(4 * beta)
            + 761 * E2**3 / 45360 * math.sin(6 * beta))


__all__ = ["to_true_scale", "widening"]
