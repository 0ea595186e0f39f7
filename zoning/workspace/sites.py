"""The land of projects and of features as shapes in one projected system: for papers and maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, Polygon

from zoning.errors import LayerError, UsageError
from zoning.layers.crs import CGCS2000, Zone, epsg_of, parse_crs, zone, zone_of
from zoning.measure.redrawn import union_drawn_right
from zoning.scenario.model import Project, Scenario, Site
from zoning.workspace.data import read_features
from zoning.workspace.desk import Desk
from zoning.workspace.folder import Workspace

Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class ShownSite:
    """One piece of land with its name: `shape` in a zone with prefix, `area_dm2` statutory."""

    id: str
    name: str
    shape: Polygon | MultiPolygon
    area_dm2: int
    kind: str = ""
    class_code: str = ""


def paper_zone(workspace: Workspace, number: int | None = None) -> Zone:
    """The zone that papers are written in: the one named, the workspace's, or where its land lies.

    Raises LayerError for a workspace without layers, CrsError for a zone there is not.
    """
    if number is not None:
        return zone(number, prefixed=True)
    roles = workspace.config.roles()
    if not roles:
        raise LayerError("workspace.no_layer", role="parcel", have=["-"])
    own = zone_of(parse_crs(workspace.config.crs)) if workspace.config.crs else None
    if own is not None:
        return zone(own.number, prefixed=True)
    role = "parcel" if "parcel" in roles else roles[0]
    west, _, east, _ = read_features(workspace, role).to_crs(CGCS2000).total_bounds
    return zone(int((west + east) / 2 / 3 + 0.5), prefixed=True)


def project_sites(
    desk: Desk, scenario: Scenario, zone_: Zone, projects: Sequence[str] = ()
) -> tuple[ShownSite, ...]:
    """The sites of a scenario's projects, or of those named; a site of parcels is their union.

    Raises UsageError for a project that the scenario has not, ScenarioError for a faulty site.
    """
    known = {each.id: each for each in scenario.projects}
    for each in projects:
        if each not in known:
            raise UsageError("decide.no_project", project=each, have=list(known))
    return tuple(_project_site(desk, known[each], zone_) for each in projects or known)


def _project_site(desk: Desk, project: Project, zone_: Zone) -> ShownSite:
    area_dm2 = desk.site_facts(project.id, project.site).area_dm2
    shape = site_shape(desk, project.site, zone_)
    return ShownSite(project.id, project.name, shape, area_dm2, project.kind)


def site_shape(desk: Desk, site: Site, zone_: Zone) -> Polygon | MultiPolygon:
    """The land of a site as one shape in a zone."""
    if site.layer or site.parcels:
        features = read_features(desk.workspace, site.layer or "parcel")
        wanted = set(site.features or site.parcels)
        chosen = features[features["feature_id"].isin(wanted)]
        shapes, crs = list(chosen.geometry), CRS.from_user_input(features.crs)
    else:
        shapes, crs, _ = desk.drawn(site)
    land = carried(np.asarray(shapes, dtype=object), crs, zone_)
    return _polygonal(union_drawn_right(list(land)))


def feature_sites(
    workspace: Workspace, role: str, zone_: Zone, features: Sequence[str] = ()
) -> tuple[ShownSite, ...]:
    """The features of a layer, or those named, in their order.

    Raises LayerError for a layer or a feature there is not.
    """
    found = read_features(workspace, role)
    if features:
        absent = sorted(set(features) - set(found["feature_id"]))
        if absent:
            raise LayerError("papers.no_feature", role=role, ids=absent[:5])
        found = found[found["feature_id"].isin(features)]
    shapes = in_zone(found, zone_)
    return tuple(
        ShownSite(str(row.feature_id), _told(row, "name"), _polygonal(shape), int(row.area_dm2),
                  "", _told(row, "class_code"))
        for row, shape in zip(found.itertuples(), shapes, strict=True)
    )


def carried(shapes: Shapes, crs: CRS, zone_: Zone) -> Shapes:
    """Shapes of some system in a zone with prefix."""
    target = zone_.crs()
    if epsg_of(crs) == epsg_of(target):
        return shapes
    carry = Transformer.from_crs(crs, target, always_xy=True)
    moved: Shapes = shapely.transform(shapes, carry.transform, interleaved=False)
    return moved


def in_zone(features: geopandas.GeoDataFrame, zone_: Zone) -> Shapes:
    """The shapes of a layer in a zone with prefix."""
    return carried(np.asarray(features.geometry, dtype=object),
                   CRS.from_user_input(features.crs), zone_)


def _polygonal(shape: shapely.Geometry) -> Polygon | MultiPolygon:
    """The areas of a shape; lines and points that a union leaves are none."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    whole: Polygon | MultiPolygon = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    return whole


def _told(row: object, column: str) -> str:
    value = getattr(row, column, None)
    return value.strip() if isinstance(value, str) else ""


__all__ = ["Shapes", "ShownSite", "carried", "feature_sites", "in_zone", "paper_zone",
           "project_sites", "site_shape"]
