"""Site search for one project of a scenario: the solver proposes, the engine decides.

The county becomes numbers (`siting_land`), the search finds sites with their proof, each is checked
from its polygons by other means, and the engine judges it as a site of whole parcels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zoning.errors import UsageError
from zoning.measure.flat import chosen
from zoning.measure.lengths import width_dm
from zoning.measure.recheck import Chosen, Claim, Limits, faults
from zoning.measure.shape import dissolved, one_feature
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.outcome import ProjectOutcome
from zoning.siting.model import Demand, Search, SearchSite, Watch
from zoning.units import dm2_from
from zoning.workspace.decide import check_at
from zoning.workspace.desk import Desk
from zoning.workspace.siting_land import SitingLand, siting_land


@dataclass(frozen=True)
class Wish:
    """What is asked of a search; areas None for a tenth below and above the project's own site.

    `per_m_yuan` is what a metre of outline costs (compactness), `shape` the shape factor, `overlap`
    the part of the least area that two sites may share.
    """

    count: int = 1
    area_min_dm2: int | None = None
    area_max_dm2: int | None = None
    per_m_yuan: int = 100
    shape: float = 1.8
    overlap: float = 0.0
    gap: float = 0.0
    seconds: float = 60.0


@dataclass(frozen=True, eq=False)
class JudgedSite:
    """A site with its proof, what the check of its polygons found, and the engine's verdict."""

    site: SearchSite
    parcel_ids: tuple[str, ...]
    faults: dict[str, tuple[float, float]]
    width_dm: int | None
    verdict: ProjectOutcome


@dataclass(frozen=True, eq=False)
class SiteSearch:
    """The answer of a search: what was asked, the land it was asked of, the sites."""

    scenario: Scenario
    project: Project
    wish: Wish
    demand: Demand
    siting: SitingLand
    found: Search
    sites: tuple[JudgedSite, ...]


def area_asked(told: str | None) -> int | None:
    """An area as a person writes it (270mu, 18ha, 180000m2) in dm²; None for none or nothing.

    Raises UsageError for anything else.
    """
    if not told:
        return None
    unit = next((each for each in ("dm2", "m2", "ha", "mu") if told.endswith(each)), "")
    try:
        return dm2_from(told.removesuffix(unit).strip(), unit)
    except (ValueError, KeyError) as error:
        raise UsageError("siting.area", found=told) from error


def search_at(
    desk: Desk, scenario: Scenario, project_id: str, wish: Wish, watch: Watch | None = None
) -> SiteSearch:
    """Find the best sites for a project and have each judged; `watch` follows it and stops it.

    Projects before it in rank draw their quota first. Raises UsageError for a project that the
    scenario has not, and for a range of areas that is none.
    """
    from zoning.siting.search import search

    project = _project(scenario, project_id)
    outcome = check_at(desk, scenario)
    have = next(turn.before for turn in desk.known(scenario.id)
                if turn.answer.project_id == project_id)
    own = next(each for each in outcome.projects if each.project_id == project_id)
    siting = siting_land(desk, scenario, project, have)
    demand = _demand(project, wish, siting, own.facts.area_dm2)
    found = search(siting.land, demand, count=wish.count, overlap=wish.overlap, gap=wish.gap,
                   seconds=wish.seconds, accept=_wide_enough(desk, project, siting), watch=watch)
    sites = tuple(_judged(desk, scenario, project, siting, demand, site) for site in found.sites)
    return SiteSearch(scenario, project, wish, demand, siting, found, sites)


def _project(scenario: Scenario, project_id: str) -> Project:
    for project in scenario.projects:
        if project.id == project_id:
            return project
    raise UsageError("decide.no_project", project=project_id,
                     have=[each.id for each in scenario.projects])


def _demand(project: Project, wish: Wish, siting: SitingLand, own_dm2: int) -> Demand:
    least = wish.area_min_dm2 if wish.area_min_dm2 is not None else own_dm2 * 9 // 10
    most = wish.area_max_dm2 if wish.area_max_dm2 is not None else max(own_dm2, least) * 11 // 10
    if not 0 < least <= most:
        raise UsageError("siting.area_range", least=least, most=most)
    return Demand(least, most, wish.per_m_yuan * 10, siting.available, wish.shape,
                  project.design.road_access)


def _wide_enough(
    desk: Desk, project: Project, siting: SitingLand
) -> Callable[[tuple[int, ...]], bool] | None:
    """The test of the least width: the largest circle inside, as the engine measures it."""
    wanted = project.design.least_width_m
    if wanted is None:
        return None
    limit, layer = int(wanted * 10), desk.around.parcels

    def test(parcels: tuple[int, ...]) -> bool:
        rows = layer.rows([siting.ids[k] for k in parcels])
        site = one_feature(chosen(layer.flat, rows))
        return (width_dm(dissolved(site)) or 0) >= limit

    return test


def _judged(
    desk: Desk, scenario: Scenario, project: Project, siting: SitingLand, demand: Demand,
    site: SearchSite,
) -> JudgedSite:
    ids = tuple(siting.ids[k] for k in site.parcels)
    moved = project.model_copy(update={"site": Site(parcels=ids)})
    asked = scenario.model_copy(update={"projects": tuple(
        moved if each.id == project.id else each for each in scenario.projects)})
    outcome = check_at(desk, asked)
    verdict = next(each for each in outcome.projects if each.project_id == project.id)
    return JudgedSite(site, ids, checked(siting, demand, site), verdict.facts.width_dm, verdict)


def checked(
    siting: SitingLand, demand: Demand, site: SearchSite
) -> dict[str, tuple[float, float]]:
    """What `zoning.measure.recheck` finds wrong with a site; empty where nothing is."""
    rows, land = np.array(site.parcels), siting.land
    columns = len(demand.budgets)
    chosen = Chosen(siting.shapes[rows], land.area_dm2[rows].tolist(), land.cost[rows].tolist(),
                    land.quota[rows, :columns].tolist(), land.open[rows].tolist())
    claim = Claim(site.area_dm2, site.perimeter_dm, site.value, site.used)
    limits = Limits(demand.area_min_dm2, demand.area_max_dm2, demand.per_dm, demand.budgets,
                    demand.radius_m)
    return dict(faults(chosen, claim, limits))


__all__ = ["JudgedSite", "SiteSearch", "Wish", "area_asked", "checked", "search_at"]
