"""Sites measured, scenarios decided: joins layers, rules and the book for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from zoning.codes.project_kinds import project_kinds
from zoning.errors import CrsError, LayerError, ScenarioError
from zoning.layers.crs import check_coordinates, parse_crs
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.ledger.book import Book
from zoning.measure.facts import LayerEdition, SiteFacts
from zoning.measure.plane import to_plane
from zoning.measure.site import Surroundings, measure_parcels, measure_shape, site_shape
from zoning.scenario.engine import run
from zoning.scenario.model import Project, Scenario, parse_scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.data import measured_layer, require_same_datum
from zoning.workspace.folder import Workspace, read_text
from zoning.workspace.quota import book, spendable_for
from zoning.workspace.rules import rule_book

LAND_ROLES = ("parcel", "idle_land", "demolition", "new_site", "offset", "site")
"""Roles that are land; every other layer of a workspace is a control line."""


def surroundings(workspace: Workspace) -> Surroundings:
    """Every layer that a site is measured against: parcels, idle land, control lines."""
    have = workspace.config.roles()
    lines = [role for role in have if role not in LAND_ROLES]
    return Surroundings(
        parcels=measured_layer(workspace, "parcel"),
        idle_land=measured_layer(workspace, "idle_land") if "idle_land" in have else None,
        lines={role: measured_layer(workspace, role) for role in lines},
    )


def measure_polygon(
    workspace: Workspace, shapes: Sequence[shapely.Geometry], crs: CRS, site_id: str
) -> SiteFacts:
    """Measure polygons given in some coordinate system as one site.

    Raises LayerError where a shape is no valid polygon, CrsError for a datum other than the
    workspace's.
    """
    require_same_datum(workspace.config, crs, site_id)
    return measure_shape(site_id, _plane_site(shapes, crs, site_id), surroundings(workspace))


def measure_features(
    workspace: Workspace, role: str, feature_ids: Sequence[str], site_id: str
) -> SiteFacts:
    """Measure whole features of a layer as one site. Raises LayerError for unknown ids."""
    around = surroundings(workspace)
    if role == "parcel":
        return measure_parcels(site_id, feature_ids, around)
    shape = site_shape(measured_layer(workspace, role), feature_ids)
    return measure_shape(site_id, shape, around)


def read_scenario(file: Path) -> Scenario:
    """A scenario file. Raises ScenarioError naming everything that is wrong in it."""
    return parse_scenario(read_text(file), source=file.name)


def check(
    workspace: Workspace, scenario: Scenario, *, folder: Path | None = None,
    quota: Book | None = None,
) -> Outcome:
    """Measure every project of a scenario and run the engine on the facts.

    `folder` is where the scenario's site files lie, the workspace by default. `quota` is the book
    to draw on, the workspace's by default; it stays open.
    """
    facts = {
        project.id: _project_facts(workspace, project, folder or workspace.root)
        for project in scenario.projects
    }
    with nullcontext(quota) if quota else book(workspace) as drawn_on:
        lots = spendable_for(drawn_on, scenario.id, scenario.decision_date)
        position = drawn_on.position()
    return run(scenario, facts, lots, rule_book(workspace), workspace.classes,
               workspace.kinds, project_kinds=project_kinds(), ledger_position=position)


def _project_facts(workspace: Workspace, project: Project, folder: Path) -> SiteFacts:
    try:
        return _site_facts(workspace, project, folder)
    except (LayerError, CrsError) as error:
        raise ScenarioError("workspace.project_site", project=project.id,
                            reason=error.message) from error


def _site_facts(workspace: Workspace, project: Project, folder: Path) -> SiteFacts:
    site = project.site
    if site.parcels:
        return measure_features(workspace, "parcel", site.parcels, project.id)
    if site.layer:
        facts = measure_features(workspace, site.layer, site.features, project.id)
        return _drawn_from(facts, measured_layer(workspace, site.layer).edition)
    if site.file:
        shapes, crs, edition = site_from_file(folder / site.file, names=site.names)
        facts = measure_polygon(workspace, shapes, crs, project.id)
        return _drawn_from(facts, edition)
    crs = parse_crs(site.crs or "")
    centre = np.mean(np.asarray(site.polygon), axis=0, keepdims=True)
    check_coordinates(crs, centre, file=project.id)
    return measure_polygon(workspace, [shapely.Polygon(site.polygon)], crs, project.id)


def _drawn_from(facts: SiteFacts, edition: LayerEdition) -> SiteFacts:
    """Facts that also name where the site itself was taken from."""
    return replace(facts, editions=tuple(dict.fromkeys((*facts.editions, edition))))


def site_from_file(
    file: Path, *, names: Sequence[str] = (), crs: str | None = None
) -> tuple[list[shapely.Geometry], CRS, LayerEdition]:
    """The polygons of a site file (TXT, shapefile, GeoPackage …), or those named; and its hash.

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
    edition = LayerEdition("site", file.name, reading.source.sha256)
    return list(features.geometry), reading.crs, edition


def _plane_site(shapes: Sequence[shapely.Geometry], crs: CRS, site_id: str) -> shapely.Geometry:
    drawn = np.asarray(shapes, dtype=object)
    if not (np.isin(shapely.get_type_id(drawn), (3, 6)) & shapely.is_valid(drawn)).all():
        raise LayerError("workspace.invalid_site", site=site_id,
                         reason=", ".join(sorted(set(shapely.is_valid_reason(drawn)))))
    return shapely.union_all(to_plane(drawn, crs))
