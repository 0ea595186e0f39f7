"""Sites measured, scenarios decided: joins layers, rules and the book for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import quota_kinds
from zoning.errors import LayerError, ScenarioError
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.measure.facts import SiteFacts
from zoning.measure.flat import shapes_of
from zoning.measure.plane import to_plane
from zoning.measure.site import Surroundings, measure_parcels, measure_shapes
from zoning.rules.book import RuleBook
from zoning.rules.parse import parse_rules
from zoning.rules.shipped import shipped
from zoning.scenario.engine import run
from zoning.scenario.model import Project, Scenario, parse_scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.data import measured_layer
from zoning.workspace.folder import RULES, Workspace, read_text
from zoning.workspace.quota import book, spendable_for


def rule_book(workspace: Workspace) -> RuleBook:
    """The shipped rules with the workspace's own rule files on top."""
    book = shipped()
    for file in sorted((workspace.root / RULES).glob("*.toml")):
        own = parse_rules(read_text(file), source=file.name)
        book = book.merged(RuleBook(own.rules, own.lines))
    return book


def surroundings(workspace: Workspace) -> Surroundings:
    """Every layer that a site is measured against: parcels, idle land, control lines."""
    have = workspace.config.roles()
    lines = [line.role for line in rule_book(workspace).lines if line.role in have]
    return Surroundings(
        parcels=measured_layer(workspace, "parcel"),
        idle_land=measured_layer(workspace, "idle_land") if "idle_land" in have else None,
        lines={role: measured_layer(workspace, role) for role in lines},
    )


def measure_polygon(
    workspace: Workspace, shapes: Sequence[shapely.Geometry], crs: CRS, site_id: str
) -> SiteFacts:
    """Measure polygons given in some coordinate system as one site.

    Raises LayerError where a shape is no valid polygon.
    """
    plane = _plane_site(shapes, crs, site_id)
    return measure_shapes(site_id, plane, surroundings(workspace), margins=True)


def measure_features(
    workspace: Workspace, role: str, feature_ids: Sequence[str], site_id: str
) -> SiteFacts:
    """Measure whole features of a layer as one site. Raises LayerError for unknown ids."""
    around = surroundings(workspace)
    if role == "parcel":
        return measure_parcels(site_id, feature_ids, around, margins=True)
    layer = measured_layer(workspace, role)
    shapes = shapes_of(layer.flat, layer.rows(feature_ids))
    return measure_shapes(site_id, list(shapes), around, margins=True)


def read_scenario(file: Path) -> Scenario:
    """A scenario file. Raises ScenarioError naming everything that is wrong in it."""
    return parse_scenario(read_text(file), source=file.name)


def check(workspace: Workspace, scenario: Scenario, *, folder: Path | None = None) -> Outcome:
    """Measure every project of a scenario and run the engine on the facts.

    `folder` is where the scenario's site files lie, the workspace by default.
    """
    facts = {
        project.id: _project_facts(workspace, project, folder or workspace.root)
        for project in scenario.projects
    }
    with book(workspace) as quota:
        lots = spendable_for(quota, scenario.id, scenario.decision_date)
        position = quota.position()
    return run(scenario, facts, lots, rule_book(workspace), workspace.classes, quota_kinds(),
               project_kinds=project_kinds(), ledger_position=position)


def _project_facts(workspace: Workspace, project: Project, folder: Path) -> SiteFacts:
    try:
        return _site_facts(workspace, project, folder)
    except LayerError as error:
        raise ScenarioError("workspace.project_site", project=project.id,
                            reason=error.message) from error


def _site_facts(workspace: Workspace, project: Project, folder: Path) -> SiteFacts:
    site = project.site
    if site.parcels:
        return measure_features(workspace, "parcel", site.parcels, project.id)
    if site.layer:
        return measure_features(workspace, site.layer, site.features, project.id)
    if site.file:
        shapes, crs = site_from_file(folder / site.file, names=site.names)
        return measure_polygon(workspace, shapes, crs, project.id)
    polygon = shapely.Polygon(site.polygon)
    return measure_polygon(workspace, [polygon], CRS.from_user_input(site.crs), project.id)


def site_from_file(
    file: Path, *, names: Sequence[str] = (), crs: str | None = None
) -> tuple[list[shapely.Geometry], CRS]:
    """The polygons of a site file (TXT, shapefile, GeoPackage …), or those named.

    Raises LayerError where a feature is faulty or a name is not in the file.
    """
    reading = read_layer(file, crs=crs, role="site")
    found = normalise(reading, "site")
    if len(found.quarantined):
        raise LayerError("workspace.faulty_site", file=file.name,
                         ids=[str(each) for each in found.quarantined["feature_id"]][:5])
    features = found.features
    if names:
        features = features[features["feature_id"].isin(names) | features["name"].isin(names)]
    if not len(features):
        raise LayerError("workspace.empty_site", file=file.name, names=list(names) or ["-"])
    return list(features.geometry), reading.crs


def _plane_site(
    shapes: Sequence[shapely.Geometry], crs: CRS, site_id: str
) -> list[shapely.Geometry]:
    drawn = np.asarray(shapes, dtype=object)
    if not (np.isin(shapely.get_type_id(drawn), (3, 6)) & shapely.is_valid(drawn)).all():
        raise LayerError("workspace.invalid_site", site=site_id,
                         reason=", ".join(sorted(set(shapely.is_valid_reason(drawn)))))
    return list(to_plane(drawn, crs))
