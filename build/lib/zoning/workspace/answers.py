"""Questions about files that need no stored layer: areas of a file, overlay of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from zoning.errors import Problem, UsageError
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.measure.area import plane_dm2, statutory_dm2
from zoning.measure.declared import declared_problems
from zoning.measure.facts import LayerEdition
from zoning.measure.layer import PlaneLayer, plane_layer
from zoning.measure.overlap import SelfOverlap, self_overlap
from zoning.measure.table import OverlayTable, overlay_table
from zoning.workspace.data import crs_text, declared_values, measured_layer
from zoning.workspace.folder import Workspace


@dataclass(frozen=True)
class MeasuredFeature:
    """One polygon of a file; areas in dm². `plane_dm2` is None in a geographic system."""

    feature_id: str
    name: str
    area_dm2: int
    plane_dm2: int | None
    declared_dm2: int | None


@dataclass(frozen=True)
class MeasuredFile:
    """The polygons of a file with their areas, and what is wrong with the rest."""

    source: str
    sha256: str
    crs: str
    encoding: str | None
    features: tuple[MeasuredFeature, ...]
    problems: tuple[Problem, ...]


def measure_file(
    file: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> MeasuredFile:
    """Statutory area of every usable polygon of a file, the plane and declared area beside it.

    Faulty features are left out and named in the problems. Raises InputError where the file cannot
    be read or its coordinate system is not known.
    """
    reading = read_layer(file, layer=layer, crs=crs, encoding=encoding, role="site")
    found = normalise(reading, "site", mapping=mapping)
    frame, shapes = found.features, found.features.geometry.values
    statutory, plane = statutory_dm2(shapes, reading.crs), plane_dm2(shapes, reading.crs)
    features = tuple(
        MeasuredFeature(str(name), _text(label), int(area), flat, _integer(declared))
        for name, label, area, flat, declared in zip(
            frame["feature_id"], frame["name"], statutory,
            [None] * len(frame) if plane is None else plane.tolist(), frame["declared_dm2"],
            strict=True)
    )
    compared = declared_problems(frame["feature_id"].tolist(), statutory, plane,
                                 declared_values(frame))
    return MeasuredFile(reading.source.name, reading.source.sha256, crs_text(reading.crs),
                        reading.encoding, features,
                        (*reading.problems, *found.problems, *compared))


def overlay(workspace: Workspace | None, a: str, b: str) -> OverlayTable:
    """The area table of two layers, each a role of the workspace or a file.

    Raises UsageError where a name is neither.
    """
    return overlay_table(_layer(workspace, a), _layer(workspace, b))


def overlap_of(workspace: Workspace, role: str) -> tuple[SelfOverlap, PlaneLayer]:
    """Where a stored layer overlaps itself, and the layer, to name the features."""
    layer = measured_layer(workspace, role)
    return self_overlap(layer), layer


def _layer(workspace: Workspace | None, name: str) -> PlaneLayer:
    if workspace is not None and workspace.config.current(name):
        return measured_layer(workspace, name)
    file = Path(name)
    if not file.exists():
        have = workspace.config.roles() if workspace else []
        raise UsageError("workspace.neither", name=name, have=have or ["-"])
    reading = read_layer(file, role="site")
    found = normalise(reading, "site")
    features = found.features.assign(
        area_dm2=statutory_dm2(found.features.geometry.values, reading.crs)
    )
    return plane_layer(features, LayerEdition(file.name, "", reading.source.sha256))


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _integer(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


__all__ = ["MeasuredFeature", "MeasuredFile", "measure_file", "overlap_of", "overlay"]
