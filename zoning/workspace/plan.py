"""Plans over years: the branch of a scenario's actions, its horizon, what a workspace knows of it.

The pure parts are in `zoning.scenario`; here the book is read, land is measured, chance is drawn.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from shapely.affinity import translate

from zoning.codes.reader import QuotaKind
from zoning.errors import LayerError, ScenarioError, UsageError
from zoning.ledger.model import LotBalance
from zoning.measure.facts import SiteFacts
from zoning.measure.flat import flatten
from zoning.measure.shape import one_feature
from zoning.measure.site import measure_shapes
from zoning.scenario.actions import Branch, Supply, branch_of
from zoning.scenario.availability import Shared, Stock, stock
from zoning.scenario.compare import Difference, compare
from zoning.scenario.conflicts import Conflict, plan_conflicts, project_conflicts
from zoning.scenario.costs import plan_costs
from zoning.scenario.doubts import class_margins, inflow_margins
from zoning.scenario.engine import Examined, case_of, conclude, examine, turns
from zoning.scenario.horizon import Examine, Timeline, horizon
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.openings import Opening, asked_in_turn, openings
from zoning.scenario.outcome import Finding, Outcome
from zoning.scenario.plan_remedies import PlanRepair, PlanSearch
from zoning.scenario.planned import Confusion, likelihood_1e4
from zoning.scenario.plans import Plan
from zoning.scenario.remedies import Search
from zoning.scenario.remedy import Remedy
from zoning.scenario.renewal import StockPlot
from zoning.scenario.sensitivity import Sample, Sensitivity, margins, odds
from zoning.scenario.yearly import promise_lines, year_ends
from zoning.workspace.data import measured_layer
from zoning.workspace.desk import Desk, plane_shapes
from zoning.workspace.quota import book
from zoning.workspace.stock import stock_plot


@dataclass(eq=False)
class DeskGround:
    """What actions ask about the land, answered at a desk."""

    desk: Desk

    def facts(self, project_id: str, site: Site) -> SiteFacts:
        """A site measured. Raises ScenarioError where it is faulty."""
        return self.desk.site_facts(project_id, site)

    def moved(self, project_id: str, site: Site, east: float, north: float) -> SiteFacts:
        """A drawn site measured some metres away, in the system it was drawn in.

        Raises ScenarioError for whole parcels, which do not move, and for a geographic system.
        """
        if not (site.file or site.polygon):
            raise ScenarioError("decide.not_drawn", project=project_id)
        shapes, crs, _ = self.desk.drawn(site)
        if crs.is_geographic:
            raise ScenarioError("decide.geographic", project=project_id, crs=crs.name)
        away = [translate(shape, east, north) for shape in shapes]
        try:
            plane = plane_shapes(away, crs, project_id)
            return self.desk.keeping(f"{site}+{east},{north}", one_feature(flatten(plane)),
                                     measure_shapes(project_id, plane, self.desk.around))
        except LayerError as error:
            raise ScenarioError("workspace.project_site", project=project_id,
                                reason=error.message) from error

    def shared(self, sites: Mapping[str, SiteFacts]) -> Shared:
        """The land that some sites have in common, two by two."""
        return self.desk.shared(sites)

    def plots(self) -> Mapping[str, StockPlot]:
        """The stock land, by feature id; none where the workspace has no such layer."""
        return self._plots

    def reclaimed(self, linkage: str) -> Mapping[str, int] | None:
        """The linkage quota that a project's demolition plots would make; None for no such.

        Its area is the farmland reclaimed. None too where a plot does not state that.
        """
        rows = [row for row in self._rows("demolition") if row.get("project") == linkage]
        areas = [_integer(row.get("farmland_dm2")) for row in rows]
        if not rows or None in areas:
            return None
        return {"area": _sum(rows, "farmland_dm2"), "paddy": _sum(rows, "paddy_dm2"),
                "capacity": _sum(rows, "capacity_kg")}

    @cached_property
    def _plots(self) -> Mapping[str, StockPlot]:
        return {str(row["feature_id"]): stock_plot(row) for row in self._rows("idle_land")}

    def _rows(self, role: str) -> Sequence[Mapping[str, Any]]:
        if self.desk.workspace.config.current(role) is None:
            return ()
        layer = measured_layer(self.desk.workspace, role)
        rows = layer.attributes.assign(area_dm2=layer.area_dm2).to_dict(orient="records")
        return [{str(name): value for name, value in row.items()} for row in rows]


def plan_at(desk: Desk, scenario: Scenario) -> Plan:
    """The years of a scenario: on the book alone, and with all that is expected."""
    branch, position = branch_at(desk, scenario)
    expected = timeline(desk, scenario, branch)
    firm = branch.book_only()
    alone = expected if firm.supplies == branch.supplies else timeline(desk, scenario, firm)
    editions = {each for facts in branch.sites.values() for each in facts.editions}
    ends = (date(year, 12, 31) for year in scenario.horizon)
    days = tuple(dict.fromkeys((scenario.decision_date, *ends)))
    return Plan(
        scenario.id, scenario.name, scenario.decision_date, scenario.place, scenario.horizon,
        alone, expected, branch.done,
        tuple((each.source, each.likelihood_1e4) for each in branch.supplies
              if each.likelihood_1e4 is not None),
        tuple(sorted(editions, key=lambda each: (each.role, each.edition, each.sha256))),
        desk.law.rules.digest, position,
        plan_costs(expected, (each.lot for each in branch.supplies), branch.done),
        year_ends(expected, scenario.horizon, scenario.farmland, desk.law, place=scenario.place),
        promise_lines(scenario.promises, days, desk.law, place=scenario.place),
    )


def branch_at(desk: Desk, scenario: Scenario) -> tuple[Branch, int]:
    """The branch of a scenario, and the position of the book it was taken from."""
    supplies, position = book_supplies(desk, scenario)
    branch = branch_of(scenario, desk.facts(scenario), supplies, desk.law, DeskGround(desk))
    return branch, position


def timeline(desk: Desk, scenario: Scenario, branch: Branch) -> Timeline:
    """A branch run through the years of a scenario."""
    with _kept():
        return horizon(branch, scenario.horizon, desk.law.rules, desk.examine)


@contextmanager
def _kept() -> Iterator[None]:
    """Look for no garbage meanwhile: a plan only makes what is kept, and looking takes as long."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def book_supplies(desk: Desk, scenario: Scenario) -> tuple[tuple[Supply, ...], int]:
    """What the book gives a scenario and from which day on, up to the end of its horizon.

    A later day gives what may be drawn from then on and could not be drawn before.
    """
    first, last = scenario.decision_date, date(scenario.horizon[-1], 12, 31)
    with book(desk.workspace) as quota:
        later = {each.effective for each in quota.journal() if first < each.effective <= last}
    days = (first, *sorted(later))
    balances, position = desk.book(scenario.id, *days)
    return tuple(_supplies(days, balances)), position


