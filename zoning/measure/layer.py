"""A layer ready to be measured against: flat arrays in the statutory plane, ids, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from zoning.errors import CrsError, LayerError
from zoning.measure.area import Areas
from zoning.measure.facts import LayerEdition
from zoning.measure.flat import Flat, Indices, flatten, shapes_of
from zoning.measure.overlay import Pairs, overlaps_of
from zoning.measure.plane import Geometries, to_plane

if TYPE_CHECKING:
    from zoning.measure.index import Grid


@dataclass(frozen=True, eq=False)
class PlaneLayer:
    """One edition of a layer in the statutory plane.

    The features of `flat`, `area_dm2` and the rows of `attributes` run in the same order.
    `area_dm2` are the statutory areas as stored, integers of 0.01 m². `faulty` are the extents of
    the features that were put in quarantine at import, by id: land of which the layer cannot tell.
    One without usable coordinates has None, and may lie anywhere.
    """

    edition: LayerEdition
    flat: Flat
    area_dm2: Areas
    attributes: pd.DataFrame
    faulty: Mapping[str, shapely.Geometry | None]
    _rows: dict[str, int] = field(repr=False)

    @cached_property
    def shapes(self) -> Geometries:
        """The features as polygons, made when somebody draws them."""
        return shapes_of(self.flat)

    def shape(self, row: int) -> shapely.Geometry:
        """One feature as a polygon."""
        return shapes_of(self.flat, [row])[0]

    @cached_property
    def grid(self) -> Grid:
        """Index over the boxes of the features."""
        from zoning.measure.index import grid_over

        return grid_over(self.flat.boxes)

    @cached_property
    def overlaps(self) -> Pairs:
        """Features of the layer that overlap each other."""
        return overlaps_of(self.flat, self.grid)

    @cached_property
    def rank(self) -> Indices:
        """The place of every feature when they are sorted by id."""
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    @cached_property
    def ids(self) -> Sequence[str]:
        """Feature ids, in order."""
        return tuple(self._rows)

    def column(self, name: str) -> npt.NDArray[np.object_] | None:
        """An attribute of all features with None where it is missing; None without the column."""
        if name not in self._columns:
            self._columns[name] = _plain(self.attributes, name)
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, npt.NDArray[np.object_] | None]:
        return {}

    def rows(self, feature_ids: Sequence[str]) -> list[int]:
        """Positions of features. Raises LayerError naming all ids that are not in the layer."""
        missing = [name for name in feature_ids if name not in self._rows]
        if missing:
            raise LayerError("measure.no_such_feature", role=self.edition.role,
                             ids=missing[:5], count=len(missing))
        return [self._rows[name] for name in feature_ids]


def plane_layer(
    features: geopandas.GeoDataFrame,
    edition: LayerEdition,
    *,
    quarantined: geopandas.GeoDataFrame | None = None,
) -> PlaneLayer:
    """Carry a stored layer (columns ``feature_id``, ``area_dm2``, geometry) into the plane."""
    shapes = to_plane(features.geometry.values, CRS.from_user_input(features.crs))
    attributes = pd.DataFrame(features.drop(columns=features.geometry.name))
    return layer_of(flatten(shapes), attributes.reset_index(drop=True), edition,
                    faulty=extents(quarantined))


def layer_of(
    flat: Flat, attributes: pd.DataFrame, edition: LayerEdition, *,
    faulty: Mapping[str, shapely.Geometry | None],
) -> PlaneLayer:
    """A layer from flat arrays and its attributes, ``feature_id`` and ``area_dm2`` among them."""
    ids = attributes["feature_id"].astype(str)
    return PlaneLayer(edition, flat, np.asarray(attributes["area_dm2"], dtype=np.int64),
                      attributes, faulty, {name: row for row, name in enumerate(ids)})


def extents(
    quarantined: geopandas.GeoDataFrame | None,
) -> dict[str, shapely.Geometry | None]:
    """The boxes of faulty features in the plane; None for one without usable coordinates."""
    if quarantined is None:
        return {}
    boxes = quarantined.geometry.bounds.to_numpy()
    shapes = np.full(len(boxes), None, dtype=object)
    crs = CRS.from_user_input(quarantined.crs)
    for row in np.flatnonzero(np.isfinite(boxes).all(axis=1)):
        with suppress(CrsError):
            shapes[row] = to_plane([shapely.box(*boxes[row])], crs)[0]
    return dict(zip(quarantined["feature_id"].astype(str), shapes, strict=True))


def _plain(attributes: pd.DataFrame, name: str) -> npt.NDArray[np.object_] | None:
    if name not in attributes:
        return None
    values = attributes[name]
    plain: npt.NDArray[Any] = values.to_numpy(dtype=object, copy=True)
    plain[values.isna().to_numpy()] = None
    return plain
