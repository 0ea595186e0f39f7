"""A layer ready to be measured against: shapes in the statutory plane, ids, areas, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import geopandas
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from zoning.errors import LayerError
from zoning.measure.area import Areas
from zoning.measure.facts import LayerEdition
from zoning.measure.plane import Geometries, to_plane


@dataclass(frozen=True, eq=False)
class PlaneLayer:
    """One edition of a layer in the statutory plane.

    `shapes`, `area_dm2` and the rows of `attributes` run in the same order. `area_dm2` are the
    statutory areas as stored, integers of 0.01 m². `faulty` are the extents of the features that
    were put in quarantine at import, by id: land of which the layer cannot tell. One without
    usable coordinates has None, and may lie anywhere.
    """

    edition: LayerEdition
    shapes: Geometries
    area_dm2: Areas
    attributes: pd.DataFrame
    faulty: Mapping[str, shapely.Geometry | None]
    _rows: dict[str, int] = field(repr=False)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over `shapes`."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def ids(self) -> Sequence[str]:
        """Feature ids, in order."""
        return tuple(self._rows)

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
    ids = features["feature_id"].astype(str)
    return PlaneLayer(
        edition,
        to_plane(features.geometry.values, CRS.from_user_input(features.crs)),
        np.asarray(features["area_dm2"], dtype=np.int64),
        pd.DataFrame(features.drop(columns=features.geometry.name)).reset_index(drop=True),
        {} if quarantined is None else _extents(quarantined),
        {name: row for row, name in enumerate(ids)},
    )


def _extents(quarantined: geopandas.GeoDataFrame) -> dict[str, shapely.Geometry | None]:
    """The boxes of faulty features in the plane; None for one without usable coordinates."""
    boxes = quarantined.geometry.bounds.to_numpy()
    located = np.isfinite(boxes).all(axis=1)
    shapes = np.full(len(boxes), None, dtype=object)
    if located.any():
        drawn = shapely.box(*boxes[located].T)
        shapes[located] = to_plane(drawn, CRS.from_user_input(quarantined.crs))
    return dict(zip(quarantined["feature_id"].astype(str), shapes, strict=True))
