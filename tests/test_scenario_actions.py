"""Actions on a branch: what they bring, what they change, what they leave as it was."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date

import pytest
from deciding import DAY, PLACE, book, finding, only, own_rule, project, site
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import Ground, all_of, branch, law, run, scenario

from zoning.measure.facts import ClassInLine, Part
from zoning.messages import LANGUAGES, say
from zoning.rules.book import RuleBook
from zoning.scenario.actions import (
    Branch,
    apply,
    branch_of,
    shrunk,
)
from zoning.scenario.engine import run as run_engine
from zoning.scenario.outcome import Status
from zoning.scenario.planned import (
    Action,
    BuyLot,
    ClearIdle,
    Condition,
    DropParcels,
    ExpectedInflow,
    Move,
    PointSupply,
    Renew,
    RunLinkage,
    StandardFloor,
    StartLater,
)
from zoning.scenario.renewal import StockPlot

FARM = Part("F1", "0102", 1_000_000, 0, 50)
STOCK = Part("F3", "0102", 500_000, stock_id="XZ-1", converted=True)
PLOTS = {"XZ-1": StockPlot("XZ-1", "idle", 3_000_000),
         "PW-1": StockPlot("PW-1", "approved_unsupplied", 1_000_000, date(2017, 5, 1))}
GROUND = Ground(sites={("XZ-1",): site(STOCK)}, stock=PLOTS,
                linkages={"LK-1": {"area": 700, "paddy": 5, "capacity": 9}})
EARNING = book(plan__earn__idle=own_rule("x", 1).value)
DEEDS = (
    ClearIdle(id="A", plots=("XZ-1",), pool="county", amounts={"total": 5}),
    RunLinkage(id="A", linkage="LK-1", pool="county"),
    BuyLot(id="A", kind="offset", pool="county", amounts={"area": 7}, cost_yuan=12_000),
    PointSupply(id="A", project="P-01", amounts={"total": 9},
                conditions=(Condition(name="投资", met=True),)),
    Renew(id="A", plots=("XZ-1",), project="P-01"),
    Renew(id="A", plots=("XZ-1",)),
    StartLater(id="A", project="P-01", start=date(2020, 1, 1)),
    StandardFloor(id="A", project="P-01", saves=100),
)


def done(at: Branch, action: Action, rules: RuleBook | None = None) -> Branch:
    after = apply(at, action, law(rules or book()), GROUND)
    for language in LANGUAGES:
        assert "{" not in say(after.done[-1].message, language)
    return after


@pytest.mark.parametrize("action", DEEDS, ids=lambda each: each.do)
def test_action_changes_a_branch_and_never_the_state_before(action: Action) -> None:
    before = branch([site(FARM)], [all_of("offset", 5)])
    copied = copy.deepcopy((before.projects, before.sites, before.supplies))
    after = done(before, action)
    assert (before.projects, before.sites, before.supplies) == copied
    assert after.done[-1].status is Status.PASS
    if not isinstance(action, Renew) or action.project:
        assert (after.projects, after.sites, after.supplies) != copied


def test_action_brings_a_dated_lot_apart_from_the_book() -> None:
    bought = done(branch([site(FARM)]), BuyLot(
        id="B-1", kind="offset", pool="county", amounts={"area": 7}, on=date(2020, 1, 1),
        lead_days=31, likelihood=0.25, expires=date(2021, 1, 1)))
    (lot,) = bought.supplies
    assert (lot.day, lot.likelihood_1e4, lot.source, lot.amounts) == (
        date(2020, 2, 1), 2500, "B-1", {"area": 7})
    assert (lot.lot.account.place, lot.lot.expires) == (PLACE, date(2021, 1, 1))
    assert bought.book_only().supplies == ()


def test_clearing_earns_by_the_coefficient_of_the_year() -> None:
    """2020: half of idle land, half of what was approved in 2017 or before, 0.3 of the rest."""
    at = branch([site(FARM)])
    action = ClearIdle(id="A", plots=("XZ-1", "PW-1"), pool="county", on=date(2020, 6, 1))
    after = done(at, action)
    assert after.supplies[0].amounts == {"total": 2_000_000}
    assert {each.rule_id for each in after.done[0].citations} == {
        "plan.earn.idle", "plan.earn.pewg_old"}


def test_clearing_in_a_year_without_a_coefficient_is_undecided_and_named() -> None:
    after = done(branch([site(FARM)]), ClearIdle(id="A", plots=("XZ-1",), pool="county",
                                                  on=date(2022, 6, 1)))
    assert after.supplies == ()
    assert after.done[0].status is Status.UNDECIDED
    assert after.done[0].missing == (f"rule:plan.earn.idle@{PLACE}@2022-06-01",)


def test_a_plot_earns_quota_once_whichever_action_names_it() -> None:
    once = done(branch([site(FARM)]), ClearIdle(id="A", plots=("XZ-1", "XZ-1"), pool="county",
                                                 on=date(2020, 6, 1)))
    assert [each.amounts["total"] for each in once.supplies] == [1_500_000]
    twice = done(once, ClearIdle(id="B", plots=("XZ-1",), pool="county", on=date(2020, 7, 1)))
    assert twice.done[1].status is Status.FAIL
    assert twice.done[1].message.params["by"] == ["A"]
    assert twice.supplies == once.supplies


def test_a_plot_is_built_on_once() -> None:
    land = replace(FARM, stock_id="XZ-1")
    on_it = branch([site(land, site_id="P-01"), site(FARM, site_id="P-02")])
    refused = done(on_it, Renew(id="A", plots=("XZ-1",), project="P-02"))
    assert refused.done[0].status is Status.FAIL
    assert refused.done[0].message.params["by"] == ["P-01"]
    assert refused.sites == on_it.sites


@pytest.mark.parametrize("action", [
    ClearIdle(id="A", plots=("nowhere",), pool="county"),
    Renew(id="A", plots=("nowhere",), project="P-01"),
    RunLinkage(id="A", linkage="nowhere", pool="county"),
    BuyLot(id="A", kind="offset", pool="county"),
    PointSupply(id="A", project="P-01", conditions=(Condition(name="投资", met=False),)),
    StandardFloor(id="A", project="P-01", saves=1_000_000),
    DropParcels(id="A", project="P-01", parcels=("nowhere",)),
], ids=lambda each: each.do)
def test_action_that_cannot_be_done_changes_nothing_and_says_why(action: Action) -> None:
    before = branch([site(FARM)])
    after = done(before, action)
    assert after.done[0].status is Status.FAIL
    assert (after.projects, after.sites, after.supplies, after.given) == (
        before.projects, before.sites, before.supplies, before.given)


def test_linkage_quota_is_to_be_returned_within_three_years() -> None:
    after = done(branch([site(FARM)]), RunLinkage(id="A", linkage="LK-1", pool="county",
                                                   on=date(2020, 2, 29)))
    assert after.supplies[0].lot.expires == date(2023, 2, 28)
    assert after.supplies[0].amounts == {"area": 700, "paddy": 5, "capacity": 9}


def test_linkage_area_is_run_once() -> None:
    run = RunLinkage(id="A", linkage="LK-1", pool="county")
    after = done(done(branch([site(FARM)]), run), run.model_copy(update={"id": "B"}))
    assert [each.status for each in after.done] == [Status.PASS, Status.FAIL]
    assert after.done[1].message.params["by"] == "A"
    assert len(after.supplies) == 1


def test_point_supply_is_undecided_until_every_condition_is_stated() -> None:
    rules = book(debit__point_supply__farmland=("point_supply", "offset"))
    lots = [all_of("offset", 10**9, lot_id="O")]
    amounts = dict.fromkeys(("total", "agricultural", "farmland"), 10**6)
    for conditions, status in (((), Status.UNDECIDED),
                               ((Condition(name="投资"),), Status.UNDECIDED),
                               ((Condition(name="投资", met=True),), Status.PASS)):
        action = PointSupply(id="A", project="P-01", amounts=amounts, conditions=conditions)
        after = done(branch([site(FARM)], lots), action, rules)
        from planning import examining
        going = run(after, examine=examining(rules)).going[0]
        assert (going.day, going.status) == (DAY, status)
    assert after.projects[0].path == "point_supply"


def test_renewed_block_takes_a_project_without_quota() -> None:
    at = branch([site(FARM)])
    assert run(at).going[0].day is None
    after = done(at, Renew(id="A", plots=("XZ-1",), project="P-01", lead_days=400))
    going = run(after).going[0]
    assert (going.status, going.year) == (Status.PASS, 2020)


def test_dropped_parcels_and_moves_are_measured_again() -> None:
    two = project(site={"parcels": ["A", "B"]})
    ground = Ground(sites={("B",): site(Part("F2", "1003", 5))}, moved_site=site(FARM))
    at = branch([site(FARM)], (), two)
    fewer = apply(at, DropParcels(id="A", project="P-01", parcels=("A",)), law(), ground)
    assert fewer.projects[0].site.parcels == ("B",)
    assert fewer.sites["P-01"].area_dm2 == 5
    moved = apply(at, Move(id="A", project="P-01", east=3, north=-4), law(), ground)
    assert ground.asked == [(3, -4)]
    assert moved.sites["P-01"].area_dm2 == 1_000_000


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(("0101", "1003", "0301")), st.integers(1, 10**7)),
                min_size=1, max_size=5), st.integers(0, 10**6), st.data())
def test_smaller_site_sums_and_shrinks_in_proportion(
    land: list[tuple[str, int]], uncovered: int, data: st.DataObject
) -> None:
    facts = site(*(Part(f"F{n}", code, size) for n, (code, size) in enumerate(land)),
                 uncovered_dm2=uncovered, inside={"pbf": 1})
    size = data.draw(st.integers(1, facts.area_dm2))
    less = shrunk(facts, size)
    assert less.area_dm2 == size
    assert sum(part.area_dm2 for part in less.parts) + less.uncovered_dm2 == size
    for before, after in zip(facts.parts, less.parts, strict=True):
        assert abs(after.area_dm2 * facts.area_dm2 - before.area_dm2 * size) <= facts.area_dm2
    hit = {each.role: each.area_dm2 for each in less.lines}
    assert hit["pbf"] == 1
    assert hit["ugb"] == size


def test_branch_of_a_scenario_is_the_book_then_inflows_then_actions() -> None:
    inflow = ExpectedInflow(id="E", kind="offset", pool="county", amounts={"area": "1mu"},
                            effective=date(2020, 1, 1), likelihood=0.5)
    told = scenario(project(), inflows=(inflow,), actions=(DEEDS[2], DEEDS[6]))
    made = branch_of(told, {"P-01": site(FARM)}, [all_of("offset", 5)], law(), GROUND)
    assert [each.source for each in made.supplies] == ["", "E", "A"]
    assert made.supplies[1].amounts == {"area": 66_667}
    assert [each.do for each in made.done] == ["buy_lot", "start_later"]


@pytest.mark.parametrize("action", DEEDS, ids=lambda each: each.do)
def test_action_removed_is_the_state_before(action: Action) -> None:
    sites, lots = {"P-01": site(FARM)}, [all_of("offset", 5)]
    others = (StartLater(id="B", project="P-01", start=date(2019, 9, 9)),)
    without = branch_of(scenario(project(), actions=others), sites, lots, law(), GROUND)
    between = branch_of(scenario(project(), actions=(action, *others)), sites, lots, law(), GROUND)
    again = branch_of(scenario(project(), actions=others), sites, lots, law(), GROUND)
    assert again == without
    assert between != without


def test_stated_condition_is_a_finding_of_the_engine() -> None:
    after = done(branch([site(FARM)]), PointSupply(id="A", project="P-01"))
    from planning import EXAMINE
    asked = EXAMINE(after.projects[0], after.sites["P-01"], DAY, PLACE, after.given["P-01"])
    assert asked.findings[0].missing == ("condition:A/*",)
    plain = run_engine(scenario(project()), {"P-01": site(FARM)}, (), book(), law().classes,
                       law().quota_kinds)
    assert finding(only(plain), "site.area").status is Status.INFO


def test_a_smaller_site_has_less_of_each_class_inside_a_line() -> None:
    facts = site(Part("A", "0103", 1_000_000), inside={"pbf": 600_000})
    cells = (ClassInLine("0103", 400_000), ClassInLine(None, 200_000, covered=False))
    lines = tuple(replace(hit, classes=cells) if hit.role == "pbf" else hit for hit in facts.lines)
    found = shrunk(replace(facts, lines=lines), 500_000)
    hit = next(each for each in found.lines if each.role == "pbf")
    assert hit.area_dm2 == 300_000
    assert [cell.area_dm2 for cell in hit.classes] == [200_000, 100_000]
