"""What a layer must be as a whole: land-survey patches cover their land without gaps."""

from __future__ import annotations

import geopandas

from zoning.errors import Problem
from zoning.layers.coverage import gap_problems

COVERAGES = ("parcel",)
"""Roles whose features cover their land."""


def topology_of(features: geopandas.GeoDataFrame, role: str) -> tuple[Problem, ...]:
    """The gaps of a layer that should have none; overlaps are found when it is measured."""
    if role not in COVERAGES or features.crs is None:
        return ()
    return gap_problems(features.geometry.to_numpy(), features.crs)
