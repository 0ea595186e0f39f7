"""A desk: what the projects of a workspace are judged against, opened once.

Layers, rule book and surroundings are looked up when the desk is made; sites already measured and
projects already examined are kept, so that a changed site alone costs anything. A desk shows the
workspace as it was when it was made: make a new one after an import or a change of rules. The book
is read anew for every answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
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
from zoning.ledger.model import LotBalance
from zoning.measure.facts import LayerEdition, SiteFacts
from zoning.measure.flat import Flat, chosen, flatten, shapes_of
from zoning.measure.meeting import land_in_common
from zoning.measure.plane import to_plane
from zoning.measure.shape import one_feature
from zoning.measure.site import Surroundings, measure_parcels, measure_shapes
from zoning.rules.book import RuleBook
from zoning.scenario.availability import Shared
from zoning.scenario.engine import Examined, Law, Turn, case_of, examine
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.outcome import Finding
from zoning.workspace.data import measured_layer, require_same_datum
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import book, spendable_for
from zoning.workspace.rules import rule_book

LAND_ROLES = ("parcel", "idle_land", "demolition", "new_site", "offset", "site", "planned_use")
"""Roles that are land; every other layer of a workspace is a control line."""


def surroundings(workspace: Workspace) -> Surroundings:
    """Every layer that a site is measured against: parcels, idle land, control lines."""
    have = workspace.config.roles()
    lines = [role for role in have if role not in LAND_ROLES]
    return Surroundings(
        parcels=measured_layer(workspace, "parcel"),
        idle_land=measured_layer(workspace, "idle_land") if "idle_land" in have else None,
        lines={role: measured_layer(workspace, role) for role in lines},
        planned_use=measured_layer(workspace, "planned_use") if "planned_use" in have else None,
        roads=workspace.classes.roads,
    )


@dataclass(eq=False)
class Desk:
    """A workspace at one moment.

    `folder` is where the site files of its scenarios lie; `quota` an open book to draw on, a branch
    say, in the place of the workspace's own. `rules` and `files` (by the name in the scenario)
    stand in the place of the workspace's where an old answer is recomputed.
    """

    workspace: Workspace
    folder: Path
    quota: Book | None = None
    rules: RuleBook | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    _facts: dict[tuple[str, Site, int], SiteFacts] = field(default_factory=dict, repr=False)
    _lots: dict[tuple[str, date, int], tuple[LotBalance, ...]] = field(
        default_factory=dict, repr=False)
    _turns: dict[str, tuple[Turn, ...]] = field(default_factory=dict, repr=False)
    _examined: dict[tuple[str, date], Examined] = field(default_factory=dict, repr=False)
    _outlines: dict[str, Flat] = field(default_factory=dict, repr=False)

    @cached_property
    def around(self) -> Surroundings:
        """What sites are measured against."""
        return surroundings(self.workspace)

    @cached_property
    def law(self) -> Law:
        """The rules and code lists."""
        return Law(self.rules or rule_book(self.workspace), self.workspace.classes,
                   self.workspace.kinds, project_kinds())

    def book(
        self, scenario_id: str, *days: date
    ) -> tuple[tuple[tuple[LotBalance, ...], ...], int]:
        """What a scenario may draw on, on each of some days, and the position of the book."""
        with nullcontext(self.quota) if self.quota else book(self.workspace) as quota:
            position = quota.position()
            for day in days:
                if (scenario_id, day, position) not in self._lots:
                    found = spendable_for(quota, scenario_id, day)
                    self._lots[scenario_id, day, position] = found
        return tuple(self._lots[scenario_id, day, position] for day in days), position

    def facts(self, scenario: Scenario) -> dict[str, SiteFacts]:
        """The measured site of every project. Raises ScenarioError naming a faulty one."""
        return {project.id: self.site_facts(project.id, project.site)
                for project in scenario.projects}

    def site_facts(self, project_id: str, site: Site) -> SiteFacts:
        """One measured site. Raises ScenarioError where it is faulty."""
        key = project_id, site, self._stamp(site)
        if key not in self._facts:
            try:
                self._facts[key] = self._measured(project_id, site)
            except (LayerError, CrsError) as error:
                raise ScenarioError("workspace.project_site", project=project_id,
                                    reason=error.message) from error
        return self._facts[key]

    def keeping(self, name: str, outline: Flat, facts: SiteFacts) -> SiteFacts:
        """Facts that name their outline, which the desk keeps to compare it with others."""
        self._outlines[name] = outline
        return replace(facts, outline=name)

    def shared(self, sites: Mapping[str, SiteFacts]) -> Shared:
        """The land that some sites have in common, by area; see `land_in_common`."""
        return land_in_common({name: self._outlines[facts.outline]
                               for name, facts in sites.items() if facts.outline})

    def examine(
        self, project: Project, facts: SiteFacts, on: date, place: str,
        given: tuple[Finding, ...] = (),
    ) -> Examined:
        """A project examined; asked again about the same, the same answer without the work."""
        known = self._examined.get((project.id, on))
        if known is not None and _is_about(known, project, facts, place, given):
            return known
        found = examine(case_of(project, facts, self.law, on=on, place=place), given=given)
        self._examined[project.id, on] = found
        return found

    def known(self, scenario_id: str) -> tuple[Turn, ...]:
        """The turns that the projects of a scenario took last."""
        return self._turns.get(scenario_id, ())

    def remember(self, scenario_id: str, taken: tuple[Turn, ...]) -> None:
        """Keep the turns of a scenario for the next answer."""
        self._turns[scenario_id] = taken

    def shapes(self, site: Site) -> list[shapely.Geometry]:
        """The polygons of a site in the statutory plane. Raises LayerError where one is faulty."""
        if site.layer or site.parcels:
            layer = measured_layer(self.workspace, site.layer or "parcel")
            return list(shapes_of(layer.flat, layer.rows(site.features or site.parcels)))
        shapes, crs, _ = self.drawn(site)
        return plane_shapes(shapes, crs, site.file or "polygon")

    def drawn(self, site: Site) -> tuple[list[shapely.Geometry], CRS, LayerEdition | None]:
        """The polygons of a drawn site, their coordinate system, and the file they lie in.

        Raises CrsError for a system that cannot be used, contradicts the coordinates, or stands on
        another datum than the workspace.
        """
        shapes, crs, edition = self._drawn(site)
        require_same_datum(self.workspace.config, crs, site.file or "polygon")
        return shapes, crs, edition

    def file_of(self, site: Site) -> Path | None:
        """The file that a site is drawn in; None for other sites."""
        return self.files.get(site.file, self.folder / site.file) if site.file else None

    def _drawn(self, site: Site) -> tuple[list[shapely.Geometry], CRS, LayerEdition | None]:
        if file := self.file_of(site):
            return site_from_file(file, names=site.names)
        crs = parse_crs(site.crs or "")
        centre = np.mean(np.asarray(site.polygon), axis=0, keepdims=True)
        check_coordinates(crs, centre, file="polygon")
        return [shapely.Polygon(site.polygon)], crs, None

    def _measured(self, project_id: str, site: Site) -> SiteFacts:
        name = f"{site} {self._stamp(site)}"
        parcels = site.parcels or (site.features if site.layer == "parcel" else ())
        if parcels:
            layer = self.around.parcels
            return self.keeping(name, one_feature(chosen(layer.flat, layer.rows(parcels))),
                                measure_parcels(project_id, parcels, self.around))
        shapes = self.shapes(site)
        facts = measure_shapes(project_id, shapes, self.around)
        facts = replace(facts, editions=tuple(dict.fromkeys((*facts.editions, *self._from(site)))))
        return self.keeping(name, one_feature(flatten(shapes)), facts)

    def _from(self, site: Site) -> tuple[LayerEdition, ...]:
        """Where the site itself was taken from."""
        if site.layer:
            return (measured_layer(self.workspace, site.layer).edition,)
        edition = self.drawn(site)[2]
        return (edition,) if edition else ()

    def _stamp(self, site: Site) -> int:
        """Changes with the file of a site, so that an edited file is measured again."""
        file = self.file_of(site)
        return file.stat().st_mtime_ns if file and file.exists() else 0


def _is_about(
    known: Examined, project: Project, facts: SiteFacts, place: str, given: tuple[Finding, ...]
) -> bool:
    case = known.case
    return (case.facts is facts and case.place == place and case.project == project
            and known.given == given)


def open_desk(
    workspace: Workspace, folder: Path | None = None, *, quota: Book | None = None
) -> Desk:
    """A desk for a workspace as it is now; site files lie in the workspace unless said."""
    return Desk(workspace, folder or workspace.root, quota)


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


def plane_shapes(
    shapes: Sequence[shapely.Geometry], crs: CRS, site_id: str
) -> list[shapely.Geometry]:
    """Polygons carried into the statutory plane. Raises LayerError for what is none."""
    drawn = np.asarray(shapes, dtype=object)
    if not (np.isin(shapely.get_type_id(drawn), (3, 6)) & shapely.is_valid(drawn)).all():
        raise LayerError("workspace.invalid_site", site=site_id,
                         reason=", ".join(sorted(set(shapely.is_valid_reason(drawn)))))
    return list(to_plane(drawn, crs))


__all__ = ["LAND_ROLES", "Desk", "open_desk", "plane_shapes", "site_from_file", "surroundings"]
