"""Repairs of a whole plan, proven together by the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import reduce

from deciding import DAY, book, project, site
from planning import EXAMINE, YEARS, Ground, all_of, branch, examining, law, run

from zoning.measure.facts import Part
from zoning.scenario.actions import Branch, apply
from zoning.scenario.model import Site
from zoning.scenario.plan_remedies import PlanRepair, PlanSearch, Repair
from zoning.scenario.plan_remedies import _cost as cost_of

LAW = law()


def part(name: str, area_dm2: int = 1_000_000) -> Part:
    return Part(name, "0103", area_dm2, 0, 50)


def searched(at: Branch, ground: Ground | None = None) -> PlanRepair:
    found = PlanSearch(at, YEARS, LAW, ground or Ground(), EXAMINE).repairs()
    actions = [action for each in found.repairs if each.remedy for action in each.remedy.actions]
    out = {each.leave_out for each in found.repairs}
    after = reduce(lambda b, action: apply(b, action, LAW, ground or Ground()), actions,
                   replace(at, projects=tuple(p for p in at.projects if p.id not in out)))
    line = run(after)
    assert tuple(each.project_id for each in line.going if each.day) == found.goes
    return found


def kinds(found: PlanRepair) -> dict[str, str]:
    return {each.project_id: each.remedy.family if each.remedy else each.leave_out or ""
            for each in found.repairs}


def quota(plan: int, offset: int) -> list:
    return [all_of("plan_quota", plan, lot_id="Q"), all_of("offset", offset, lot_id="O"),
            all_of("boundary_increment", 10**9, lot_id="B")]


def test_a_plan_that_goes_needs_no_repair() -> None:
    found = searched(branch([site(part("A"))], quota(10**9, 10**9)))
    assert (found.repairs, found.goes, found.stopped) == ((), ("P-01",), ())


def test_each_stopped_project_is_repaired_and_all_go_together() -> None:
    sites = [site(part("A"), site_id="P-01"), site(part("B"), site_id="P-02"),
             site(part("C"), part("D", 10), site_id="P-03", inside={"pbf": 10})]
    clean = {("C",): site(part("C")), ("D",): site(part("D", 10), inside={"pbf": 10})}
    asked = [project(each.site_id, rank=rank) for rank, each in enumerate(sites, start=1)]
    asked[2] = asked[2].model_copy(update={"site": Site(parcels=("C", "D"))})
    at = branch(sites, quota(10**9, 1_500_000), *asked)
    found = searched(at, Ground(sites=clean))
    assert found.stopped == ()
    assert found.goes == ("P-01", "P-02", "P-03")
    assert kinds(found) == {"P-02": "buy", "P-03": "drop+buy"}


def test_a_project_that_need_not_go_makes_room() -> None:
    sites = [site(part("A"), site_id="P-01"), site(part("B"), site_id="P-02")]
    asked = [project("P-01", rank=1, must=False), project("P-02", rank=2, kind="public")]
    have = [all_of(kind, 1_000_000, lot_id=kind) for kind in ("plan_quota", "offset")]
    found = searched(branch(sites, have, *asked))
    assert kinds(found) == {"P-02": "point_supply+buy"}
    separate = [asked[0], asked[1].model_copy(update={"path": "separate"})]
    rules = book(**{f"debit__separate__{land}": ("plan_quota", "offset")
                    for land in ("farmland", "other_agricultural", "unused")})
    at = branch(sites, have, *separate)
    found = PlanSearch(at, YEARS, law(rules), Ground(), examining(rules)).repairs()
    assert (kinds(found), found.stopped) == ({"P-02": "P-01"}, ())


def test_where_nothing_helps_it_is_said() -> None:
    single = site(part("A"), inside={"pbf": 1_000_000})
    ground = Ground(sites={("A",): single})
    found = searched(branch([single], quota(10**9, 10**9)), ground)
    assert kinds(found) == {"P-01": ""}
    assert (found.goes, found.stopped) == ((), ("P-01",))


def test_no_repair_stops_a_project_that_went() -> None:
    sites = [site(part("A"), site_id="P-01"), site(part("B", 400_000), site_id="P-02")]
    at = branch(sites, quota(1_000_000, 10**9), on=DAY)
    went = {each.project_id for each in run(at).going if each.day}
    found = searched(at)
    assert (went, found.goes) == ({"P-01"}, ("P-01", "P-02"))


def test_a_plan_that_waits_for_quota_is_no_plan_that_is_stopped() -> None:
    late = [all_of("plan_quota", 10**9, date(2020, 3, 1), lot_id="Q"), *quota(0, 10**9)[1:]]
    assert searched(branch([site(part("A"))], late)).repairs == ()


RULES = book(**{f"debit__separate__{land}": ("plan_quota",)
                for land in ("farmland", "other_agricultural", "unused")})


def crowded() -> Branch:
    """Two projects that need not go have all the quota that two others would need."""
    sizes = {"S": 300_000, "B": 1_000_000, "P1": 300_000, "P2": 700_000}
    sites = [site(part(name, size), site_id=name) for name, size in sizes.items()]
    asked = [project(name, rank=rank, must=name.startswith("P"), path="separate")
             for rank, name in enumerate(sizes, start=1)]
    return branch(sites, [all_of("plan_quota", 1_300_000, lot_id="Q")], *asked)


def test_the_cheapest_of_all_combinations_is_found_and_said_to_be_exact() -> None:
    search = PlanSearch(crowded(), YEARS, law(RULES), Ground(), examining(RULES))
    found = search.repairs()
    assert (kinds(found), found.is_exact, found.stopped) == ({"P1": "B"}, True, ())
    assert found.goes == ("S", "P1", "P2")


def test_where_not_all_combinations_were_tried_it_is_said() -> None:
    search = PlanSearch(crowded(), YEARS, law(RULES), Ground(), examining(RULES), 0)
    found = search.repairs()
    assert (found.is_exact, found.stopped) == (False, ())


def test_costs_never_grow_less_by_one_repair_more() -> None:
    repairs = [Repair("P1", leave_out="B", size=5), Repair("P2"), Repair("P3", leave_out="S")]
    costs = [cost_of(repairs[:number], 0) for number in range(4)]
    assert costs == sorted(costs)