def _supplies(
    days: Sequence[date], balances: Sequence[Sequence[LotBalance]]
) -> Iterator[Supply]:
    had: dict[str, Mapping[str, int]] = {}
    for day, lots in zip(days, balances, strict=True):
        for each in lots:
            before = had.get(each.lot.lot_id, {})
            more = {code: free - before.get(code, 0) for code, free in each.free.items()}
            if day == days[0] or any(amount > 0 for amount in more.values()):
                gained = {code: max(0, amount) for code, amount in more.items()}
                yield Supply(each.lot, gained, day)
            had[each.lot.lot_id] = each.free


@dataclass(frozen=True)
class Why:
    """Why a project or a plan cannot go, what would help, and what would decide it.

    `openings` and `remedies` are those of one project, `repair` is that of a plan.
    """

    conflicts: tuple[Conflict, ...]
    remedies: tuple[Remedy, ...] = ()
    openings: tuple[Opening, ...] = ()
    repair: PlanRepair | None = None


def why_at(desk: Desk, scenario: Scenario, project_id: str | None = None) -> Why:
    """Why a project, or the plan, cannot go within the years, and what would help.

    Raises UsageError for a project that the scenario has not.
    """
    branch, _ = branch_at(desk, scenario)
    years, rules, ground = scenario.horizon, desk.law.rules, DeskGround(desk)
    if project_id is None:
        search = PlanSearch(branch, years, desk.law, ground, desk.examine)
        return Why(plan_conflicts(branch, years, rules, desk.examine), repair=search.repairs())
    if project_id not in {each.id for each in branch.projects}:
        raise UsageError("decide.no_project", project=project_id,
                         have=[each.id for each in branch.projects])
    found = Search(branch, project_id, years, desk.law, ground, desk.examine)
    asked = asked_in_turn(examined_at(desk, branch), stock_at(branch), project_id)
    return Why(project_conflicts(branch, project_id, years[:1], rules, desk.examine),
               found.remedies(), openings(asked, desk.law))


