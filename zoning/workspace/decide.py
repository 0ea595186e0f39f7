"""Sites measured, scenarios decided: joins layers, rules and the book for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import shapely
from pyproj import CRS

from zoning.ledger.book import Book
from zoning.measure.facts import SiteFacts
from zoning.measure.flat import shapes_of
from zoning.measure.site import measure_parcels, measure_shapes
from zoning.scenario.availability import stock
from zoning.scenario.engine import conclude, turns
from zoning.scenario.model import Scenario, parse_scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.archive import keep
from zoning.workspace.data import measured_layer, require_same_datum
from zoning.workspace.desk import Desk, open_desk, plane_shapes, surroundings
from zoning.workspace.folder import Workspace, read_text


def measure_polygon(
    workspace: Workspace, shapes: Sequence[shapely.Geometry], crs: CRS, site_id: str
) -> SiteFacts:
    """Measure polygons given in some coordinate system as one site.

    Raises LayerError where a shape is no valid polygon, CrsError for a datum other than the
    workspace's.
    """
    require_same_datum(workspace.config, crs, site_id)
    return measure_shapes(site_id, plane_shapes(shapes, crs, site_id), surroundings(workspace))


def measure_features(
    workspace: Workspace, role: str, feature_ids: Sequence[str], site_id: str
) -> SiteFacts:
    """Measure whole features of a layer as one site. Raises LayerError for unknown ids."""
    around = surroundings(workspace)
    if role == "parcel":
        return measure_parcels(site_id, feature_ids, around)
    layer = measured_layer(workspace, role)
    shapes = shapes_of(layer.flat, layer.rows(feature_ids))
    return measure_shapes(site_id, list(shapes), around)


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
    return check_at(open_desk(workspace, folder, quota=quota), scenario)


def check_at(desk: Desk, scenario: Scenario) -> Outcome:
    """As `check`, at an open desk: sites that did not change are not measured again."""
    (lots,), position = desk.book(scenario.id, scenario.decision_date)
    on, place = scenario.decision_date, scenario.place
    facts = desk.facts(scenario)
    examined = [desk.examine(project, facts[project.id], on, place)
                for project in scenario.projects]
    have = stock(lots, place=place, on=on, shared=desk.shared(facts))
    taken = turns(examined, have, desk.known(scenario.id))
    desk.remember(scenario.id, taken)
    return conclude(scenario, taken, rules_sha256=desk.law.rules.digest,
                    ledger_position=position)


def answer_at(desk: Desk, scenario: Scenario) -> Outcome:
    """As `check_at`, for an answer that leaves the house: what it cites is kept, see `archive`."""
    outcome = check_at(desk, scenario)
    files = (desk.file_of(each.site) for each in scenario.projects)
    keep(desk.workspace, outcome.editions, desk.law.rules, filter(None, files))
    return outcome


__all__ = ["answer_at", "check", "check_at", "measure_features", "measure_polygon", "read_scenario"]
