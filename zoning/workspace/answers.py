"""Questions about files that need no stored layer: areas of a file, overlay of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from zoning.errors import Problem, UsageError
from zoning.layers.model import left_out
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.measure.area import plane_dm2, statutory_dm2
from zoning.measure.declared import declared_problems
from zoning.measure.facts import LayerEdition
from zoning.measure.layer import PlaneLayer, plane_layer
from zoning.measure.overlap import SelfOverlap, self_overlap
from zoning.measure.table import OverlayTable, overlay_table
from zoning.workspace.data import (
    crs_text,
    declared_values,
    health,
    measured_layer,
    read_quarantine,
)
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
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Overlaid:
    """The area table of two layers, and of each what could not be measured, by id and code."""

    table: OverlayTable
    problems: tuple[tuple[Problem, ...], tuple[Problem, ...]]
    left_out: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


class _Side(NamedTuple):
    layer: PlaneLayer
    problems: tuple[Problem, ...]
    left_out: tuple[tuple[str, str], ...]


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
                        (*reading.problems, *found.problems, *compared), found.left_out)


def overlay(workspace: Workspace | None, a: str, b: str, *, crs: str | None = None) -> Overlaid:
    """The area table of two layers, each a role of the workspace or a file.

    `crs` is the system of the files where they tell none, or a wrong one. Features that cannot be
    measured are named, and the rest is divided. Raises UsageError where a name is neither.
    """
    one, two = _side(workspace, a, crs), _side(workspace, b, crs)
    return Overlaid(overlay_table(one.layer, two.layer), (one.problems, two.problems),
                    (one.left_out, two.left_out))


def overlap_of(workspace: Workspace, role: str) -> tuple[SelfOverlap, PlaneLayer]:
    """Where a stored layer overlaps itself, and the layer, to name the features."""
    layer = measured_layer(workspace, role)
    return self_overlap(layer), layer


def _side(workspace: Workspace | None, name: str, crs: str | None) -> _Side:
    if workspace is not None and workspace.config.current(name):
        apart = left_out(read_quarantine(workspace, name))
        return _Side(measured_layer(workspace, name), health(workspace, name)[name], apart)
    file = Path(name)
    if not file.exists():
        have = workspace.config.roles() if workspace else []
        raise UsageError("workspace.neither", name=name, have=have or ["-"])
    reading = read_layer(file, crs=crs, role="site")
    found = normalise(reading, "site")
    features = found.features.assign(
        area_dm2=statutory_dm2(found.features.geometry.values, reading.crs)
    )
    layer = plane_layer(features, LayerEdition(file.name, "", reading.source.sha256),
                        quarantined=found.quarantined)
    return _Side(layer, (*reading.problems, *found.problems), found.left_out)


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _integer(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


__all__ = ["MeasuredFeature", "MeasuredFile", "Overlaid", "measure_file", "overlap_of", "overlay"]
