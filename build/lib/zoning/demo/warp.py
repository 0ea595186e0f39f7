"""The smooth map from the undistorted plan to the ground (EPSG:4528), rounded to a millimetre.

A sum of slow waves turns and bends the polders, the river winds within its belt, the shore curves.
The town and the parks keep straight streets: the short waves fade out there. The map is a function
of the place alone, so a vertex shared in the plan is shared on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoning.demo.cells import Integers
from zoning.demo.layout import Layout, Use

Floats = NDArray[np.float64]
ORIGIN_MM = (40_613_024_582, 3_575_751_777)
"""121.2°E 32.3°N in EPSG:4528, zone-prefixed easting and northing, mm."""

_TILT = np.deg2rad(-6.0)
_LONG = ((7900.0, 175.0), (5300.0, 95.0))
_SHORT = ((1900.0, 26.0), (760.0, 8.0), (270.0, 2.4))


@dataclass(frozen=True)
class Wave:
    """One sine wave over the plan: wave vector per metre, phase, and shift east and north in m."""

    east: float
    north: float
    phase: float
    shift: tuple[float, float]


@dataclass(frozen=True)
class Warp:
    """All that bends the plan. Lengths in metres."""

    long_waves: tuple[Wave, ...]
    short_waves: tuple[Wave, ...]
    river_v: float
    shore_u: float
    bends: tuple[tuple[float, float, float], ...]
    calm: tuple[float, float, float, float]


def make_warp(rng: np.random.Generator, layout: Layout) -> Warp:
    """Draw the waves of one county."""
    bends = tuple(
        (2 * np.pi / length, rng.uniform(0, 2 * np.pi), height)
        for length, height in ((2350.0, 128.0), (1270.0, 48.0), (610.0, 9.0))
    )
    return Warp(
        tuple(wave for one in _LONG for wave in _waves(rng, *one)),
        tuple(wave for one in _SHORT for wave in _waves(rng, *one)),
        layout.river_v / 1000, layout.shore_u / 1000, bends, _calm(layout),
    )


def place(points: Integers, warp: Warp) -> Integers:
    """Where points of the plan (mm) lie on the ground: EPSG:4528 easting and northing in mm.

    Equal points give equal results; nothing else of the input matters.
    """
    u, v = points[:, 0] / 1000.0, points[:, 1] / 1000.0
    x, y = u.copy(), v.copy()
    loud = 1.0 - 0.93 * _inside(u, v, warp.calm)
    for waves, strength in ((warp.long_waves, 1.0), (warp.short_waves, loud)):
        for wave in waves:
            swing = np.sin(wave.east * u + wave.north * v + wave.phase) * strength
            x += wave.shift[0] * swing
            y += wave.shift[1] * swing
    y += _river_bend(u, warp) * np.exp(-(((v - warp.river_v) / 430.0) ** 2))
    x += 70 * np.sin(v / 620.0 + 1.0) * np.exp(-(((u - warp.shore_u) / 380.0) ** 2))
    east = x * np.cos(_TILT) - y * np.sin(_TILT)
    north = x * np.sin(_TILT) + y * np.cos(_TILT)
    ground = np.rint(np.column_stack((east, north)) * 1000).astype(np.int64)
    placed: Integers = ground + np.array(ORIGIN_MM, dtype=np.int64)
    return placed


def _waves(rng: np.random.Generator, length: float, height: float) -> list[Wave]:
    """Three waves of one length in spread directions, shifting mostly across their way."""
    first = rng.uniform(0, np.pi)
    found = []
    for number in range(3):
        way = first + number * np.pi / 3 + rng.uniform(-0.2, 0.2)
        east, north = 2 * np.pi / length * np.cos(way), 2 * np.pi / length * np.sin(way)
        across = height * rng.uniform(0.7, 1.0)
        found.append(Wave(east, north, rng.uniform(0, 2 * np.pi),
                          (-across * np.sin(way), across * np.cos(way))))
    return found


def _river_bend(u: Floats, warp: Warp) -> Floats:
    bend = np.zeros_like(u)
    for rate, phase, height in warp.bends:
        bend += height * np.sin(rate * u + phase)
    return bend


def _calm(layout: Layout) -> tuple[float, float, float, float]:
    """The rectangle around park and main town, m; the parks' alone where the town is elsewhere."""
    columns, rows = np.nonzero(layout.uses == Use.PARK)
    return (
        float(layout.columns[columns.min(), 0]) / 1000, float(layout.rows[rows.min(), 0]) / 1000,
        float(layout.columns[columns.max(), 1]) / 1000, float(layout.rows[rows.max(), 1]) / 1000,
    )


def _inside(u: Floats, v: Floats, box: tuple[float, float, float, float]) -> Floats:
    """1 well inside the box, 0 well outside, smooth over some 150 m."""
    u0, v0, u1, v1 = box
    inside = np.ones_like(u)
    for distance in (u - u0, u1 - u, v - v0, v1 - v):
        inside *= 0.5 * (1 + np.tanh((distance + 120) / 110.0))
    return inside
