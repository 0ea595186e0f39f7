"""Actions on a branch: what a decision brings, and from when; the book itself is never touched.

A branch is plain state: projects, their sites, the quota in the book and the quota to come. Each
action makes a new branch from an old one; leave an action out, and the state is as if it had never
been. An action that cannot be done changes nothing and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import Any, Protocol

from zoning.dates import add_years
from zoning.errors import Message
from zoning.ledger.model import Account, Lot, LotBalance, Vector
from zoning.measure.facts import LineHit, SiteFacts
from zoning.rules.model import Rule
from zoning.scenario.availability import Shared
from zoning.scenario.engine import Law
from zoning.scenario.findings.case import cite
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.outcome import Citation, Finding, Status
from zoning.scenario.planned import (
    Action,
    BuyLot,
    ClearIdle,
    Deed,
    DropParcels,
    ExpectedInflow,
    Move,
    PointSupply,
    Renew,
    RunLinkage,
    StandardFloor,
    StartLater,
    likelihood_1e4,
)
from zoning.scenario.renewal import StockPlot, earned
from zoning.scenario.words import area
from zoning.units import round_half_up, share_out

EXPECTED = "expected"
"""Lots that are not in the book are called ``expected:<id of the inflow or action>``."""


@dataclass(frozen=True)
class Supply:
    """Quota that is there from a day on.

    `likelihood_1e4` is None for what is in the book; `source` names the inflow or action that
    brings the rest.
    """

    lot: Lot
    amounts: Vector
    day: date
    likelihood_1e4: int | None = None
    source: str = ""

    @property
    def balance(self) -> LotBalance:
        """The lot with its amounts free."""
        return LotBalance(self.lot, self.amounts, {}, {})


class Ground(Protocol):
    """What actions ask about the land; geometry stays behind it."""

    def facts(self, project_id: str, site: Site) -> SiteFacts:
        """A site measured. Raises ScenarioError where it is faulty."""
        ...

    def moved(self, project_id: str, site: Site, east: float, north: float) -> SiteFacts:
        """A drawn site measured some metres away. Raises ScenarioError where that cannot be."""
        ...

    def shared(self, sites: Mapping[str, SiteFacts]) -> Shared:
        """The land that some sites have in common, two by two."""
        ...

    def plots(self) -> Mapping[str, StockPlot]:
        """The stock land, by feature id."""
        ...

    def reclaimed(self, linkage: str) -> Mapping[str, int] | None:
        """The linkage quota that a linkage project's demolition would make; None for no such."""
        ...


@dataclass(frozen=True)
class Done:
    """What an action did: PASS done, FAIL not done, UNDECIDED where something is not known."""

    action_id: str
    do: str
    status: Status
    message: Message
    ready: date
    cost_yuan: int | None = None
    missing: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Branch:
    """The state that a plan is made on. `given` are findings on projects stated by actions.

    `taken` says which plots of stock land are spoken for: (``clear`` or ``use``, plot) → the action
    or project. A plot earns quota once, and is built on once; a linkage area is run once.
    `shared` is the land that sites have in common.
    """

    decision_date: date
    place: str
    projects: tuple[Project, ...]
    sites: Mapping[str, SiteFacts]
    supplies: tuple[Supply, ...]
    given: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    done: tuple[Done, ...] = ()
    taken: Mapping[tuple[str, str], str] = field(default_factory=dict)
    shared: Shared = field(default_factory=dict)

    def project(self, project_id: str) -> Project:
        """The project of an id. Raises KeyError for an unknown one."""
        return {each.id: each for each in self.projects}[project_id]

    def with_project(self, project: Project, facts: SiteFacts | None = None) -> Branch:
        """The branch with one project in the place of its former self, on a site."""
        projects = tuple(project if each.id == project.id else each for each in self.projects)
        sites = self.sites if facts is None else {**self.sites, project.id: facts}
        return replace(self, projects=projects, sites=sites)

    def taking(self, what: str, plots: Iterable[str], by: str) -> Branch:
        """The branch with plots of stock land spoken for."""
        return replace(self, taken={**self.taken, **{(what, name): by for name in plots}})

    def noting(self, done: Done) -> Branch:
        """The branch with one more action told."""
        return replace(self, done=(*self.done, done))

    def book_only(self) -> Branch:
        """The branch without the quota that is not in the book."""
        return replace(self, supplies=tuple(
            each for each in self.supplies if each.likelihood_1e4 is None))


