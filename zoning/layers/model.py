"""What the layers room hands on: a layer as read, and a layer as normalised."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
from pyproj import CRS

from zoning.errors import Problem

GEOMETRY = "geometry"
"""The name of the geometry column in every frame of this room."""

REASON = "reason"
"""The column of a quarantined frame that holds the code of the fault, such as ``GEO003``."""


@dataclass(frozen=True)
class Source:
    """Where a layer came from.

    `name` is the file or folder name without its path, `layer` the layer inside it, `sha256` the
    digest of the bytes: one file, or the side files of a shapefile or the files of a geodatabase
    one after the other in sorted order.
    """

    name: str
    layer: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A layer as it stands in the file: own column names, 2D geometries of any type, own CRS.

    Row *n* of `features` (from 1) is record *n* of the file. A record whose geometry is absent or
    could not be formed has None there. `encoding` is the text encoding used, None where the format
    fixes it. `problems` holds everything that was guessed, dropped or unreadable.
    """

    features: gpd.GeoDataFrame
    crs: CRS
    encoding: str | None
    source: Source
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class Normalised:
    """A layer in the columns of its role.

    `features` are valid 2D polygons in the CRS of the source. `quarantined` has the same columns
    and `REASON`: the features that cannot be measured, kept as they came. `dropped` names the
    personal columns that were left out.
    """

    features: gpd.GeoDataFrame
    quarantined: gpd.GeoDataFrame
    problems: tuple[Problem, ...]
    dropped: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Every feature that cannot be measured: its id, and the code of what is wrong."""
        return left_out(self.quarantined)


def left_out(quarantined: gpd.GeoDataFrame | None) -> tuple[tuple[str, str], ...]:
    """The id and the fault of every feature of a quarantine, in file order."""
    if quarantined is None:
        return ()
    ids, codes = quarantined["feature_id"].astype(str), quarantined[REASON].astype(str)
    return tuple(zip(ids, codes, strict=True))


__all__ = ["GEOMETRY", "REASON", "Normalised", "Reading", "Source", "left_out"]