def examined_at(desk: Desk, branch: Branch) -> list[Examined]:
    """The projects of a branch under the law of its decision date."""
    return [desk.examine(each, branch.sites[each.id], branch.decision_date, branch.place,
                         branch.given.get(each.id, ())) for each in branch.projects]


def compare_at(
    desk: Desk, first: Scenario, second: Scenario, other: Desk | None = None
) -> Difference:
    """What changes from one scenario to another, on the decision date and over the years.

    Both are judged after their actions; those that bring quota later count in later years only.
    `other` is the desk of the second where its site files lie elsewhere.
    """
    beside = other or desk
    return compare(outcome_at(desk, first), outcome_at(beside, second),
                   plans=(plan_at(desk, first), plan_at(beside, second)))


def outcome_at(desk: Desk, scenario: Scenario) -> Outcome:
    """A scenario judged on its decision date, after the actions that are done by then."""
    branch, position = branch_at(desk, scenario)
    examined = examined_at(desk, branch)
    return conclude(scenario, turns(examined, stock_at(branch)), is_planned=True,
                    rules_sha256=desk.law.rules.digest, ledger_position=position)


def stock_at(branch: Branch) -> Stock:
    """What the pools have on the decision date of a branch."""
    day = branch.decision_date
    there = [each.balance for each in branch.supplies if each.day <= day]
    return stock((), place=branch.place, on=day, shared=branch.shared).with_more(there).at(day)


def sensitivity_at(
    desk: Desk, scenario: Scenario, *, samples: int = 200, seed: int = 1
) -> Sensitivity:
    """Margins on the decision date, and how often each project goes over seeded samples.

    What is uncertain is what the scenario states: the likelihood of inflows and actions, and the
    confusion of land classes, drawn for each parcel by itself.
    """
    branch, position = branch_at(desk, scenario)
    examined = examined_at(desk, branch)
    sources = tuple((each.source, each.likelihood_1e4) for each in branch.supplies
                    if each.likelihood_1e4 is not None)
    confused = _confused(branch, scenario)
    drawn = _samples(sources, confused, samples, np.random.default_rng(seed))
    counted = odds(branch, scenario.horizon, desk.law.rules, fresh_examine(desk), drawn)
    doubted = [(each.mapped, code) for each in scenario.confusions for code in each.truly]
    return Sensitivity(
        scenario.id, scenario.name, margins(examined, stock_at(branch)), counted, seed, samples,
        len(confused), sources, desk.law.rules.digest, position,
        class_margins(branch, doubted, stock_at(branch), fresh_examine(desk)),
        inflow_margins(branch, scenario.horizon, desk.law.rules, desk.examine,
                       _units(desk.workspace.kinds)))


def _units(kinds: Mapping[str, QuotaKind]) -> dict[tuple[str, str], str]:
    return {(code, each.code): each.unit for code, kind in kinds.items()
            for each in kind.components}


def fresh_examine(desk: Desk) -> Examine:
    """Examines projects without remembering: sampled sites are each asked about once."""
    def examine_once(
        project: Project, facts: SiteFacts, on: date, place: str, given: tuple[Finding, ...] = ()
    ) -> Examined:
        return examine(case_of(project, facts, desk.law, on=on, place=place), given=given)

    return examine_once


def _confused(branch: Branch, scenario: Scenario) -> dict[str, Confusion]:
    """The parcels of all sites whose class the scenario doubts, with what they may be."""
    by_class = {each.mapped: each for each in scenario.confusions}
    return {part.parcel_id: by_class[part.class_code]
            for facts in branch.sites.values() for part in facts.parts
            if part.class_code in by_class}


def _samples(
    sources: Sequence[tuple[str, int]], confused: Mapping[str, Confusion], number: int,
    chance: np.random.Generator,
) -> Iterator[Sample]:
    for _ in range(number):
        came = frozenset(name for name, likely in sources if chance.integers(10_000) < likely)
        classes = {parcel: _drawn_class(each, int(chance.integers(10_000)))
                   for parcel, each in confused.items()}
        yield Sample(came, classes)


def _drawn_class(confusion: Confusion, number: int) -> str:
    for code, share in confusion.truly.items():
        number -= likelihood_1e4(share)
        if number < 0:
            return code
    return confusion.mapped


def _sum(rows: Sequence[Mapping[str, Any]], column: str) -> int:
    return sum(_integer(row.get(column)) or 0 for row in rows)


def _integer(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


__all__ = ["DeskGround", "Why", "book_supplies", "branch_at", "compare_at", "outcome_at", "plan_at",
           "sensitivity_at", "timeline", "why_at"]
