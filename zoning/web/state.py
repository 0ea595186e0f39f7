"""One workspace in memory, once for all sessions: what the pages and the tile routes ask.

The pages call these functions and nothing below them. Layers are carried into map coordinates when
the workspace is first asked for, and again when its files change; the quota book is read on every
call.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

import geopandas
import numpy as np
import pandas as pd

from zoning.codes.reader import LandClass
from zoning.errors import ZoningError
from zoning.report.drawing import Style, class_numbers, line_style, palette
from zoning.web.mvt import Ints
from zoning.web.settings import WORKSPACE_VARIABLE
from zoning.web.tiles import MapLayer, map_layer
from zoning.workspace import LayerRecord, Workspace, open_workspace, read_features, rule_book

PARCEL = "parcel"
DRAWN = ("pbf", "eco_redline", "ugb", "offset", "demolition", "new_site", "idle_land")
"""Roles drawn above the parcels, the lowest first; roles of the workspace's own come before."""


@dataclass(frozen=True, eq=False)
class ClassArea:
    """A land class that occurs, with the land it covers; `number` 0 is land of unknown class."""

    number: int
    land_class: LandClass | None
    features: int
    area_dm2: int


@dataclass(frozen=True, eq=False)
class Desk:
    """A workspace with its layers ready to be drawn and clicked.

    `layers` and `attributes` have the same roles, parcels first and then from the lowest to the
    highest on the map; rows are in the same order in both. `styles` has every role but the parcels.
    """

    workspace: Workspace
    layers: Mapping[str, MapLayer]
    attributes: Mapping[str, pd.DataFrame]
    styles: Mapping[str, Style]
    names: Mapping[str, tuple[str, str]]

    @property
    def palette(self) -> tuple[str, ...]:
        """The colour of each class number that the parcel tiles carry."""
        return palette(self.workspace.classes)

    @cached_property
    def classes(self) -> tuple[ClassArea, ...]:
        """The land classes that occur, in the order of the code list."""
        layer, table = self.layers[PARCEL], self.attributes[PARCEL]
        known = (None, *self.workspace.classes.classes.values())
        area_dm2 = table["area_dm2"].to_numpy(np.int64)
        return tuple(
            ClassArea(number, known[number], int((layer.numbers == number).sum()),
                      int(area_dm2[layer.numbers == number].sum()))
            for number in np.unique(layer.numbers).tolist()
        )

    def fact(self, role: str, feature_id: str) -> Mapping[str, object]:
        """The attributes of one feature, absent values as None. Raises KeyError for no such id."""
        table = self.attributes[role]
        row = table.iloc[self.row(role, feature_id)]
        return {str(name): None if _is_absent(value) else value for name, value in row.items()}

    def row(self, role: str, feature_id: str) -> int:
        """The row of a feature. Raises KeyError where the layer has no such id."""
        return self._rows[role][feature_id]

    def has(self, role: str, feature_id: str) -> bool:
        """Whether a layer has a feature of this id."""
        return feature_id in self._rows.get(role, {})

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, int]]:
        return {role: {name: row for row, name in enumerate(layer.ids)}
                for role, layer in self.layers.items()}


def workspace_folder() -> Path:
    """The folder of the workspace that this process serves."""
    return Path(os.environ.get(WORKSPACE_VARIABLE, "."))


def current_desk() -> Desk:
    """The desk of the workspace that this process serves. Raises ZoningError where it is none."""
    return open_desk(workspace_folder())


def open_desk(root: Path) -> Desk:
    """A workspace ready to be shown; loaded once, and again when its files have changed."""
    workspace = open_workspace(root)
    files = [root / record.file for record in workspace.config.layer]
    files += sorted((root / "rules").glob("*.toml"))
    stamp = tuple((str(file), file.stat().st_mtime_ns) for file in files if file.exists())
    with _LOADING:
        return _load(workspace, stamp)


_LOADING = Lock()


@lru_cache(maxsize=2)
def _load(workspace: Workspace, _stamp: tuple[tuple[str, int], ...]) -> Desk:
    lines = rule_book(workspace).lines
    own = tuple(line.role for line in lines)
    roles = _roles(workspace, own)
    frames = {role: read_features(workspace, role) for role in roles}
    layers = {role: _map_layer(workspace, role, frame) for role, frame in frames.items()}
    attributes = {role: pd.DataFrame(frame.drop(columns=frame.geometry.name))
                  for role, frame in frames.items()}
    styles = {role: line_style(role, own) for role in roles if role != PARCEL}
    return Desk(workspace, layers, attributes, styles,
                {line.role: (line.name.zh, line.name.en) for line in lines})


def _roles(workspace: Workspace, own: tuple[str, ...]) -> list[str]:
    have = workspace.config.roles()
    above = [*sorted(role for role in own if role not in DRAWN), *DRAWN]
    return [role for role in (PARCEL, *above) if role in have]


def _map_layer(workspace: Workspace, role: str, frame: geopandas.GeoDataFrame) -> MapLayer:
    record = workspace.config.require(role)
    return map_layer(frame, role=role, version=_version(workspace.root, record),
                     numbers=_numbers(workspace, role, frame))


def _version(root: Path, record: LayerRecord) -> str:
    """Names what the tiles are made from: the source file, and when its copy was stored."""
    stored = (root / record.file).stat().st_mtime_ns
    return hashlib.sha256(f"{record.sha256}:{stored}".encode()).hexdigest()[:16]


def _numbers(workspace: Workspace, role: str, frame: geopandas.GeoDataFrame) -> Ints:
    if role != PARCEL:
        return np.zeros(len(frame), np.int64)
    known = class_numbers(workspace.classes)
    return np.array([known.get(code, 0) for code in frame["class_code"].astype(object)], np.int64)


def _is_absent(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


__all__ = ["PARCEL", "ClassArea", "Desk", "ZoningError", "current_desk", "open_desk",
           "workspace_folder"]