def branch_of(
    scenario: Scenario, sites: Mapping[str, SiteFacts], book: Sequence[Supply], law: Law,
    ground: Ground,
) -> Branch:
    """The branch of a scenario: the book, the inflows expected, then the actions in their order."""
    coming = tuple(expected(each, scenario.place) for each in scenario.inflows)
    start = Branch(scenario.decision_date, scenario.place, scenario.projects, dict(sites),
                   (*book, *coming), shared=ground.shared(sites))
    return reduce(lambda branch, action: apply(branch, action, law, ground), scenario.actions,
                  start)


def expected(inflow: ExpectedInflow, place: str) -> Supply:
    """The supply of an expected inflow."""
    lot = Lot(f"{EXPECTED}:{inflow.id}", Account(inflow.place or place, inflow.kind, inflow.pool),
              inflow.effective.year, inflow.document, expires=inflow.expires,
              unit_cost_yuan=inflow.unit_cost_yuan, uses=inflow.uses)
    return Supply(lot, inflow.amounts, inflow.effective, likelihood_1e4(inflow.likelihood),
                  inflow.id)


def apply(branch: Branch, action: Action, law: Law, ground: Ground) -> Branch:
    """The branch after one action. Raises ScenarioError where a site it makes is faulty."""
    after = DEEDS[type(action)](branch, action, law, ground)
    return after if after.sites is branch.sites else replace(
        after, shared=ground.shared(after.sites))


# ── actions that bring quota ─────────────────────────────────────────────────────────────────


def _supply(
    branch: Branch, action: Any, amounts: Vector, *, place: str = "",
    expires: date | None = None, uses: tuple[str, ...] = (),
) -> Branch:
    ready = action.ready(branch.decision_date)
    lot = Lot(f"{EXPECTED}:{action.id}",
              Account(place or branch.place, action.kind, action.pool), ready.year, action.name,
              expires=expires, uses=uses)
    more = Supply(lot, dict(amounts), ready, likelihood_1e4(action.likelihood), action.id)
    return replace(branch, supplies=(*branch.supplies, more))


def _done(
    branch: Branch, action: Deed, key: str, status: Status = Status.PASS,
    missing: tuple[str, ...] = (), rules: tuple[Rule | None, ...] = (), **told: object,
) -> Done:
    return Done(action.id, getattr(action, "do", ""), status,
                Message(f"decide.done.{key}", {"action": action.id, **told}),
                action.ready(branch.decision_date), action.cost_yuan, missing, cite(*rules))


def _clear_idle(branch: Branch, action: ClearIdle, law: Law, ground: Ground) -> Branch:
    names, plots = tuple(dict.fromkeys(action.plots)), ground.plots()
    if refusal := _refused(branch, action, names, plots, "clear"):
        return branch.noting(refusal)
    ready = action.ready(branch.decision_date)
    found = [earned(plots[name], law.rules, on=ready, place=branch.place) for name in names]
    missing = tuple(dict.fromkeys(token for each in found for token in each.missing))
    if missing and "total" not in action.amounts:
        return branch.noting(_done(branch, action, "earning_open", Status.UNDECIDED, missing,
                                   plots=list(names), rules_open=list(missing)))
    amounts = {"total": sum(each.plan_dm2 or 0 for each in found), **action.amounts}
    cleared = _supply(branch, action, amounts).taking("clear", names, action.id)
    return cleared.noting(_done(branch, action, "cleared", plots=list(names),
                                area=area(sum(each.frees_dm2 for each in found)),
                                earned=area(amounts["total"]),
                                rules=tuple(each.rule for each in found)))


def _refused(
    branch: Branch, action: Deed, names: Sequence[str], plots: Mapping[str, StockPlot], what: str
) -> Done | None:
    """Why plots cannot be disposed of: there are none such, or they are spoken for already."""
    if unknown := [name for name in names if name not in plots]:
        return _done(branch, action, "no_plot", Status.FAIL, plots=unknown)
    twice = [name for name in names if (what, name) in branch.taken]
    if not twice:
        return None
    by = sorted({branch.taken[what, name] for name in twice})
    return _done(branch, action, "plot_taken", Status.FAIL, plots=twice, by=by)


