"""Branches, ground and years for the tests of plans, made in code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from deciding import DAY, PLACE, book, project

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import land_classes, quota_kinds
from zoning.errors import ScenarioError
from zoning.ledger.model import Account, Lot
from zoning.measure.facts import SiteFacts
from zoning.rules.book import RuleBook
from zoning.scenario.actions import Branch, Supply
from zoning.scenario.engine import Examined, Law, case_of, examine
from zoning.scenario.horizon import Timeline, horizon
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.outcome import Finding
from zoning.scenario.renewal import StockPlot

BOOK = book()
YEARS = (2019, 2020, 2021)


def law(rules: RuleBook = BOOK) -> Law:
    return Law(rules, land_classes(), quota_kinds(), project_kinds())


@dataclass
class Ground:
    """Land by table: sites by parcels, moves by metres, stock plots, linkage projects."""

    sites: Mapping[tuple[str, ...], SiteFacts] = field(default_factory=dict)
    clear_beyond_m: float | None = None
    stock: Mapping[str, StockPlot] = field(default_factory=dict)
    linkages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    moved_site: SiteFacts | None = None
    in_common: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    asked: list[tuple[float, float]] = field(default_factory=list)

    def facts(self, project_id: str, site: Site) -> SiteFacts:
        key = site.parcels or site.features
        if key not in self.sites:
            raise ScenarioError("scenario.no_facts", projects=[project_id])
        return replace(self.sites[key], site_id=project_id)

    def moved(self, project_id: str, site: Site, east: float, north: float) -> SiteFacts:
        assert site is not None
        self.asked.append((east, north))
        assert self.moved_site is not None
        hit = east >= (self.clear_beyond_m or 0)
        lines = tuple(replace(each, area_dm2=0, sum_dm2=0, features=())
                      if each.role == "pbf" and hit else each for each in self.moved_site.lines)
        return replace(self.moved_site, site_id=project_id, lines=lines)

    def shared(self, sites: Mapping[str, SiteFacts]) -> Mapping[str, Mapping[str, int]]:
        return self.in_common if len(sites) > 1 else {}

    def plots(self) -> Mapping[str, StockPlot]:
        return self.stock

    def reclaimed(self, linkage: str) -> Mapping[str, int] | None:
        return self.linkages.get(linkage)


def examining(rules: RuleBook = BOOK):
    known: dict[tuple[str, date, int], Examined] = {}
    by = law(rules)

    def ask(asked: Project, facts: SiteFacts, on: date, place: str,
            given: tuple[Finding, ...] = ()) -> Examined:
        key = asked.model_dump_json(), on, id(facts)
        if key not in known or known[key].given != given or known[key].case.facts is not facts:
            known[key] = examine(case_of(asked, facts, by, on=on, place=place), given=given)
        return known[key]

    return ask


EXAMINE = examining()


def supply(
    kind: str, amounts: Mapping[str, int], day: date = DAY, *, lot_id: str = "L1",
    likelihood_1e4: int | None = None, pool: str = "county", place: str = PLACE,
    expires: date | None = None, **more: object,
) -> Supply:
    lot = Lot(lot_id, Account(place, kind, pool), day.year, "文件", expires=expires)
    return Supply(replace(lot, **more), amounts, day, likelihood_1e4,
                  lot_id if likelihood_1e4 is not None else "")


def all_of(kind: str, amount: int, day: date = DAY, **more: object) -> Supply:
    codes = [each.code for each in quota_kinds()[kind].components]
    return supply(kind, dict.fromkeys(codes, amount), day, **more)


def branch(
    sites: Sequence[SiteFacts], supplies: Sequence[Supply] = (), *projects: Project,
    on: date = DAY,
) -> Branch:
    asked = projects or tuple(project(each.site_id, rank=number)
                              for number, each in enumerate(sites, start=1))
    return Branch(on, PLACE, asked, {each.site_id: each for each in sites}, tuple(supplies))


def run(at: Branch, *forgiven: str, years: Sequence[int] = YEARS, examine=EXAMINE) -> Timeline:
    return horizon(at, years, BOOK, examine, forgiven=forgiven)


def scenario(*projects: Project, **more: object) -> Scenario:
    return Scenario(id="S", name="测试方案", decision_date=DAY, place=PLACE, projects=projects,
                    **more)