def _run_linkage(branch: Branch, action: RunLinkage, law: Law, ground: Ground) -> Branch:
    ready = action.ready(branch.decision_date)
    made = action.amounts or ground.reclaimed(action.linkage)
    if not made:
        return branch.noting(_done(branch, action, "no_linkage", Status.FAIL,
                                   linkage=action.linkage))
    if by := branch.taken.get(("linkage", action.linkage)):
        return branch.noting(_done(branch, action, "linkage_taken", Status.FAIL,
                                   linkage=action.linkage, by=by))
    rule = law.rules.look_up("zjgg.return_years", on=ready, place=branch.place)
    years = rule.value if rule is not None and isinstance(rule.value, int) else None
    expires = None if years is None else add_years(ready, years)
    branch = _supply(branch, action, made, expires=expires).taking(
        "linkage", (action.linkage,), action.id)
    return branch.noting(_done(branch, action, "linkage", linkage=action.linkage,
                               area=area(made.get("area", 0)), rules=(rule,),
                               until=expires.isoformat() if expires else "—"))


def _buy_lot(branch: Branch, action: BuyLot, law: Law, _: Ground) -> Branch:
    if not action.amounts:
        return branch.noting(_done(branch, action, "nothing", Status.FAIL))
    kind = law.quota_kinds[action.kind]
    bought = _supply(branch, action, action.amounts, expires=action.expires, uses=action.uses)
    price = "—" if action.cost_yuan is None else f"{action.cost_yuan:,}"
    return bought.noting(_done(branch, action, "bought", price=price,
                               kind=Message("scenario.text", {"zh": kind.zh, "en": kind.en})))


def _point_supply(branch: Branch, action: PointSupply, _: Law, __: Ground) -> Branch:
    project = branch.project(action.project)
    unmet = [each.name for each in action.conditions if each.met is False]
    unsaid = [each.name for each in action.conditions if each.met is None]
    if unmet:
        return branch.noting(_done(branch, action, "point_refused", Status.FAIL,
                                   project=project.id, conditions=unmet))
    stated = bool(action.conditions) and not unsaid
    missing = () if stated else tuple(f"condition:{action.id}/{name}"
                                      for name in unsaid or ["*"])
    pools = tuple(dict.fromkeys((*project.pools, action.pool)))
    pools = pools if project.pools else _own_pools(branch, action.pool)
    changed = branch.with_project(project.model_copy(
        update={"path": "point_supply", "pools": pools}))
    changed = _supply(changed, action, action.amounts, place=action.place, expires=action.expires)
    key, status = ("point_met", Status.PASS) if stated else ("point_open", Status.UNDECIDED)
    done = _done(branch, action, key, status, missing, project=project.id)
    finding = Finding("action.point_supply", Status.INFO if stated else Status.UNDECIDED,
                      done.message, missing=missing)
    given = {**changed.given, project.id: (*changed.given.get(project.id, ()), finding)}
    return replace(changed, given=given).noting(done)


def _own_pools(branch: Branch, more: str) -> tuple[str, ...]:
    """The pools of the place itself, which a project may use unnamed, with one named more."""
    own = {each.lot.account.pool for each in branch.supplies
           if each.lot.account.place == branch.place}
    return (*sorted(own - {more}), more)


# ── actions that change projects ─────────────────────────────────────────────────────────────


def _renew(branch: Branch, action: Renew, _: Law, ground: Ground) -> Branch:
    names, plots = tuple(dict.fromkeys(action.plots)), ground.plots()
    spoken = branch
    for name, facts in branch.sites.items():
        if name != action.project:
            spoken = spoken.taking("use", filter(None, (p.stock_id for p in facts.parts)), name)
    if refusal := _refused(spoken, action, names, plots, "use"):
        return branch.noting(refusal)
    freed = area(sum(plots[name].area_dm2 for name in names))
    branch = branch.taking("use", names, action.id)
    if action.project is None:
        return branch.noting(_done(branch, action, "renewed", plots=list(names), area=freed))
    project = branch.project(action.project)
    site = Site(layer="idle_land", features=names)
    ready = action.ready(branch.decision_date)
    start = max(ready, project.start or ready)
    moved = branch.with_project(
        project.model_copy(update={"site": site, "path": "stock", "start": start}),
        ground.facts(project.id, site))
    return moved.noting(_done(branch, action, "renewed_for", plots=list(names), area=freed,
                              project=project.id))


def _start_later(branch: Branch, action: StartLater, _: Law, __: Ground) -> Branch:
    project = branch.project(action.project)
    start = max(action.start, project.start or action.start)
    changed = branch.with_project(project.model_copy(update={"start": start}))
    return changed.noting(_done(branch, action, "later", project=project.id,
                                day=start.isoformat()))


def _standard_floor(branch: Branch, action: StandardFloor, _: Law, __: Ground) -> Branch:
    facts = branch.sites[action.project]
    if action.saves >= facts.area_dm2:
        return branch.noting(_done(branch, action, "floor_all", Status.FAIL,
                                   project=action.project, area=area(facts.area_dm2)))
    smaller = shrunk(facts, facts.area_dm2 - action.saves)
    changed = branch.with_project(branch.project(action.project), smaller)
    return changed.noting(_done(branch, action, "floor", project=action.project,
                                area=area(action.saves)))


def shrunk(facts: SiteFacts, area_dm2: int) -> SiteFacts:
    """A site of a smaller area, all its land less in the same proportion."""
    *parts, uncovered, overlap = share_out(
        area_dm2 + 2 * round_half_up(Fraction(facts.overlap_dm2 * area_dm2, facts.area_dm2)),
        [*(part.area_dm2 for part in facts.parts), facts.uncovered_dm2, facts.overlap_dm2])
    kept = tuple(replace(part, area_dm2=less)
                 for part, less in zip(facts.parts, parts, strict=True))
    total = sum(parts) + uncovered - overlap
    return replace(facts, area_dm2=total, parts=kept, uncovered_dm2=uncovered, overlap_dm2=overlap,
                   lines=tuple(_less(hit, total, facts.area_dm2) for hit in facts.lines))


def _less(hit: LineHit, area_dm2: int, whole_dm2: int) -> LineHit:
    """A line hit in proportion; what was whole stays whole, what was hit at all stays hit."""
    def less(value: int) -> int:
        return max(round_half_up(Fraction(value * area_dm2, whole_dm2)), 1 if value else 0)

    inside = min(area_dm2, less(hit.area_dm2))
    cells = share_out(inside, [each.area_dm2 for each in hit.classes]) if hit.classes else []
    classes = tuple(replace(each, area_dm2=part)
                    for each, part in zip(hit.classes, cells, strict=True) if part)
    return replace(hit, area_dm2=inside, classes=classes, sum_dm2=max(inside, less(hit.sum_dm2)),
                   features=tuple(replace(each, area_dm2=less(each.area_dm2))
                                  for each in hit.features))


def _drop_parcels(branch: Branch, action: DropParcels, _: Law, ground: Ground) -> Branch:
    project = branch.project(action.project)
    kept = tuple(name for name in project.site.parcels if name not in action.parcels)
    if not kept or len(kept) == len(project.site.parcels):
        return branch.noting(_done(branch, action, "no_parcels", Status.FAIL, project=project.id))
    site = Site(parcels=kept)
    changed = branch.with_project(project.model_copy(update={"site": site}),
                                  ground.facts(project.id, site))
    return changed.noting(_done(branch, action, "dropped", project=project.id,
                                parcels=list(action.parcels)))


def _move(branch: Branch, action: Move, _: Law, ground: Ground) -> Branch:
    project = branch.project(action.project)
    facts = ground.moved(project.id, project.site, action.east, action.north)
    changed = branch.with_project(project, facts)
    return changed.noting(_done(branch, action, "moved", project=project.id,
                                east=f"{action.east:g}", north=f"{action.north:g}"))


DEEDS: Mapping[type[Any], Callable[..., Branch]] = {
    ClearIdle: _clear_idle, RunLinkage: _run_linkage, BuyLot: _buy_lot,
    PointSupply: _point_supply, Renew: _renew, StartLater: _start_later,
    StandardFloor: _standard_floor, DropParcels: _drop_parcels, Move: _move,
}
"""How each action changes a branch."""

__all__ = [
    "EXPECTED", "Branch", "Done", "Ground", "Supply", "apply", "branch_of", "expected", "shrunk",
]
